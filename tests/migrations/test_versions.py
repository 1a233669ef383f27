"""This version on a database that an older or a newer release migrated."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from alembic.script import ScriptDirectory

from tests.support.server import settings_for
from voicechanger.launcher.errors import ServingError
from voicechanger.launcher.schema import require_current
from voicechanger.migrations.run import alembic_config, migrate
from voicechanger.migrations.state import Schema, schema_state

SCRIPTS = ScriptDirectory.from_config(alembic_config())
HEAD = SCRIPTS.get_current_head()


@pytest.fixture
def previous_url(empty_database_url: str) -> str:
    """A database at the revision before this version's."""
    assert HEAD is not None
    migrate(empty_database_url, str(SCRIPTS.get_revision(HEAD).down_revision))
    return empty_database_url


@pytest.fixture
def newer_url(fresh_database_url: str) -> str:
    """A database at a revision that this version does not know."""
    execute(fresh_database_url, "UPDATE alembic_version SET version_num = '9999'")
    return fresh_database_url


def execute(url: str, statement: str) -> None:
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(statement.encode())


def command(url: str, name: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"DATABASE_URL": url, "SECRET_KEY": "0123456789abcdef0123456789abcdef", "PORT": "0"}
    return subprocess.run(
        [sys.executable, "-m", "voicechanger", name], env=environment, capture_output=True, text=True, timeout=120
    )


def test_an_older_schema_is_refused_with_the_command_to_run(previous_url: str) -> None:
    assert schema_state(previous_url).schema is Schema.BEHIND
    for name in ("api", "worker"):
        done = command(previous_url, name)
        assert done.returncode == 1
        assert f"needs {HEAD}: run `voicechanger migrate` first" in done.stderr
        assert "Traceback" not in done.stderr
    assert command(previous_url, "migrate").returncode == 0
    assert schema_state(previous_url).schema is Schema.CURRENT


def test_a_newer_schema_is_refused_and_nothing_is_changed(newer_url: str) -> None:
    with pytest.raises(ServingError, match=r"schema 9999.*a newer release migrated it"):
        require_current(settings_for(newer_url, Path("nowhere")))
    done = command(newer_url, "migrate")
    assert done.returncode == 1
    assert "a newer release migrated it" in done.stderr
    assert "Traceback" not in done.stderr
    assert schema_state(newer_url).schema is Schema.NEWER


def test_an_empty_database_is_behind(empty_database_url: str) -> None:
    assert schema_state(empty_database_url).schema is Schema.BEHIND


def test_a_missing_migration_of_the_queue_counts(fresh_database_url: str) -> None:
    execute(fresh_database_url, "DELETE FROM queue_migrations WHERE name = (SELECT max(name) FROM queue_migrations)")
    assert schema_state(fresh_database_url).schema is Schema.BEHIND


def test_the_newest_revision_has_the_last_file_name() -> None:
    """The state is read from the names of the files, without Alembic."""
    revisions = sorted(SCRIPTS.walk_revisions(), key=lambda revision: revision.revision)
    assert revisions[-1].revision == HEAD
    assert all(Path(revision.path).name.startswith(f"{revision.revision}_") for revision in revisions)
