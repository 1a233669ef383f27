"""`voicechanger say`: the way of a job without server, database or queue."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np
import structlog
from numpy.typing import NDArray
from starlette.datastructures import UploadFile

from voicechanger.domains.clips.upload import ClipLimits, checked_clip
from voicechanger.kit.errors import CommandError
from voicechanger.settings import Settings
from voicechanger.tts.audio.canonical import read_canonical
from voicechanger.tts.audio.formats import FORMATS
from voicechanger.tts.engine import SpeedTarget
from voicechanger.tts.kokoro.engine import KokoroEngine
from voicechanger.tts.synthesize import synthesize
from voicechanger.tts.text.script_writer import write_script

log = structlog.get_logger()


def say(
    settings: Settings, text: str, clip: Path, out: Path, *, language: str, speed: float, duration: float | None
) -> float:
    """Speak `text` in the voice of `clip` into `out`; returns the length in seconds."""
    form = next((form for form in FORMATS.values() if form.extension == out.suffix.lower().lstrip(".")), None)
    if form is None:
        raise CommandError(
            f"Write to a file that ends in one of: {', '.join(f'.{f.extension}' for f in FORMATS.values())}"
        )
    script = write_script(text, language)
    for notice in script.notices:
        log.warning("notice", about=notice)
    engine = KokoroEngine.load(settings.models_dir, settings.threads)
    voice = engine.encode(*asyncio.run(_samples(settings, clip)))
    part = out.with_name(out.name + ".part")
    try:
        result = synthesize(engine, script, voice, SpeedTarget(speed, duration), part, form.name, lambda share: None)
        part.rename(out)
    finally:
        part.unlink(missing_ok=True)
    return result.seconds


async def _samples(settings: Settings, clip: Path) -> tuple[NDArray[np.float32], int]:
    limits = ClipLimits(settings.clip_min_seconds, settings.clip_max_seconds, settings.clip_check_seconds)
    try:
        with clip.open("rb") as file:
            async with checked_clip([UploadFile(file)], limits, "ref") as checked:
                return read_canonical(checked.path)
    except OSError as error:
        raise CommandError(f"{clip} cannot be read: {error.strerror}") from error
