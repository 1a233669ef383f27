"""Revision 0006 keeps every clip, voice profile and refinement of a database that was in use."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, text

from voicechanger.migrations.run import migrate

ACCOUNT, VOICE = uuid.uuid4(), uuid.uuid4()
OPEN, ENDED, UPLOAD = uuid.uuid4(), uuid.uuid4(), uuid.uuid4()
HEAD = json.dumps({"encoder_version": "offsets-1"}).encode()
REFINED = b"VCV1" + len(HEAD).to_bytes(4, "little") + HEAD
REFINEMENT = {
    "status": "better",
    "state": {"encoder_version": "offsets-1", "rounds": 7, "likeness_before": 0.5, "likeness_after": 0.8},
}


@pytest.fixture
def migrated(empty_database_url: str) -> Any:
    """A connection to a database that was filled at 0004 and then brought to the newest revision."""
    migrate(empty_database_url, "0004")
    engine = create_engine(empty_database_url)
    with engine.begin() as connection:
        _fill(connection)
    migrate(empty_database_url)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def _fill(connection: Connection) -> None:
    connection.execute(text("INSERT INTO accounts (id, name, created_at) VALUES (:id, 'Ada', now())"), {"id": ACCOUNT})
    voice = (
        "INSERT INTO custom_voices (id, account_id, name, status, clip_key, clip_sha256, clip_report,"
        " refined_voiceprint, refinement, created_at, updated_at)"
        " VALUES (:id, :account, 'Ada', 'ready', 'clips/voice', 'aa', '{}', :refined, :refinement, now(), now())"
    )
    values = {"id": VOICE, "account": ACCOUNT, "refined": REFINED, "refinement": json.dumps(REFINEMENT)}
    connection.execute(text(voice), values)
    for sha256 in ("aa", "bb", "gone"):
        connection.execute(
            text("INSERT INTO voiceprints VALUES (:account, :sha256, 'offsets-2', 'x', now())"),
            {"account": ACCOUNT, "sha256": sha256},
        )
    _job(connection, OPEN, "queued", VOICE, "clips/voice", "aa")
    _job(connection, ENDED, "completed", VOICE, "clips/voice", "aa")
    _job(connection, UPLOAD, "completed", None, "clips/upload", "bb")


def _job(connection: Connection, job: uuid.UUID, status: str, voice: uuid.UUID | None, key: str, sha256: str) -> None:
    connection.execute(
        text(
            "INSERT INTO jobs (id, account_id, kind, status, attempt, progress, text, characters, language, speed,"
            " format, mode, custom_voice_id, clip_key, clip_sha256, credits_reserved, created_at)"
            " VALUES (:id, :account, 'speech', :status, 0, 0, 'Hi', 2, 'auto', 1, 'wav', 'async', :voice, :key,"
            " :sha256, 2, now())"
        ),
        {"id": job, "account": ACCOUNT, "status": status, "voice": voice, "key": key, "sha256": sha256},
    )


def rows(connection: Connection, query: str) -> list[Any]:
    return [tuple(row) for row in connection.execute(text(query))]


def test_clips_know_who_uses_them(migrated: Connection) -> None:
    assert set(rows(migrated, "SELECT key, sha256 FROM clips")) == {("clips/voice", "aa"), ("clips/upload", "bb")}
    uses = {("clips/voice", VOICE), ("clips/voice", OPEN), ("clips/upload", UPLOAD)}
    assert set(rows(migrated, "SELECT clip_key, user_id FROM clip_uses")) == uses
    assert rows(migrated, f"SELECT clip_key FROM jobs WHERE id = '{ENDED}'") == [(None,)]


def test_profiles_go_with_their_clips(migrated: Connection) -> None:
    found = set(rows(migrated, "SELECT clip_sha256, refined, encoder_version FROM voice_profiles"))
    assert found == {("aa", False, "offsets-2"), ("aa", True, "offsets-1"), ("bb", False, "offsets-2")}
    assert bytes(rows(migrated, "SELECT data FROM voice_profiles WHERE refined")[0][0]) == REFINED


def test_refinements_are_rows(migrated: Connection) -> None:
    query = "SELECT voice_id, status, rounds, likeness_before, likeness_after FROM voice_refinements"
    assert rows(migrated, query) == [(VOICE, "better", 7, 0.5, 0.8)]
    state = bytes(rows(migrated, "SELECT state FROM voice_refinements")[0][0])
    assert json.loads(state) == REFINEMENT["state"]
