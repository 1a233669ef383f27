"""Bring a database to the newest schema."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config

import voicechanger


def alembic_config(url: str) -> Config:
    """Alembic's configuration without a file; `migrations/env.py` takes the address from `attributes["url"]`."""
    config = Config()
    config.set_main_option("script_location", str(Path(voicechanger.__file__).parent / "migrations").replace("%", "%%"))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    config.attributes["url"] = url
    return config


def upgrade(url: str) -> None:
    """Run every migration that this database has not had yet."""
    command.upgrade(alembic_config(url), "head")
