"""Store objects by key: as local files with our own signed links, or in S3, GCS or Azure with presigned links.

Errors of the object store are raised as NotFound or Unavailable. Errors of the local disk to which a download is
written stay OSError.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlparse

import obstore
from obstore.exceptions import BaseError
from obstore.store import AzureStore, GCSStore, LocalStore, ObjectStore, S3Store, from_url

from voicechanger.infra.storage.links import LinkSigner
from voicechanger.kit.database import now
from voicechanger.kit.errors import NotFound, Unavailable

if TYPE_CHECKING:
    from obstore.store import RetryConfig

_CHUNK = 5 * 1024 * 1024
"""Bytes of one part of an upload or download."""


@dataclass(frozen=True, slots=True)
class Link:
    """A signed URL that works for anyone until it expires."""

    url: str
    expires_at: datetime


@contextmanager
def _store_errors(message: str, *, may_be_missing: bool = False) -> Generator[None]:
    """Raise errors of the object store as Unavailable with this message, or as NotFound where allowed."""
    try:
        yield
    except FileNotFoundError as error:
        if may_be_missing:
            raise NotFound("The file no longer exists.", code="file_not_found") from error
        raise Unavailable(message, code="storage_unavailable") from error
    except (BaseError, OSError) as error:
        raise Unavailable(message, code="storage_unavailable") from error


class Storage:
    """The store of clips, results, portraits and previews."""

    def __init__(self, url: str, signer: LinkSigner, link_seconds: int, *, retry: RetryConfig | None = None) -> None:
        self._signer = signer
        self._link_seconds = link_seconds
        self.local_root = Path(unquote(urlparse(url).path)) if url.startswith("file:") else None
        """Folder of the objects if they are local files, else None."""
        if self.local_root is not None:
            self.local_root.mkdir(mode=0o700, parents=True, exist_ok=True)
            # from the path, not the URL: a space must not stay %20
            self._store: ObjectStore = LocalStore(self.local_root)
        else:
            self._store = from_url(url, retry_config=retry)

    async def put_file(self, key: str, path: Path, mime_type: str, filename: str) -> None:
        """Store a file under a key, completely or not at all."""
        attributes = None
        if self.local_root is None:
            attributes = {
                "Content-Type": mime_type,
                "Content-Disposition": f'attachment; filename="{filename}"',
            }
        with _store_errors("The file could not be stored."):
            await obstore.put_async(self._store, key, path, attributes=attributes, chunk_size=_CHUNK)

    async def put_bytes(self, key: str, data: bytes) -> None:
        """Store a small object that needs no link."""
        with _store_errors("The file could not be stored."):
            await obstore.put_async(self._store, key, data)

    async def get_bytes(self, key: str) -> bytes:
        """Return a small object; raise NotFound when it does not exist."""
        with _store_errors("The file could not be read.", may_be_missing=True):
            result = await obstore.get_async(self._store, key)
            return bytes(await result.bytes_async())

    async def get_to(self, key: str, path: Path) -> None:
        """Copy an object to a file; raise NotFound when it does not exist."""
        chunks = self._chunks(key)
        first = await anext(chunks, b"")
        with path.open("wb") as file:
            file.write(first)
            async for chunk in chunks:
                file.write(chunk)

    async def _chunks(self, key: str) -> AsyncIterator[bytes]:
        with _store_errors("The file could not be read.", may_be_missing=True):
            result = await obstore.get_async(self._store, key)
            stream = aiter(result.stream(_CHUNK))
        while True:
            with _store_errors("The file could not be read.", may_be_missing=True):
                chunk = await anext(stream, None)
            if chunk is None:
                return
            yield bytes(chunk)

    async def keys_under(self, prefix: str) -> AsyncIterator[str]:
        """Yield the keys under a folder."""
        with _store_errors("The files could not be listed."):
            batches = aiter(obstore.list(self._store, prefix))  # pyright: ignore[reportUnknownMemberType]  # arrow
        while True:
            with _store_errors("The files could not be listed."):
                batch = await anext(batches, None)
            if batch is None:
                return
            for item in batch:
                yield item["path"]

    async def delete(self, key: str | None) -> None:
        """Delete an object; do nothing when it does not exist."""
        if not key:
            return
        try:
            with _store_errors("The file could not be deleted.", may_be_missing=True):
                await obstore.delete_async(self._store, key)
        except NotFound:
            return

    async def delete_under(self, prefix: str) -> None:
        """Delete all objects under a folder."""
        async for key in self.keys_under(prefix):
            await self.delete(key)

    async def link(self, key: str, mime_type: str, filename: str, *, inline: bool = False) -> Link:
        """Return a new signed link; `api/files.py` serves local files."""
        expires_at = now() + timedelta(seconds=self._link_seconds)
        if isinstance(self._store, (S3Store, GCSStore, AzureStore)):
            with _store_errors("The link could not be signed."):
                url = await obstore.sign_async(self._store, "GET", key, timedelta(seconds=self._link_seconds))
        else:
            url = self._signer.sign(key, mime_type, filename, expires_at, inline=inline)
        return Link(url, expires_at)

    async def ping(self) -> None:
        """Write a small test object, which stays; raise Unavailable when that fails."""
        await self.put_bytes(".probe", b"ok")
