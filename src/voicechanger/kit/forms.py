"""Multipart forms read under a cap: bytes are counted as they stream in, and the clock runs."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Collection, Mapping
from contextlib import asynccontextmanager

from fastapi import Request
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import FormParser, MultiPartException, MultiPartParser

from voicechanger.kit.errors import FieldProblem, InvalidRequest, UnsupportedMedia, UploadTooLarge, UploadTooSlow

_OVERHEAD = 65_536
"""Bytes of boundaries, part headers and small fields allowed beside files and texts."""


async def _capped(request: Request, limit: int, seconds: float) -> AsyncGenerator[bytes, None]:
    """The body, until it is longer than `limit` bytes or takes longer than `seconds`."""
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > limit:
        raise UploadTooLarge(f"The body is {declared} bytes; this server takes at most {limit}.", limit=limit)
    seen = 0
    try:
        async with asyncio.timeout(seconds):
            async for chunk in request.stream():
                seen += len(chunk)
                if seen > limit:
                    raise UploadTooLarge(f"The body is larger than {limit} bytes.", limit=limit)
                yield chunk
    except TimeoutError as error:
        raise UploadTooSlow(f"The upload took longer than {seconds:g} seconds.") from error


@asynccontextmanager
async def read_form(
    request: Request,
    *,
    fields: Collection[str],
    files: Collection[str],
    file_bytes: int,
    text_bytes: int,
    seconds: float,
    several: Mapping[str, int] | None = None,
) -> AsyncGenerator[FormData]:
    """Parse a form of exactly the named fields; uploads lie on disk and are gone when the block ends.

    `several` names the files that may be given more than once, and how often.  Raises InvalidRequest for unknown or
    repeated fields, each named; UploadTooLarge; UploadTooSlow; UnsupportedMedia.
    """
    several = several or {}
    most_files = sum(several.get(name, 1) for name in files)
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    stream = _capped(request, file_bytes * most_files + text_bytes + _OVERHEAD, seconds)
    if kind == "multipart/form-data":
        parser = MultiPartParser(
            request.headers,
            stream,
            max_files=most_files + 2,
            max_fields=len(fields) + 8,
            max_part_size=text_bytes,
        )
    elif kind == "application/x-www-form-urlencoded":
        parser = FormParser(request.headers, stream)
    else:
        raise UnsupportedMedia("Send the fields as multipart/form-data.")
    try:
        form = await parser.parse()
    except (MultiPartException, KeyError, ValueError) as error:
        if "maximum size" in str(error):
            raise UploadTooLarge("A text field is larger than this server takes.", limit=text_bytes) from error
        raise InvalidRequest(
            FieldProblem("body", "malformed_form", "The body is not a well-formed multipart form.")
        ) from error
    try:
        _check_names(form, fields, files, several)
        yield form
    finally:
        await form.close()


def _check_names(form: FormData, fields: Collection[str], files: Collection[str], several: Mapping[str, int]) -> None:
    problems: list[FieldProblem] = []
    seen = Counter[str]()
    for name, value in form.multi_items():
        if name in several and seen[name] == several[name]:
            problems.append(FieldProblem(name, "too_many_files", f"{name} takes at most {several[name]} files."))
        elif name in seen and name not in several:
            problems.append(FieldProblem(name, "repeated_field", f"{name} is given more than once."))
        elif name in files and not isinstance(value, UploadFile):
            problems.append(FieldProblem(name, "file_expected", f"{name} must be a file upload."))
        elif name in fields and isinstance(value, UploadFile):
            problems.append(FieldProblem(name, "text_expected", f"{name} must be a text field."))
        elif name not in fields and name not in files:
            known = ", ".join(sorted({*fields, *files}))
            problems.append(FieldProblem(name, "unknown_field", f"{name} is not a field here; known: {known}."))
        seen[name] += 1
    if problems:
        raise InvalidRequest(*problems)


def text_of(form: FormData, name: str) -> str | None:
    """A text field, None when absent."""
    value = form.get(name)
    return value if isinstance(value, str) else None


def file_of(form: FormData, name: str) -> UploadFile | None:
    """An uploaded file, None when absent; an empty file field without a name counts as absent."""
    return next(iter(files_of(form, name)), None)


def files_of(form: FormData, name: str) -> tuple[UploadFile, ...]:
    """All uploads of a field, in their order."""
    return tuple(v for v in form.getlist(name) if isinstance(v, UploadFile) and (v.filename or v.size))
