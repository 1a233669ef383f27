"""The table behind rate limits."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from voicechanger.kit.database import Base


class RateLimit(Base):
    """How far one caller has spent ahead (GCRA): the moment at which all of it will have flowed back.

    Unlogged: a crash of the database forgives everyone, which costs nothing, and a request writes no journal.
    """

    __tablename__ = "rate_limits"
    __table_args__ = {"prefixes": ["UNLOGGED"]}  # noqa: RUF012  # SQLAlchemy reads it so

    key: Mapped[str] = mapped_column(String(100), primary_key=True)
    """`account:<id>` or `failures:<address>`."""
    full_at: Mapped[datetime]
    """When the whole allowance is there again."""
    allowed: Mapped[bool]
    """How the last request was answered."""
