"""Parse multipart forms under limits and validate them into a pydantic model.

class Portrait(Form):
    name: str = Field(max_length=100)
    image: Annotated[Upload, FileField()]

async with parse_form(request, Portrait, FormLimits(file_bytes=5_000_000, text_bytes=10_000, seconds=60)) as form:
    form.value.name
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Generic, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    InstanceOf,
    ValidationError,
    WithJsonSchema,
)
from pydantic.fields import FieldInfo
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import FormParser, MultiPartException, MultiPartParser
from starlette.requests import Request

from voicechanger.kit.errors import FieldProblem, InvalidRequest, UnsupportedMedia, UploadTooLarge, UploadTooSlow
from voicechanger.kit.validation import field_problem, invalid

_OVERHEAD = 65_536
"""Bytes allowed for boundaries and part headers, in addition to files and texts."""

_MULTIPART = "multipart/form-data"

ERRORS = (
    "invalid_request",
    "unknown_field",
    "repeated_field",
    "file_expected",
    "text_expected",
    "malformed_form",
    "unsupported_media_type",
    "upload_too_large",
    "upload_too_slow",
)
"""Error codes of each route with a form."""


class Form(BaseModel):
    """Base class of forms; its fields are the fields of the form."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    codes: ClassVar[Mapping[str, str]] = {}
    """Error codes by field; a missing field has the code `<field>_missing`."""

    @classmethod
    def check_together(cls, given: Collection[str]) -> list[FieldProblem]:
        """Return the problems of the combination of the given fields."""
        return []


@dataclass(frozen=True, slots=True)
class FileField:
    """Marks a field as an upload, given at most `most` times."""

    most: int = 1


@dataclass(frozen=True, slots=True)
class BlankIsAbsent:
    """Marks a text field whose blank value counts as absent: browsers send empty fields."""


Upload = Annotated[InstanceOf[UploadFile], WithJsonSchema({"type": "string", "format": "binary"})]


def _as_bool(raw: object) -> object:
    if raw not in ("true", "false", True, False):
        raise invalid("field_invalid", "must be the string true or false")
    return raw in ("true", True)


FormBool = Annotated[bool, BeforeValidator(_as_bool), WithJsonSchema({"type": "string", "enum": ["true", "false"]})]
"""The string true or false."""


@dataclass(frozen=True, slots=True)
class FormLimits:
    """Limits of a form."""

    file_bytes: int
    """Bytes of each file."""
    text_bytes: int
    """Bytes of all text fields together."""
    seconds: float
    """Time for the whole body."""


F = TypeVar("F", bound=Form)


@dataclass(frozen=True, slots=True)
class ParsedForm(Generic[F]):
    """A validated form and its raw data."""

    value: F
    data: FormData


@asynccontextmanager
async def parse_form(
    request: Request, model: type[F], limits: FormLimits, context: Mapping[str, Any] | None = None
) -> AsyncGenerator[ParsedForm[F]]:
    """Parse and validate a form; other fields are refused. Uploads are on disk and are deleted when the block ends.

    `context` is passed to the model's validators. Raises InvalidRequest, which names each invalid field,
    UploadTooLarge, UploadTooSlow and UnsupportedMedia.
    """
    files = _file_fields(model)
    data = await _read(request, limits, len(model.model_fields), sum(files.values()))
    try:
        _check_names(data, model, files)
        yield ParsedForm(_validated(data, model, files, context), data)
    finally:
        await data.close()


def _file_fields(model: type[Form]) -> dict[str, int]:
    """Return how often each upload may be given."""
    found: dict[str, int] = {}
    for name, field in model.model_fields.items():
        marks = [mark for mark in field.metadata if isinstance(mark, FileField)]
        if marks:
            found[name] = marks[0].most
    return found


async def _read(request: Request, limits: FormLimits, fields: int, most_files: int) -> FormData:
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    # text alone can be sent urlencoded
    most_bytes = limits.text_bytes + _OVERHEAD + (limits.file_bytes * most_files if kind == _MULTIPART else 0)
    body = _limited(request, most_bytes, limits.seconds)
    if kind == _MULTIPART:
        parser = MultiPartParser(
            request.headers,
            body,
            max_files=most_files + 2,
            max_fields=fields + 8,
            max_part_size=limits.text_bytes,
        )
    elif kind == "application/x-www-form-urlencoded":
        most = fields + 8
        parser = FormParser(request.headers, _few_fields(body, most), max_fields=most, max_part_size=limits.text_bytes)
    else:
        raise UnsupportedMedia("Send the fields as multipart/form-data.")
    try:
        return await parser.parse()
    except (MultiPartException, KeyError, ValueError) as error:
        if "maximum size" in str(error):
            raise UploadTooLarge(
                f"A text field must have at most {limits.text_bytes:,} bytes.", limit=limits.text_bytes
            ) from error
        raise InvalidRequest(
            FieldProblem("body", "malformed_form", "The body is not a valid multipart form.")
        ) from error


async def _few_fields(body: AsyncGenerator[bytes, None], most: int) -> AsyncGenerator[bytes, None]:
    """Yield an urlencoded body until it has too many fields; the parser takes a microsecond for each `&`."""
    seen = 0
    async for chunk in body:
        seen += chunk.count(b"&")
        if seen > most:
            raise InvalidRequest(
                FieldProblem("body", "malformed_form", f"The body has more than {most} fields; send each field once.")
            )
        yield chunk


async def _limited(request: Request, limit: int, seconds: float) -> AsyncGenerator[bytes, None]:
    """Yield the body until it is longer than `limit` bytes or takes longer than `seconds`."""
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > limit:
        raise UploadTooLarge(f"The body must have at most {limit:,} bytes; got {int(declared):,}.", limit=limit)
    seen = 0
    try:
        async with asyncio.timeout(seconds):
            async for chunk in request.stream():
                seen += len(chunk)
                if seen > limit:
                    raise UploadTooLarge(f"The body must have at most {limit:,} bytes.", limit=limit)
                yield chunk
    except TimeoutError as error:
        raise UploadTooSlow(
            f"The upload must end within {seconds:g} seconds; send a smaller body or use a faster connection."
        ) from error


def _check_names(data: FormData, model: type[Form], files: Mapping[str, int]) -> None:
    seen = Counter[str]()
    problems: list[FieldProblem] = []
    for name, value in data.multi_items():
        problem = _wrong_name(name, value, seen[name], model, files)
        if problem is not None:
            problems.append(FieldProblem(name, *problem))
        seen[name] += 1
    if problems:
        raise InvalidRequest(*problems)


def _wrong_name(
    name: str, value: UploadFile | str, seen: int, model: type[Form], files: Mapping[str, int]
) -> tuple[str, str] | None:
    if name not in model.model_fields:
        known = ", ".join(sorted(model.model_fields))
        return "unknown_field", f"`{name}` is not a field of this form; its fields are: {known}."
    most = files.get(name, 1)
    if seen and most == 1:
        return "repeated_field", f"`{name}` is given more than once; send it once."
    if seen == most:
        return "too_many_files", f"`{name}` accepts at most {most} files."
    if name in files and isinstance(value, str):
        return "file_expected", f"`{name}` must be a file upload."
    if name not in files and isinstance(value, UploadFile):
        return "text_expected", f"`{name}` must be a text field."
    return None


def _validated(data: FormData, model: type[F], files: Mapping[str, int], context: Mapping[str, Any] | None) -> F:
    values = {name: _value(data, name, field, files) for name, field in model.model_fields.items()}
    given = {name: value for name, value in values.items() if value is not None}
    problems = model.check_together(given)
    try:
        value = model.model_validate(given, context=context)
    except ValidationError as error:
        problems += [field_problem(item, model.codes, model.model_fields) for item in error.errors(include_url=False)]
    else:
        if not problems:
            return value
    raise InvalidRequest(*problems)


def _value(data: FormData, name: str, field: FieldInfo, files: Mapping[str, int]) -> object:
    """Return the value of a field in the form; None when it is absent."""
    if name in files:
        # browsers send an empty file field as an upload without a name
        uploads = tuple(v for v in data.getlist(name) if isinstance(v, UploadFile) and (v.filename or v.size))
        return (uploads if files[name] > 1 else uploads[0]) if uploads else None
    raw = data.get(name)
    blank = isinstance(raw, str) and not raw.strip()
    return None if blank and BlankIsAbsent() in field.metadata else raw
