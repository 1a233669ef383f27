"""Delete files that a transaction stops using, after its commit.

The files are deleted as soon as the transaction has committed. A queue entry of the same transaction deletes them
again later, in case this process or the store fails in between.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from voicechanger.infra.container import Services
from voicechanger.infra.queue.app import Queue
from voicechanger.infra.queue.names import DELETE_FILES, LIGHT_QUEUE
from voicechanger.infra.storage.objects import Storage
from voicechanger.kit.errors import Unavailable

log = structlog.get_logger()

_SECOND_TRY_SECONDS = 30.0


@dataclass(slots=True)
class Removal:
    """The files that one transaction stops using."""

    keys: list[str] = field(default_factory=list[str])
    prefixes: list[str] = field(default_factory=list[str])

    def add(self, *keys: str | None) -> None:
        """Delete these objects; None is skipped."""
        self.keys += [key for key in keys if key]

    def add_folder(self, *prefixes: str) -> None:
        """Delete all objects under these prefixes."""
        self.prefixes += prefixes


@asynccontextmanager
async def removing(services: Services) -> AsyncGenerator[tuple[AsyncSession, Removal]]:
    """Open a transaction that may stop using files; delete them after it has committed."""
    removal = Removal()
    async with services.database.transaction() as session:
        yield session, removal
        await enqueue_removal(services.queue, session, removal, delay_seconds=_SECOND_TRY_SECONDS)
    try:
        await delete_files(services.storage, removal)
    except Unavailable as error:
        log.warning("files_left_to_the_queue", error=error.message)


async def enqueue_removal(queue: Queue, session: AsyncSession, removal: Removal, *, delay_seconds: float = 0.0) -> None:
    """Enqueue the deletion of the files in this transaction."""
    if removal.keys or removal.prefixes:
        await queue.enqueue(
            session,
            DELETE_FILES,
            LIGHT_QUEUE,
            delay_seconds=delay_seconds,
            keys=removal.keys,
            prefixes=removal.prefixes,
        )


async def delete_files(storage: Storage, removal: Removal) -> None:
    """Delete the files now, ignoring missing ones; raise Unavailable when the store does not respond."""
    for key in removal.keys:
        await storage.delete(key)
    for prefix in removal.prefixes:
        await storage.delete_under(prefix)
