"""PostgreSQL for tests: one server a session, one migrated template, copies of it for whoever asks.

    database_url         one migrated database for the whole session: tests share it
    fresh_database_url   a copy of its own for one test

`TEST_DATABASE_URL` names a server to use, whose role may create databases; without it a private one starts.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import make_url

from voicechanger.kit.database import Database
from voicechanger.launcher.postgres import PrivatePostgres
from voicechanger.migrations.run import migrate


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """Address of a server whose role may create databases."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield given
        return
    folder = Path(tempfile.mkdtemp(prefix="voicechanger-test-"))
    server = PrivatePostgres(folder / "postgres", durable=False)
    try:
        server.start()
        yield server.url()
    finally:
        server.stop()
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def template_database(postgres_url: str) -> Iterator[str]:
    """Name of a migrated database that nobody connects to."""
    with _database(postgres_url) as url:
        migrate(url)
        yield str(make_url(url).database)


@pytest.fixture(scope="session")
def database_url(postgres_url: str, template_database: str) -> Iterator[str]:
    """Address of a migrated database that the whole session shares."""
    with _database(postgres_url, template_database) as url:
        yield url


@pytest.fixture
def fresh_database_url(postgres_url: str, template_database: str) -> Iterator[str]:
    """Address of a migrated database for this test alone."""
    with _database(postgres_url, template_database) as url:
        yield url


@pytest.fixture
def empty_database_url(postgres_url: str) -> Iterator[str]:
    """Address of a database without any table."""
    with _database(postgres_url) as url:
        yield url


@contextmanager
def _database(server: str, template: str = "template1") -> Iterator[str]:
    name = f"test_{uuid.uuid4().hex}"
    with psycopg.connect(Database(server).conninfo, autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
        )
        try:
            yield make_url(server).set(database=name).render_as_string(hide_password=False)
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
