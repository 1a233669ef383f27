"""The credit ledger."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from voicechanger.kit.database import Base, now


class CreditEntry(Base):
    """One movement of credits.  Append-only: a trigger refuses updates and deletes of live accounts' entries.

    The balance is the sum of `amount`.  A job has exactly one `reserve` and at most one ending
    (`settle` or `release`); the two partial indexes make it so whatever the code does.
    """

    __tablename__ = "credit_entries"
    __table_args__ = (
        CheckConstraint("kind IN ('grant', 'reserve', 'settle', 'release')", name="kind"),
        CheckConstraint("(kind = 'grant') = (job_id IS NULL)", name="job"),
        CheckConstraint("kind = 'grant' OR (kind = 'reserve' AND amount <= 0) OR amount >= 0", name="sign"),
        Index("uq_credit_entries_reserve", "job_id", unique=True, postgresql_where=text("kind = 'reserve'")),
        Index(
            "uq_credit_entries_ending",
            "job_id",
            unique=True,
            postgresql_where=text("kind IN ('settle', 'release')"),
        ),
        Index("ix_credit_entries_account", "account_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(10))
    amount: Mapped[int] = mapped_column(BigInteger)
    """Added to the balance: grants as given, reserves negative, endings what comes back."""
    job_id: Mapped[uuid.UUID | None]
    """No foreign key: the ledger outlives a deleted job."""
    key_id: Mapped[uuid.UUID | None]
    """The API key that reserved, for caps."""
    characters: Mapped[int | None]
    """Code points of the job's text, in its `settle` entry; None in older entries."""
    seconds: Mapped[float | None]
    """Length of the job's recording, in its `settle` entry; None in older entries."""
    note: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime] = mapped_column(default=now)
