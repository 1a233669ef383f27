"""Run migrations on the connection that `migrate` passes."""

from __future__ import annotations

from alembic import context

from voicechanger.domains.tables import METADATA

connection = context.config.attributes["connection"]


def ours(item: object, name: str | None, kind: str, reflected: bool, compared: object) -> bool:
    """Exclude the queue's tables, which have migrations of their own."""
    return not (kind == "table" and reflected and (name or "").startswith(("procrastinate_", "queue_migrations")))


context.configure(connection=connection, target_metadata=METADATA, compare_type=True, include_object=ours)
with context.begin_transaction():
    context.run_migrations()
