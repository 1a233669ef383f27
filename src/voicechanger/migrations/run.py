"""Migrate a database to the current schema; several processes may call it at once."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, text

from voicechanger.infra.queue.schema import apply_queue_migrations

_LOCK = 0x6D696772617465
"""Key of pg_advisory_lock: one migration at a time."""


def alembic_config() -> Config:
    """Return the configuration of Alembic, without a file."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    return config


def migrate(database_url: str, revision: str = "head") -> None:
    """Run the missing migrations up to `revision`; do nothing if the database is current."""
    engine = create_engine(database_url)
    try:
        with engine.connect() as connection:
            connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _LOCK})
            connection.commit()
            config = alembic_config()
            config.attributes["connection"] = connection
            apply_queue_migrations(connection)
            command.upgrade(config, revision)
            connection.commit()
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _LOCK})
            connection.commit()
    finally:
        engine.dispose()
