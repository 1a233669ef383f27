"""The table of rate limits."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from voicechanger.kit.database import Base


class RateLimit(Base):
    """How much of its allowance a caller has used (GCRA): the time at which all of it is available again.

    Unlogged: a crash of the database resets every limit, which does no harm, and a request writes no journal.
    """

    __tablename__ = "rate_limits"
    __table_args__ = {"prefixes": ["UNLOGGED"]}  # noqa: RUF012  # SQLAlchemy reads it so

    key: Mapped[str] = mapped_column(String(100), primary_key=True)
    """`account:<id>` or `failures:<address>`."""
    full_at: Mapped[datetime]
    """When the whole allowance is available again."""
    allowed: Mapped[bool]
    """Whether the last request was allowed."""
