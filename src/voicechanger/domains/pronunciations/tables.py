"""The table of pronunciations."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from voicechanger.kit.database import Base, now


class Pronunciation(Base):
    """The pronunciation of a word, in one language or in all."""

    __tablename__ = "pronunciations"
    __table_args__ = (
        UniqueConstraint("account_id", "folded", "language"),
        Index("ix_pronunciations_account", "account_id", "created_at", "id"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    word: Mapped[str] = mapped_column(String(60))
    """As the caller wrote it, normalized to plain characters."""
    folded: Mapped[str] = mapped_column(String(180))
    """Case-folded, up to three times as long: words that differ only in case are the same entry."""
    language: Mapped[str] = mapped_column(String(10))
    """Language tag, or `any`."""
    phonemes: Mapped[str] = mapped_column(String(200))
    """In symbols of the model."""
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)
