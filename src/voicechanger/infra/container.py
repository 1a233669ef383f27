"""Connections and clients of a process: opened once at start, closed in order at the end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import cast

from starlette.requests import HTTPConnection

from voicechanger.infra.queue.app import Queue, build_queue
from voicechanger.infra.queue.listener import JobListener
from voicechanger.infra.storage.links import LinkSigner
from voicechanger.infra.storage.objects import Storage
from voicechanger.kit.database import Database
from voicechanger.kit.scratch import delete_abandoned
from voicechanger.settings import Settings


@dataclass(frozen=True, slots=True)
class Services:
    """The connections and clients that routes and tasks use."""

    settings: Settings
    database: Database
    storage: Storage
    link_signer: LinkSigner
    queue: Queue
    listener: JobListener


@asynccontextmanager
async def open_services(settings: Settings) -> AsyncGenerator[Services]:
    """Open the services of a process; raise ValueError when a required setting is missing."""
    await asyncio.to_thread(delete_abandoned)
    database = Database(settings.require_database())
    signer = LinkSigner(settings.secret(), settings.base_url)
    storage = Storage(settings.effective_storage_url, signer, settings.link_seconds)
    app = build_queue(database.conninfo)
    listener = JobListener(database.conninfo)
    async with app.open_async():
        listening = asyncio.create_task(listener.run())
        try:
            yield Services(settings, database, storage, signer, Queue(app), listener)
        finally:
            listening.cancel()
            with suppress(asyncio.CancelledError):
                await listening
            await database.close()


def services_of(connection: HTTPConnection) -> Services:
    """Return the services of the application that handles a request."""
    return cast(Services, connection.app.state.services)
