"""Clips with their uses, voice profiles by clip, and a table for refinement."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    _create_tables()
    _fill_clips()
    _fill_profiles()
    _fill_refinements()
    op.drop_table("voiceprints")
    op.drop_column("custom_voices", "refined_voiceprint")
    op.drop_column("custom_voices", "refinement")
    op.drop_index("ix_jobs_clip", "jobs")


def _create_tables() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "clips",
        sa.Column("key", sa.String(length=300), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_clips_account_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_clips")),
    )
    op.create_index("ix_clips_samples", "clips", ["account_id", "sha256"])
    op.create_table(
        "clip_uses",
        sa.Column("clip_key", sa.String(length=300), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["clip_key"], ["clips.key"], name=op.f("fk_clip_uses_clip_key"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("clip_key", "user_id", name=op.f("pk_clip_uses")),
    )
    op.create_table(
        "voice_profiles",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("clip_sha256", sa.String(length=64), nullable=False),
        sa.Column("refined", sa.Boolean(), nullable=False),
        sa.Column("encoder_version", sa.String(length=64), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_voice_profiles_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", "clip_sha256", "refined", name=op.f("pk_voice_profiles")),
    )
    op.create_table(
        "voice_refinements",
        sa.Column("voice_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("rounds", sa.Integer(), nullable=False),
        sa.Column("likeness_before", sa.Float(), nullable=True),
        sa.Column("likeness_after", sa.Float(), nullable=True),
        sa.Column("failure_code", sa.String(length=64), nullable=True),
        sa.Column("state", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint(
            "status IN ('waiting', 'better', 'no_better', 'failed')", name=op.f("ck_voice_refinements_status")
        ),
        sa.ForeignKeyConstraint(
            ["voice_id"], ["custom_voices.id"], name=op.f("fk_voice_refinements_voice_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("voice_id", name=op.f("pk_voice_refinements")),
    )


def _fill_clips() -> None:
    # an ended job of a saved voice no longer uses the voice's clip
    op.execute(
        "UPDATE jobs SET clip_key = NULL WHERE custom_voice_id IS NOT NULL AND status NOT IN ('queued', 'processing')"
    )
    op.execute(
        "INSERT INTO clips (key, account_id, sha256, created_at)"
        " SELECT DISTINCT ON (clip_key) clip_key, account_id, clip_sha256, created_at FROM"
        " (SELECT clip_key, account_id, clip_sha256, created_at FROM custom_voices"
        "  UNION ALL SELECT clip_key, account_id, clip_sha256, created_at FROM jobs WHERE clip_key IS NOT NULL) used"
        " ORDER BY clip_key, created_at"
    )
    op.execute(
        "INSERT INTO clip_uses (clip_key, user_id)"
        " SELECT clip_key, id FROM custom_voices UNION SELECT clip_key, id FROM jobs WHERE clip_key IS NOT NULL"
    )


def _fill_profiles() -> None:
    op.execute(
        "INSERT INTO voice_profiles (account_id, clip_sha256, refined, encoder_version, data, created_at)"
        " SELECT account_id, clip_sha256, false, encoder_version, data, created_at FROM voiceprints old"
        " WHERE EXISTS (SELECT 1 FROM clips WHERE clips.account_id = old.account_id AND sha256 = old.clip_sha256)"
    )
    connection = op.get_bind()
    refined = connection.execute(
        sa.text(
            "SELECT account_id, clip_sha256, refined_voiceprint AS data FROM custom_voices"
            " WHERE refined_voiceprint IS NOT NULL"
        )
    )
    write = sa.text(
        "INSERT INTO voice_profiles (account_id, clip_sha256, refined, encoder_version, data, created_at)"
        " VALUES (:account_id, :clip_sha256, true, :version, :data, now()) ON CONFLICT DO NOTHING"
    )
    for row in refined.mappings().all():
        connection.execute(write, {**row, "version": _version_of(bytes(row["data"]))})


def _version_of(profile: bytes) -> str:
    """Return the encoder version in the header of a profile: 4 bytes of magic, 4 bytes of length, then JSON."""
    size = int.from_bytes(profile[4:8], "little")
    return str(json.loads(profile[8 : 8 + size])["encoder_version"])


def _fill_refinements() -> None:
    connection = op.get_bind()
    old = connection.execute(sa.text("SELECT id, refinement FROM custom_voices WHERE refinement IS NOT NULL"))
    write = sa.text(
        "INSERT INTO voice_refinements (voice_id, status, rounds, likeness_before, likeness_after, failure_code, state)"
        " VALUES (:voice_id, :status, :rounds, :likeness_before, :likeness_after, :failure_code, :state)"
    ).bindparams(sa.bindparam("state", type_=postgresql.BYTEA))
    for voice_id, record in old.all():
        connection.execute(write, {"voice_id": voice_id, **_row_of(record)})


def _row_of(record: dict[str, Any]) -> dict[str, Any]:
    """Return the columns of a record that was stored as JSON."""
    state: dict[str, Any] = record.get("state") or {}
    return {
        "status": record["status"],
        "rounds": state.get("rounds", 0),
        "likeness_before": state.get("likeness_before"),
        "likeness_after": state.get("likeness_after"),
        "failure_code": record.get("code"),
        "state": json.dumps(state).encode() if state else None,
    }
