"""Pronunciations of an account, and those that a job was accepted with."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "pronunciations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("word", sa.String(length=60), nullable=False),
        sa.Column("folded", sa.String(length=180), nullable=False),
        sa.Column("language", sa.String(length=10), nullable=False),
        sa.Column("phonemes", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_pronunciations_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pronunciations")),
        sa.UniqueConstraint(
            "account_id", "folded", "language", name=op.f("uq_pronunciations_account_id_folded_language")
        ),
    )
    op.create_index("ix_pronunciations_account", "pronunciations", ["account_id", "created_at", "id"])
    op.add_column("jobs", sa.Column("lexicon", postgresql.JSONB(astext_type=sa.Text()), nullable=True))
