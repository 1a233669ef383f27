"""Mandarin: what is written → Chinese characters that have a reading."""

from __future__ import annotations

import re

from voicechanger.inference.text.normalise.pieces import Scanner

HAN = "㐀-䶿一-鿿豈-﫿𠀀-𯨟〇々"
WORD = re.compile(rf"[{HAN}]+|[^\W\d_{HAN}]+(?:['’\-][^\W\d_{HAN}]+)*")


def scanner() -> Scanner:
    """The reader of written Chinese."""
    return Scanner([], {}, {}, WORD, spaced=False)
