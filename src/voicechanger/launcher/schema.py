"""Migrate a database to the schema of this version, or check that it has this schema."""

from __future__ import annotations

import psycopg

from voicechanger.launcher.errors import ServingError
from voicechanger.migrations.state import Schema, SchemaState, schema_state
from voicechanger.settings import Settings


def bring_up_to_date(database_url: str) -> bool:
    """Run missing migrations and return whether there were any; raise ServingError for a newer schema."""
    state = _state(database_url)
    _refuse_newer(state)
    if state.schema is Schema.CURRENT:
        return False
    from voicechanger.migrations.run import migrate

    migrate(database_url)
    return True


def require_current(settings: Settings) -> None:
    """Raise ServingError unless the database has the schema of this version; the message says what to do."""
    try:
        state = _state(settings.require_database())
    except ValueError as error:
        raise ServingError(str(error)) from error
    _refuse_newer(state)
    if state.schema is Schema.BEHIND:
        raise ServingError(f"{state.described}. Run `voicechanger migrate` first.")


def _refuse_newer(state: SchemaState) -> None:
    if state.schema is Schema.NEWER:
        raise ServingError(
            f"{state.described}. A newer release migrated it. Start that release or a later one, "
            f"or restore a backup from before the migration."
        )


def _state(database_url: str) -> SchemaState:
    try:
        return schema_state(database_url)
    except psycopg.OperationalError as error:
        raise ServingError(f"The database does not respond: {error}") from error
