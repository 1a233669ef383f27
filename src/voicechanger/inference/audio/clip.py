"""Reference recordings, seen from the process that must survive them.  Imports no numpy.

The recording is decoded by a child (`clip_child`) that can be killed; here it is started, watched and understood.
"""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import voicechanger
from voicechanger.inference.errors import ClipError

OUTPUT_FAILED = 74
"""Exit code of the child when it could not write: the machine's fault, not the recording's (EX_IOERR)."""

WALL_SECONDS = 60.0
_SOURCES = Path(voicechanger.__file__).parents[1]


@dataclass(frozen=True, slots=True)
class ClipReport:
    """What was measured in an accepted recording."""

    seconds: float
    rate: int
    """Hertz, as uploaded."""
    channels: int
    speech_seconds: float
    speech_share: float
    """0 to 1."""
    snr_db: float
    """Speech over noise, −20 to 60."""
    clipped_share: float
    """0 to 1."""
    peak_db: float
    """Of the largest sample, relative to full scale."""
    loudness_lufs: float
    sha256: str
    """Of the canonical samples: the same sound gives the same voice."""
    warnings: tuple[str, ...]
    """narrowband, truncated, quiet, little_speech, some_clipping, noisy."""


def clip_command(source: Path, out: Path, min_seconds: float = 3.0, max_seconds: float = 60.0) -> list[str]:
    """The program that checks `source` and writes the canonical clip to `out`."""
    module = "voicechanger.inference.audio.clip_child"
    bounds = ["--min-seconds", str(min_seconds), "--max-seconds", str(max_seconds)]
    return [sys.executable, "-m", module, str(source), str(out), *bounds]


def clip_environment() -> dict[str, str]:
    """All that the child may know: no secrets, and one thread, for each one reserves address space."""
    return {
        "PYTHONPATH": str(_SOURCES),
        "PYTHONSAFEPATH": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
    }


def read_answer(exit_code: int, output: bytes) -> ClipReport:
    """The child's answer; ClipError when it refused the recording or died of it, OSError when the disk failed."""
    if exit_code == OUTPUT_FAILED:
        raise OSError("the canonical clip could not be written")
    lines = output.splitlines()
    if exit_code != 0 or len(lines) != 1:
        message = "The recording could not be read safely; export it again as 16-bit WAV and resend it."
        raise ClipError("clip_unreadable", message)
    told = cast(dict[str, Any], json.loads(lines[0]))
    if not told.pop("ok"):
        raise ClipError(str(told["code"]), str(told["message"]))
    told["warnings"] = tuple(told["warnings"])
    return ClipReport(**told)


async def check_clip(source: Path, out: Path, *, min_seconds: float = 3.0, max_seconds: float = 60.0) -> ClipReport:
    """Check a recording in a child and write its canonical form to `out`; raises as `read_answer` does."""
    child = await asyncio.create_subprocess_exec(
        *clip_command(source, out, min_seconds, max_seconds),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=clip_environment(),
        start_new_session=True,
    )
    try:
        output, _ = await asyncio.wait_for(child.communicate(), WALL_SECONDS)
    except TimeoutError:
        return read_answer(-1, b"")
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    return read_answer(child.returncode or 0, output)
