"""Bring a database to the schema of this version, or say what keeps a process from using it."""

from __future__ import annotations

import psycopg

from voicechanger.launcher.errors import ServingError
from voicechanger.migrations.state import Schema, SchemaState, schema_state
from voicechanger.settings import Settings


def bring_up_to_date(database_url: str) -> bool:
    """Run the migrations that are missing and return whether there were any; ServingError on a newer schema."""
    state = _state(database_url)
    _refuse_newer(state)
    if state.schema is Schema.CURRENT:
        return False
    from voicechanger.migrations.run import migrate

    migrate(database_url)
    return True


def require_current(settings: Settings) -> None:
    """Return when DATABASE_URL has the schema of this version; ServingError that says what to do when not."""
    try:
        state = _state(settings.require_database())
    except ValueError as error:
        raise ServingError(str(error)) from error
    _refuse_newer(state)
    if state.schema is Schema.BEHIND:
        raise ServingError(f"{state.described}: run `voicechanger migrate` first")


def _refuse_newer(state: SchemaState) -> None:
    if state.schema is Schema.NEWER:
        raise ServingError(
            f"{state.described}: a newer release migrated it. Start that release or a later one, "
            f"or restore a backup from before its migration"
        )


def _state(database_url: str) -> SchemaState:
    try:
        return schema_state(database_url)
    except psycopg.OperationalError as error:
        raise ServingError(f"The database does not answer: {error}") from error
