"""Characters and seconds of completed jobs in the ledger; failures of chores.

Code of the previous version works on this schema too: the new columns may be null.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_FILL = """
UPDATE credit_entries
   SET characters = jobs.characters, seconds = coalesce(jobs.duration_seconds, 0)
  FROM jobs
 WHERE jobs.id = credit_entries.job_id AND credit_entries.kind = 'settle'
"""


def upgrade() -> None:
    op.add_column("credit_entries", sa.Column("characters", sa.Integer(), nullable=True))
    op.add_column("credit_entries", sa.Column("seconds", sa.Float(53), nullable=True))
    # the trigger forbids changes of entries; the lock of ALTER TABLE keeps other sessions out until the end
    op.execute("ALTER TABLE credit_entries DISABLE TRIGGER credit_entries_append_only")
    op.execute(_FILL)
    op.execute("ALTER TABLE credit_entries ENABLE TRIGGER credit_entries_append_only")
    op.create_table(
        "chore_failures",
        sa.Column("chore", sa.String(length=100), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("last_error", sa.String(length=100), nullable=False),
        sa.Column("last_failed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("chore", name=op.f("pk_chore_failures")),
    )
