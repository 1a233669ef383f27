"""Local files behind signed links: Range, ETag, the right type and a file name."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import FileResponse
from starlette.staticfiles import NotModifiedResponse, StaticFiles
from starlette.types import Message, Receive, Scope, Send

from voicechanger.infra.container import services_of
from voicechanger.kit.errors import NotFound, ProductError

router = APIRouter()

_CONDITIONS = StaticFiles(check_dir=False)
"""Serves nothing: knows If-None-Match and If-Modified-Since."""


class RangeRefused(ProductError):
    """The file is shorter than the range that was asked for."""

    status = 416
    code = "range_not_satisfiable"


class _File(FileResponse):
    """A file whose refusals of a range are problem documents, not Starlette's plain text."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_or_refuse(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] in (400, 416):
                size = self.headers["content-length"]
                raise RangeRefused(headers={"Content-Range": f"bytes */{size}"})
            await send(message)

        await super().__call__(scope, receive, send_or_refuse)


@router.get("/files/{key:path}", include_in_schema=False, response_class=FileResponse)
@router.head("/files/{key:path}", include_in_schema=False, response_class=FileResponse)
async def download(
    request: Request,
    key: str,
    expires: Annotated[str, Query(pattern=r"^\d{1,12}$")],
    type: Annotated[str, Query(max_length=100)],
    name: Annotated[str, Query(max_length=200)],
    signature: Annotated[str, Query(max_length=100)],
    inline: Annotated[str, Query(pattern="^[01]$")] = "0",
) -> Response:
    """The file that a signed link names; 304 when the caller has it already."""
    services = services_of(request)
    file = services.link_signer.check(key, expires, type, name, inline, signature)
    root = services.storage.local_root
    if root is None:
        raise NotFound("Files are not served from here.", code="file_not_found")
    path = (root / file.key).resolve()
    if not path.is_relative_to(root.resolve()) or not path.is_file():
        raise NotFound("The file no longer exists.", code="file_not_found")
    answer = _File(
        path,
        stat_result=path.stat(),
        media_type=file.mime_type,
        filename=file.filename,
        content_disposition_type="inline" if file.inline else "attachment",
        headers={
            "Cache-Control": "private, max-age=0, must-revalidate",
            "X-Content-Type-Options": "nosniff",
            "Cross-Origin-Resource-Policy": "same-site",
        },
    )
    if _CONDITIONS.is_not_modified(answer.headers, request.headers):
        return NotModifiedResponse(answer.headers)
    return answer
