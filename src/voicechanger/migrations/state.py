"""Compare the schema of a database with this version, without Alembic, whose import takes a second."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from importlib import resources

import psycopg
from psycopg import sql

from voicechanger import __version__


class Schema(StrEnum):
    """Result of the comparison of a database with this version."""

    CURRENT = "current"
    BEHIND = "behind"
    NEWER = "newer"


@dataclass(frozen=True, slots=True)
class SchemaState:
    """Result of the comparison; `described` is a sentence without its full stop."""

    schema: Schema
    described: str


def schema_state(database_url: str) -> SchemaState:
    """Return the state of a database; raise psycopg.OperationalError when it does not respond."""
    known, queue = _names("voicechanger.migrations.versions", ".py"), _names("procrastinate.sql.migrations", ".sql")
    needed = [name.partition("_")[0] for name in known if name[0].isdigit()]
    with psycopg.connect(database_url.replace("postgresql+psycopg:", "postgresql:", 1)) as connection:
        applied = _applied(connection, "alembic_version", "version_num")
        applied_queue = _applied(connection, "queue_migrations", "name")
    found = ", ".join(sorted(applied)) or "none"
    if applied - set(needed) or applied_queue - set(queue):
        return SchemaState(
            Schema.NEWER, f"The database has schema {found}, which voicechanger {__version__} does not support"
        )
    current = applied == {needed[-1]} and applied_queue == set(queue)
    described = f"The database has schema {found} and voicechanger {__version__} needs {needed[-1]}"
    return SchemaState(Schema.CURRENT if current else Schema.BEHIND, described)


def _names(package: str, ending: str) -> list[str]:
    found = (file.name for file in resources.files(package).iterdir())
    return sorted(name for name in found if name.endswith(ending))


def _applied(connection: psycopg.Connection, table: str, column: str) -> set[str]:
    """Return the applied migrations that a table lists; empty when the table does not exist."""
    if connection.execute("SELECT to_regclass(%s)", [table]).fetchone() == (None,):
        return set()
    statement = sql.SQL("SELECT {} FROM {}").format(sql.Identifier(column), sql.Identifier(table))
    return {str(name) for (name,) in connection.execute(statement)}
