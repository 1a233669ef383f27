from __future__ import annotations

from voicechanger.inference.text.normalise.pieces import Scanner


def scanner() -> Scanner:
    return Scanner([], {}, {})
