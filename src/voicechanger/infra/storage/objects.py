"""Objects by key: local files with links signed by us, or S3, GCS and Azure with theirs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import unquote, urlparse

import obstore
from obstore.exceptions import BaseError
from obstore.store import AzureStore, GCSStore, LocalStore, ObjectStore, S3Store, from_url

from voicechanger.infra.storage.links import LinkSigner
from voicechanger.kit.database import now
from voicechanger.kit.errors import NotFound, Unavailable

_CHUNK = 5 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Link:
    """A presigned address: works for anyone who has it, until it expires."""

    url: str
    expires_at: datetime


class Storage:
    """One place for references, results, portraits and previews."""

    def __init__(self, url: str, signer: LinkSigner, link_seconds: int) -> None:
        self._signer = signer
        self._link_seconds = link_seconds
        self.local_root = Path(unquote(urlparse(url).path)) if url.startswith("file:") else None
        """Folder of the objects when they are local files, else None."""
        if self.local_root is not None:
            self.local_root.mkdir(mode=0o700, parents=True, exist_ok=True)
            # made from the path, not the address: a space in it must not stay %20
            self._store: ObjectStore = LocalStore(self.local_root)
        else:
            self._store = from_url(url)

    async def put_file(self, key: str, path: Path, mime_type: str, filename: str) -> None:
        """Store a file under a key; it appears whole or not at all."""
        attributes = None
        if self.local_root is None:
            attributes = {
                "Content-Type": mime_type,
                "Content-Disposition": f'attachment; filename="{filename}"',
            }
        try:
            await obstore.put_async(self._store, key, path, attributes=attributes, chunk_size=_CHUNK)
        except (BaseError, OSError) as error:
            raise Unavailable("The file could not be stored.", code="storage_unavailable") from error

    async def put_bytes(self, key: str, data: bytes) -> None:
        """Store a small object that is never linked to."""
        try:
            await obstore.put_async(self._store, key, data)
        except (BaseError, OSError) as error:
            raise Unavailable("The file could not be stored.", code="storage_unavailable") from error

    async def get_bytes(self, key: str) -> bytes:
        """A small object; NotFound when there is none."""
        result = await self._get(key)
        return bytes(await result.bytes_async())

    async def get_to(self, key: str, path: Path) -> None:
        """Copy an object to a file; NotFound when there is none."""
        result = await self._get(key)
        with path.open("wb") as file:  # local disk, in pieces
            async for chunk in result.stream(_CHUNK):
                file.write(chunk)

    async def _get(self, key: str) -> obstore.GetResult:
        try:
            return await obstore.get_async(self._store, key)
        except FileNotFoundError as error:
            raise NotFound("The file is gone.", code="file_not_found") from error
        except BaseError as error:
            raise Unavailable("The file store does not answer.", code="storage_unavailable") from error

    async def keys_under(self, prefix: str) -> AsyncIterator[str]:
        """Keys that begin with a folder."""
        stream = obstore.list(self._store, prefix)  # pyright: ignore[reportUnknownMemberType]  # arrow overloads
        async for batch in stream:
            for item in batch:
                yield item["path"]

    async def delete(self, key: str | None) -> None:
        """Remove an object; nothing happens when it is gone already."""
        if not key:
            return
        try:
            await obstore.delete_async(self._store, key)
        except FileNotFoundError:
            return
        except BaseError as error:
            raise Unavailable("The file could not be removed.", code="storage_unavailable") from error

    async def delete_under(self, prefix: str) -> None:
        """Remove every object of a folder."""
        async for key in self.keys_under(prefix):
            await self.delete(key)

    async def link(self, key: str, mime_type: str, filename: str, *, inline: bool = False) -> Link:
        """A fresh presigned address; for local files served by `api/files.py`."""
        expires_at = now() + timedelta(seconds=self._link_seconds)
        if isinstance(self._store, (S3Store, GCSStore, AzureStore)):
            url = await obstore.sign_async(self._store, "GET", key, timedelta(seconds=self._link_seconds))
        else:
            url = self._signer.sign(key, mime_type, filename, expires_at, inline=inline)
        return Link(url, expires_at)

    async def ping(self) -> None:
        """Write and remove a probe; Unavailable when that fails."""
        await self.put_bytes(".probe", b"ok")
