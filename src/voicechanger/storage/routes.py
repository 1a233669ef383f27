"""Local files behind signed links: Range, ETag, the right type and a file name."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import FileResponse

from voicechanger.errors import NotFound
from voicechanger.services import services_of

router = APIRouter()


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
) -> FileResponse:
    """The file that a signed link names."""
    services = services_of(request)
    file = services.link_signer.check(key, expires, type, name, inline, signature)
    root = services.storage.local_root
    if root is None:
        raise NotFound("Files are not served from here.", code="file_not_found")
    path = (root / file.key).resolve()
    if not path.is_relative_to(root.resolve()) or not path.is_file():
        raise NotFound("The file is gone.", code="file_not_found")
    return FileResponse(
        path,
        media_type=file.mime_type,
        filename=file.filename,
        content_disposition_type="inline" if file.inline else "attachment",
        headers={
            "Cache-Control": "private, max-age=0, must-revalidate",
            "X-Content-Type-Options": "nosniff",
            "Cross-Origin-Resource-Policy": "same-site",
        },
    )
