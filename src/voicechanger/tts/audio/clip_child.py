"""Check untrusted recordings of one speaker in a process of its own, without any right that decoding does not need.

usage: python -m voicechanger.tts.audio.clip_child OUT IN [IN …] [--min-seconds 3] [--max-seconds 60]

Start it with the environment of `voicechanger.sandbox.child`: the locked process can start no thread.  The files are
opened first; then the process gives up files, network and other processes before it reads them.

Prints one line of JSON and exits with 0, whether the recording is accepted or refused; OUT is left empty for a refused
one.  Exit code 74 means that OUT could not be written, 71 that the kernel refused the lock-down; every other way to
end is a crash, which the parent may blame on the file.
"""

from __future__ import annotations

import argparse
import json
import sys
from contextlib import ExitStack
from importlib import import_module
from pathlib import Path
from typing import BinaryIO

from voicechanger.sandbox.child import OUTPUT_FAILED, SANDBOX_FAILED, failing_with
from voicechanger.sandbox.limits import Limits
from voicechanger.sandbox.lockdown import lock_down
from voicechanger.tts.errors import ClipError

LIMITS = Limits(memory=512 << 20, cpu_seconds=30, file_bytes=32 << 20)
"""Sixty seconds of canonical samples take under 3 MB."""


_NEEDED = ("numpy.fft", "voicechanger.tts.audio.clip_check")
"""Imported under the limits, which are there for numpy and the decoders, and before the lock-down."""


def answer(sources: list[BinaryIO], out: BinaryIO, min_seconds: float, max_seconds: float) -> dict[str, object]:
    """Return the line for the parent: `ok` with the figures of `ClipReport`, or the code and message of a refusal."""
    from voicechanger.tts.audio.clip_check import check

    try:
        return {"ok": True, **check(sources, out, min_seconds, max_seconds).to_json()}
    except ClipError as error:
        return {"ok": False, "code": error.code, "message": error.message}


def prepare() -> None:
    """Load the decoders and the speech detector."""
    for name in _NEEDED:
        import_module(name)
    from voicechanger.tts.cloning.clip_analysis import load_detector

    load_detector()


def main() -> None:
    """Run as a program."""
    LIMITS.apply()
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=Path)
    parser.add_argument("sources", type=Path, nargs="+")
    parser.add_argument("--min-seconds", type=float, default=3.0)
    parser.add_argument("--max-seconds", type=float, default=60.0)
    given = parser.parse_args()
    prepare()
    with ExitStack() as files:
        with failing_with(OUTPUT_FAILED):
            out = files.enter_context(given.out.open("wb", buffering=0))
            sources = [files.enter_context(source.open("rb", buffering=0)) for source in given.sources]
        with failing_with(SANDBOX_FAILED):
            lock_down()
        with failing_with(OUTPUT_FAILED):
            line = answer(sources, out, given.min_seconds, given.max_seconds)
    sys.stdout.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main()
