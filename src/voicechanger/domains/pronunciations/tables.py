"""The table of pronunciations."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from voicechanger.kit.database import Base, now


class Pronunciation(Base):
    """How an account wants a word said, in one language or in any."""

    __tablename__ = "pronunciations"
    __table_args__ = (
        UniqueConstraint("account_id", "folded", "language"),
        Index("ix_pronunciations_account", "account_id", "created_at", "id"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    word: Mapped[str] = mapped_column(String(60))
    """As written, made plain."""
    folded: Mapped[str] = mapped_column(String(180))
    """Case-folded, which may be up to three times as long: words that differ in case alone are one."""
    language: Mapped[str] = mapped_column(String(10))
    """A tag, or `any`."""
    phonemes: Mapped[str] = mapped_column(String(200))
    """In the model's symbols."""
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)
