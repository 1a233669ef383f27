"""The files of a voice's form: checked, then stored before the transaction that names them."""

from __future__ import annotations

import uuid
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from starlette.datastructures import UploadFile

from voicechanger.domains.clips import service as clips
from voicechanger.domains.clips.service import StoredClip
from voicechanger.domains.voices.portraits import PORTRAIT_MIME, portrait_of
from voicechanger.infra.container import Services
from voicechanger.kit.scratch import scratch_folder


@dataclass(frozen=True, slots=True)
class StoredFiles:
    """Files in storage that no row names yet."""

    clip: StoredClip | None
    image_key: str | None


@asynccontextmanager
async def stored_files(
    services: Services, account_id: uuid.UUID, recordings: Sequence[UploadFile], image: UploadFile | None
) -> AsyncGenerator[StoredFiles]:
    """Check and store the uploads; they are deleted again when the block fails."""
    portrait = await portrait_of(image, services.settings.max_image_bytes) if image is not None else None
    async with AsyncExitStack() as stack:
        clip = image_key = None
        if recordings:
            upload = clips.stored_upload(services, account_id, recordings, "ref_audio")
            clip = await stack.enter_async_context(upload)
        if portrait is not None:
            image_key = await stack.enter_async_context(_stored_portrait(services, account_id, portrait))
        yield StoredFiles(clip, image_key)


@asynccontextmanager
async def _stored_portrait(services: Services, account_id: uuid.UUID, portrait: bytes) -> AsyncGenerator[str]:
    key = f"portraits/{account_id}/{uuid.uuid4()}.webp"
    with scratch_folder("portrait") as folder:
        path = folder / "portrait.webp"
        path.write_bytes(portrait)
        await services.storage.put_file(key, path, PORTRAIT_MIME, "portrait.webp")
    try:
        yield key
    except BaseException:
        await services.storage.delete(key)
        raise
