"""Which speakers are held out: never trained on, never tuned on.  The list is fixed in `heldout.txt`.

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
    """The fixed list."""
    return frozenset(Path(__file__).with_name("heldout.txt").read_text().split())


def validation_speakers() -> list[str]:
    """Training speakers that nothing is trained on, 16 of each folder: they choose between tries, held-out ones only judge."""
    return Path(__file__).with_name("keptback.txt").read_text().split()


def choose(speakers: Path) -> list[str]:
    """The speakers of each folder whose names hash lowest."""
    chosen: list[str] = []
    for folder in ("librispeech", "speechocean"):
        names = {speaker_of(str(clip)) for clip in (speakers / folder).glob("*.flac")}
        chosen += sorted(names, key=lambda name: hashlib.sha256(name.encode()).hexdigest())[:PER_FOLDER]
    return sorted(chosen)


if __name__ == "__main__":
    print("\n".join(choose(Path(sys.argv[1]))))
