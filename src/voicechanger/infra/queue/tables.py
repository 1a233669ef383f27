"""Tables of worker processes and of failed chores."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from voicechanger.kit.database import Base, now


class Worker(Base):
    """One worker process; it updates its row every few seconds while it runs."""

    __tablename__ = "workers"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    host: Mapped[str] = mapped_column(String(255))
    pid: Mapped[int]
    version: Mapped[str] = mapped_column(String(40))
    ready: Mapped[bool] = mapped_column(default=False)
    """Whether the models are loaded and warmed up."""
    started_at: Mapped[datetime] = mapped_column(default=now)
    seen_at: Mapped[datetime] = mapped_column(default=now)


class ChoreFailure(Base):
    """How often a chore has failed in all workers."""

    __tablename__ = "chore_failures"

    chore: Mapped[str] = mapped_column(String(100), primary_key=True)
    count: Mapped[int] = mapped_column(BigInteger)
    last_error: Mapped[str] = mapped_column(String(100))
    """Type of the last error."""
    last_failed_at: Mapped[datetime]
