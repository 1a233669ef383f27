"""Tables of custom voices and of what was learned from clips."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from voicechanger.kit.database import Base, now


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
    status: Mapped[str] = mapped_column(String(12), default="processing")
    failure_code: Mapped[str | None] = mapped_column(String(64))
    failure_message: Mapped[str | None] = mapped_column(Text)
    clip_key: Mapped[str] = mapped_column(String(300))
    """Canonical FLAC of the reference, 24 kHz mono."""
    clip_sha256: Mapped[str] = mapped_column(String(64))
    clip_report: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """Figures of the clip: seconds, noise, speech share (see ClipReport)."""
    consent: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    """Who stated what and when."""
    image_key: Mapped[str | None] = mapped_column(String(300))
    preview_key: Mapped[str | None] = mapped_column(String(300))
    preview_job_id: Mapped[uuid.UUID | None]
    refined_voiceprint: Mapped[bytes | None]
    """Better than the one-pass voiceprint, when enrolment found one."""
    refinement: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    """What refinement gained, by its own measures."""
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)


class Voiceprint(Base):
    """What the encoder made of a clip, kept so that it is computed once; goes with the last user of the clip."""

    __tablename__ = "voiceprints"

    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True)
    clip_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    encoder_version: Mapped[str] = mapped_column(String(64))
    data: Mapped[bytes]
    """`Voice.to_bytes`."""
    created_at: Mapped[datetime] = mapped_column(default=now)
