"""Decode an uploaded portrait in a child process and encode it again, so that nothing of the file is stored."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, Final

import structlog
from starlette.datastructures import UploadFile

from voicechanger.domains.clips.upload import copy_upload, decoder, parse_answer
from voicechanger.kit.errors import FieldProblem, InvalidRequest, Unavailable
from voicechanger.kit.scratch import scratch_folder
from voicechanger.sandbox.runner import run_child

log = structlog.get_logger()

PORTRAIT_MIME: Final = "image/webp"

_CHILD = "voicechanger.domains.voices.portrait_child"
_SECONDS = 20.0
"""Wall-clock time after which decoding is stopped; a picture of 40 megapixels takes 2 s of a processor."""


async def portrait_of(upload: UploadFile, max_bytes: int) -> bytes:
    """Return the portrait as WebP of at most 512 × 512 pixels, without metadata.

    Raise InvalidRequest for `image`; Unavailable when every decoder is busy or the time ran out.
    """
    size = upload.size or 0
    if size > max_bytes:
        raise _refusal("image_too_large", f"`image` must have at most {max_bytes:,} bytes; got {size:,}.")
    with scratch_folder("portrait") as folder:
        source, made = folder / "upload", folder / "portrait.webp"
        await asyncio.to_thread(copy_upload, upload, source)
        async with decoder():
            answer = await _run_child(source, made)
        if not answer.get("ok"):
            raise _refusal(str(answer["code"]), str(answer["message"]))
        return await asyncio.to_thread(made.read_bytes)


async def _run_child(source: Path, made: Path) -> dict[str, Any]:
    try:
        ended = await run_child(_CHILD, [str(made), str(source)], _SECONDS)
    except TimeoutError as error:
        log.warning("portrait_timeout", seconds=_SECONDS)
        raise Unavailable(
            f"`image` could not be decoded within {_SECONDS:g} seconds.  Try again soon, or send a smaller one.",
            code="image_check_timeout",
            headers={"Retry-After": "10"},
        ) from error
    if ended.machine_failed:
        log.error("portrait_failed", status=ended.exit_code, said=ended.complaints)
        raise Unavailable("The portrait could not be stored.", code="storage_unavailable")
    answer = parse_answer(ended.output) if ended.exit_code == 0 else {}
    if "ok" in answer:
        return answer
    log.warning("portrait_crashed", status=ended.exit_code, said=ended.complaints)
    return {"ok": False, "code": "image_unreadable", "message": "`image` is damaged; send another file."}


def _refusal(code: str, message: str) -> InvalidRequest:
    return InvalidRequest(FieldProblem("image", code, message))
