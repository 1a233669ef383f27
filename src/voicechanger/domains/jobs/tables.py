"""The table of jobs."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from voicechanger.kit.database import Base, now


class JobStatus(StrEnum):
    """Where a job stands: queued → processing → completed, failed or canceled."""

    QUEUED = "queued"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELED = "canceled"


class JobKind(StrEnum):
    """What a job was accepted for."""

    SPEECH = "speech"
    """A request."""
    PREVIEW = "preview"
    """A saved voice; costs nothing."""


class JobMode(StrEnum):
    """How the request waits for its job."""

    ASYNC = "async"
    SYNC = "sync"
    STREAM = "stream"


OPEN = (JobStatus.QUEUED, JobStatus.PROCESSING)
"""Statuses of a job that still holds its reservation."""


class Job(Base):
    """One synthesis from request to result."""

    __tablename__ = "jobs"
    __table_args__ = (
        CheckConstraint("status IN ('queued', 'processing', 'completed', 'failed', 'canceled')", name="status"),
        CheckConstraint("kind IN ('speech', 'preview')", name="kind"),
        CheckConstraint("progress BETWEEN 0 AND 1", name="progress"),
        Index("ix_jobs_account", "account_id", "created_at", "id"),
        Index("ix_jobs_open", "account_id", postgresql_where=text("status IN ('queued', 'processing')")),
        Index("ix_jobs_queued", "created_at", postgresql_where=text("status = 'queued'")),
        Index("ix_jobs_expiry", "result_expires_at", postgresql_where=text("text IS NOT NULL")),
        Index("ix_jobs_finished", "finished_at", postgresql_where=text("finished_at IS NOT NULL")),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    key_id: Mapped[uuid.UUID | None]
    kind: Mapped[str] = mapped_column(String(10), default=JobKind.SPEECH)
    status: Mapped[str] = mapped_column(String(12), default=JobStatus.QUEUED)
    attempt: Mapped[int] = mapped_column(default=0)
    """Starts so far, lost workers included."""
    lease_token: Mapped[uuid.UUID | None]
    """Fencing token: a worker that does not hold it (taken for dead, or its job was canceled) can change nothing."""
    progress: Mapped[float] = mapped_column(default=0.0)

    # the request
    text: Mapped[str | None] = mapped_column(Text)
    """None once the job has outlived its retention."""
    characters: Mapped[int]
    lexicon: Mapped[dict[str, dict[str, str]] | None] = mapped_column(JSONB(none_as_null=True))
    """The account's pronunciations that the text needs, as they were when the job was accepted; goes with the text."""
    language: Mapped[str] = mapped_column(String(10))
    speed: Mapped[float]
    duration: Mapped[float | None]
    """Target length, in seconds."""
    format: Mapped[str] = mapped_column(String(8))
    mode: Mapped[str] = mapped_column(String(8))
    """A `JobMode`."""
    custom_voice_id: Mapped[uuid.UUID | None]
    """No foreign key: the voice may be deleted while the job stays."""
    clip_key: Mapped[str | None] = mapped_column(String(300))
    """The reference in storage, a clip that this job uses; None once it was released."""
    clip_sha256: Mapped[str] = mapped_column(String(64))

    # results
    credits_reserved: Mapped[int] = mapped_column(BigInteger)
    credits_charged: Mapped[int | None] = mapped_column(BigInteger)
    result_key: Mapped[str | None] = mapped_column(String(300))
    result_bytes: Mapped[int | None] = mapped_column(BigInteger)
    result_expires_at: Mapped[datetime | None]
    """Set when the job ends, however it ends: then text, reference and result are removed."""
    duration_seconds: Mapped[float | None]
    effective_speed: Mapped[float | None]
    detected_languages: Mapped[list[str] | None] = mapped_column(ARRAY(String(10)))
    notices: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    timestamps_key: Mapped[str | None] = mapped_column(String(300))
    error_code: Mapped[str | None] = mapped_column(String(64))
    error_message: Mapped[str | None] = mapped_column(Text)
    error_status: Mapped[int | None]
    """HTTP status of the error when a waiting request reports it."""
    error_extra: Mapped[dict[str, Any] | None] = mapped_column(JSONB)

    created_at: Mapped[datetime] = mapped_column(default=now)
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]

    @property
    def is_open(self) -> bool:
        """Whether it still holds its reservation."""
        return self.status in OPEN
