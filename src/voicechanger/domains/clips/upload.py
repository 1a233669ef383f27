"""Check uploads: a child process decodes and measures them, before any row is written.

The child (`tts/audio/clip_child.py`) gives up its own rights and limits its memory and processor time; this side limits
the wall-clock time and the number of children.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
from starlette.datastructures import UploadFile

from voicechanger.kit.errors import ClipRefused, FieldProblem, Unavailable
from voicechanger.kit.scratch import scratch_folder
from voicechanger.sandbox.lockdown import protection
from voicechanger.sandbox.runner import run_child
from voicechanger.tts.audio.clip_report import ClipReport

log = structlog.get_logger()

_DECODERS = asyncio.Semaphore(os.cpu_count() or 1)
"""As many decoders at once as processors: more would only make each other run out of time."""
_QUEUE_SECONDS = 5.0
"""How long an upload waits for a decoder before its caller is told to come back."""
_CHILD = "voicechanger.tts.audio.clip_child"

_UNREADABLE = "This file could not be read as audio; send a WAV, FLAC, MP3 or OGG recording of one speaker."


@dataclass(frozen=True, slots=True)
class CheckedClip:
    """A clip that may serve as a reference, as canonical FLAC on disk."""

    path: Path
    report: ClipReport


@dataclass(frozen=True, slots=True)
class ClipLimits:
    """What an upload may be, in seconds."""

    shortest: float
    longest: float
    checking: float
    """Wall-clock time after which the check is stopped."""


@asynccontextmanager
async def checked_clip(uploads: Sequence[UploadFile], limits: ClipLimits, field: str) -> AsyncGenerator[CheckedClip]:
    """Check uploads of one speaker, several as one clip; the files are deleted when the block ends.

    ClipRefused, with its own code, names `field`; Unavailable when every decoder is busy or the time ran out.
    """
    with scratch_folder("clip") as folder:
        canonical = folder / "clip.flac"
        sources = [folder / f"upload-{number}" for number in range(len(uploads))]
        for upload, source in zip(uploads, sources, strict=True):
            await asyncio.to_thread(copy_upload, upload, source)
        async with decoder():
            answer = await _run_child(sources, canonical, limits)
        if not answer.get("ok"):
            code, message = str(answer.get("code", "clip_unreadable")), str(answer.get("message", _UNREADABLE))
            raise _refusal(code, message, field)
        try:
            report = ClipReport.from_json(answer)
        except TypeError as error:
            raise _refusal("clip_unreadable", _UNREADABLE, field) from error
        yield CheckedClip(canonical, report)


@asynccontextmanager
async def decoder() -> AsyncGenerator[None]:
    """Hold one of the decoders, of recordings and pictures together; Unavailable when none is free soon."""
    try:
        await asyncio.wait_for(_DECODERS.acquire(), _QUEUE_SECONDS)
    except TimeoutError as error:
        raise Unavailable(
            "Every decoder of this server is busy; try again soon.",
            code="decoders_busy",
            headers={"Retry-After": str(int(_QUEUE_SECONDS))},
        ) from error
    try:
        yield
    finally:
        _DECODERS.release()


def _refusal(code: str, message: str, field: str) -> ClipRefused:
    problem = FieldProblem(field, code, message)
    return ClipRefused(
        message, code=code, errors=[{"field": problem.field, "code": problem.code, "message": problem.message}]
    )


def copy_upload(upload: UploadFile, path: Path) -> None:
    """Write an upload to a file; it blocks."""
    upload.file.seek(0)
    with path.open("wb") as file:
        shutil.copyfileobj(upload.file, file)


async def _run_child(sources: Sequence[Path], canonical: Path, limits: ClipLimits) -> dict[str, Any]:
    """Return the child's one line of JSON; an empty answer when it crashed or its own limits killed it."""
    bounds = ["--min-seconds", str(limits.shortest), "--max-seconds", str(limits.longest)]
    try:
        ended = await run_child(_CHILD, [str(canonical), *map(str, sources), *bounds], limits.checking)
    except TimeoutError as error:
        log.warning("clip_check_timeout", seconds=limits.checking)
        raise Unavailable(
            f"The recording could not be checked within {limits.checking:g} seconds.  Try again soon, or send it"
            " shorter or at a lower sample rate.",
            code="clip_check_timeout",
            headers={"Retry-After": "10"},
        ) from error
    if ended.machine_failed:
        log.error("clip_check_failed", status=ended.exit_code, said=ended.complaints)
        raise Unavailable("The recording could not be stored.", code="storage_unavailable")
    if ended.exit_code != 0:
        log.warning("clip_check_crashed", status=ended.exit_code, said=ended.complaints)
        return {}
    return parse_answer(ended.output)


def parse_answer(output: bytes) -> dict[str, Any]:
    """Return what a child printed, empty when it is no JSON object."""
    try:
        answer: Any = json.loads(output)
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}  # pyright: ignore[reportUnknownVariableType]


def log_protection() -> None:
    """Write to the log, once at start, how decoders are kept from files, network and other processes."""
    offered = protection()
    log.info("decoder_sandbox", landlock=offered.landlock, seccomp=offered.seccomp)
    for gap in offered.missing:
        log.warning("decoder_sandbox_incomplete", why=gap)
