"""Tables of stored reference clips, of who uses them, and of what the encoder made of them."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from voicechanger.kit.database import Base, now


class Clip(Base):
    """A checked recording in storage: canonical FLAC, 24 kHz, mono."""

    __tablename__ = "clips"
    __table_args__ = (Index("ix_clips_samples", "account_id", "sha256"),)

    key: Mapped[str] = mapped_column(String(300), primary_key=True)
    """Key of the file in storage."""
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    sha256: Mapped[str] = mapped_column(String(64))
    """Hash of the canonical samples; two uploads of one recording share it."""
    created_at: Mapped[datetime] = mapped_column(default=now)


class ClipUse(Base):
    """One job or voice that still needs a clip.  The clip goes with the last of them."""

    __tablename__ = "clip_uses"

    clip_key: Mapped[str] = mapped_column(ForeignKey("clips.key", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    """Id of the job or voice."""


class VoiceProfile(Base):
    """How a clip's speaker sounds, computed once; goes with the last clip of these samples."""

    __tablename__ = "voice_profiles"

    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True)
    clip_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    refined: Mapped[bool] = mapped_column(primary_key=True)
    """True for the result of refinement, which is preferred; False for the encoder's one pass."""
    encoder_version: Mapped[str] = mapped_column(String(64))
    data: Mapped[bytes]
    """`Voice.to_bytes`."""
    created_at: Mapped[datetime] = mapped_column(default=now)
