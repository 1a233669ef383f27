"""The task that deletes files which no row names any longer."""

from __future__ import annotations

import asyncio

import procrastinate

from voicechanger.domains.runtime import runtime_of
from voicechanger.infra.queue.app import RetryWhenAsked, TryAgain
from voicechanger.infra.queue.names import DELETE_FILES, LIGHT_QUEUE
from voicechanger.infra.storage.removal import Removal, delete_files
from voicechanger.kit.errors import Unavailable

blueprint = procrastinate.Blueprint()

_RETRY_SECONDS = 30.0


@blueprint.task(name=DELETE_FILES, queue=LIGHT_QUEUE, retry=RetryWhenAsked(), pass_context=True)
async def delete(context: procrastinate.JobContext, keys: list[str], prefixes: list[str]) -> None:
    """Delete files, and try again until the store has deleted them all."""
    try:
        await delete_files(runtime_of(context).services.storage, Removal(keys, prefixes))
    except asyncio.CancelledError:
        raise TryAgain from None
    except Unavailable as error:
        raise TryAgain(_RETRY_SECONDS) from error
