"""Apply Procrastinate's migrations in order and record them, so that upgrades reach existing databases too."""

from __future__ import annotations

from importlib import resources
from typing import Any, cast

import psycopg
from sqlalchemy import Connection, text

_REMEMBER = "CREATE TABLE IF NOT EXISTS queue_migrations (name text PRIMARY KEY, applied_at timestamptz DEFAULT now())"


def apply_queue_migrations(connection: Connection) -> list[str]:
    """Run the migrations that this database lacks and return the names of their files."""
    connection.execute(text(_REMEMBER))
    driver = cast("psycopg.Connection[Any]", connection.connection.driver_connection)
    seen = set(connection.scalars(text("SELECT name FROM queue_migrations")))
    folder = resources.files("procrastinate") / "sql" / "migrations"
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".sql")), key=lambda f: f.name)
    done: list[str] = []
    for file in files:
        if file.name in seen:
            continue
        # by the driver itself: a file has several statements, and its % and : must not be read as parameters
        driver.execute(file.read_bytes())
        connection.execute(text("INSERT INTO queue_migrations (name) VALUES (:name)"), {"name": file.name})
        done.append(file.name)
    return done
