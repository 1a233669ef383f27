"""Check untrusted recordings of one speaker in a process of its own, under limits that it sets on itself first.

usage: python -m voicechanger.tts.audio.clip_child OUT IN [IN …] [--min-seconds 3] [--max-seconds 60]

Prints one line of JSON and exits with 0, whether the recording is accepted or refused.  Exit code 74 means that OUT
could not be written; every other way to end is a crash, which the parent may blame on the file.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
from pathlib import Path

from voicechanger.tts.errors import ClipError

OUTPUT_FAILED = 74
"""EX_IOERR: the machine's fault, not the recording's."""

_MEMORY = 1 << 30
_CPU_SECONDS = 30
_FILE_BYTES = 32 << 20
"""Sixty seconds of canonical samples take under 3 MB."""


def limit_self(memory: int = _MEMORY) -> None:
    """Cap address space, processor time and file size, and leave no core dump."""
    for kind, limit in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, _CPU_SECONDS),
        (resource.RLIMIT_FSIZE, _FILE_BYTES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (limit, limit))


def answer(sources: list[Path], out: Path, min_seconds: float, max_seconds: float) -> dict[str, object]:
    """Return the line for the parent: `ok` with the figures of `ClipReport`, or the code and message of a refusal."""
    # Imported only now, under the limits: they are there for numpy and the decoders
    from voicechanger.tts.audio.clip_check import check

    try:
        return {"ok": True, **check(sources, out, min_seconds, max_seconds).to_json()}
    except ClipError as error:
        return {"ok": False, "code": error.code, "message": error.message}


def main() -> None:
    """Run as a program."""
    limit_self()
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=Path)
    parser.add_argument("sources", type=Path, nargs="+")
    parser.add_argument("--min-seconds", type=float, default=3.0)
    parser.add_argument("--max-seconds", type=float, default=60.0)
    given = parser.parse_args()
    try:
        line = answer(given.sources, given.out, given.min_seconds, given.max_seconds)
    except OSError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(OUTPUT_FAILED)
    sys.stdout.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main()
