"""The test speakers, which nothing is trained or tuned on, and the validation speakers, which choose between tries.

The lists are fixed in heldout.txt (test) and keptback.txt (validation), named before the terms were.

usage: python split.py SPEAKERS_DIR > heldout.txt     (already done; kept so that the choice can be checked)
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

PER_FOLDER = 32


def speaker_of(path: str) -> str:
    """Folder and speaker of a clip, from its path: librispeech/103, speechocean/SPEAKER0001."""
    folder, name = path.split("/")[-2:]
    return f"{folder}/{name.split('-')[0]}"


def test_speakers() -> frozenset[str]:
    """Return the test speakers."""
    return frozenset(Path(__file__).with_name("heldout.txt").read_text().split())


def validation_speakers() -> list[str]:
    """Return the validation speakers, 16 of each folder: they choose between tries; test speakers only judge."""
    return Path(__file__).with_name("keptback.txt").read_text().split()


def choose(speakers: Path) -> list[str]:
    """Return the speakers of each folder whose names hash lowest."""
    chosen: list[str] = []
    for folder in ("librispeech", "speechocean"):
        names = {speaker_of(str(clip)) for clip in (speakers / folder).glob("*.flac")}
        chosen += sorted(names, key=lambda name: hashlib.sha256(name.encode()).hexdigest())[:PER_FOLDER]
    return sorted(chosen)


if __name__ == "__main__":
    print("\n".join(choose(Path(sys.argv[1]))))
