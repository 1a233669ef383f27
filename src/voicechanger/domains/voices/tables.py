"""Tables of custom voices and of their refinement."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from voicechanger.kit.database import Base, now


class VoiceStatus(StrEnum):
    """Whether a voice can speak."""

    PROCESSING = "processing"
    READY = "ready"
    FAILED = "failed"


class RefinementStatus(StrEnum):
    """How far the refinement of a voice is."""

    WAITING = "waiting"
    """Rounds are left."""
    BETTER = "better"
    """Jobs speak with the refined profile."""
    NO_BETTER = "no_better"
    FAILED = "failed"


class CustomVoice(Base):
    """A voice that an account has saved."""

    __tablename__ = "custom_voices"
    __table_args__ = (
        CheckConstraint("status IN ('processing', 'ready', 'failed')", name="status"),
        Index("ix_custom_voices_account", "account_id", "created_at", "id"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(100))
    status: Mapped[str] = mapped_column(String(12), default=VoiceStatus.PROCESSING)
    failure_code: Mapped[str | None] = mapped_column(String(64))
    failure_message: Mapped[str | None] = mapped_column(Text)
    clip_key: Mapped[str] = mapped_column(String(300))
    """Canonical FLAC of the reference, 24 kHz mono."""
    clip_sha256: Mapped[str] = mapped_column(String(64))
    clip_report: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """Figures of the clip: seconds, noise, speech share (see ClipReport)."""
    consent: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    """The owner's statement, its time and the key that sent it."""
    image_key: Mapped[str | None] = mapped_column(String(300))
    preview_key: Mapped[str | None] = mapped_column(String(300))
    preview_job_id: Mapped[uuid.UUID | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)

    refinement: Mapped[RefinementRecord | None] = relationship(
        lazy="selectin", cascade="all, delete-orphan", passive_deletes=True, single_parent=True
    )
    """None until the voice is ready, and where the server does not refine voices."""


class RefinementRecord(Base):
    """How far the refinement of a voice is, and the engine's state between two rounds."""

    __tablename__ = "voice_refinements"
    __table_args__ = (CheckConstraint("status IN ('waiting', 'better', 'no_better', 'failed')", name="status"),)

    voice_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("custom_voices.id", ondelete="CASCADE"), primary_key=True)
    status: Mapped[str] = mapped_column(String(12), default=RefinementStatus.WAITING)
    rounds: Mapped[int] = mapped_column(default=0)
    likeness_before: Mapped[float | None]
    """Likeness to the clip after the encoder's one pass, by the engine's own measure, -1 to 1."""
    likeness_after: Mapped[float | None]
    failure_code: Mapped[str | None] = mapped_column(String(64))
    state: Mapped[bytes | None] = mapped_column(deferred=True)
    """`Refinement.to_bytes`; loaded by the refinement task only."""
