"""The migrations make the very tables that the code declares."""

from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, text

from voicechanger.domains.tables import METADATA


def ours(item: object, name: str | None, kind: str, reflected: bool, compared: object) -> bool:
    """The queue's tables have their own migrations."""
    return not (kind == "table" and reflected and (name or "").startswith(("procrastinate_", "queue_migrations")))


def test_migrated_and_declared_are_the_same(fresh_database_url: str) -> None:
    engine = create_engine(fresh_database_url)
    with engine.connect() as connection:
        options = {"compare_type": True, "include_object": ours}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, METADATA) == []
        kept = connection.scalar(text("SELECT relpersistence FROM pg_class WHERE relname = 'rate_limits'"))
        assert kept == "u"  # unlogged: Alembic does not compare that
    engine.dispose()
