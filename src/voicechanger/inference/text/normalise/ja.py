"""Japanese: what is written → kanji and kana that the dictionary reads."""

from __future__ import annotations

import re

from voicechanger.inference.text.normalise.pieces import Scanner, rule

JAPANESE = "぀-ヿㇰ-ㇿ㐀-䶿一-鿿豈-﫿𠀀-𯨟々〇〆ヶー"
WORD = re.compile(rf"[{JAPANESE}]+|[^\W\d_{JAPANESE}]+(?:['’\-][^\W\d_{JAPANESE}]+)*")


_HUMPS = re.compile(r"(?<=[a-z])(?=[A-Z])")
RULES = [rule(r"[A-Z]?[a-z]+[A-Z][A-Za-z]*", lambda match: _HUMPS.sub(" ", match.group()))]
"""ChatGPT is read as its parts."""


def scanner() -> Scanner:
    """The reader of written Japanese."""
    return Scanner(RULES, {}, {}, WORD, spaced=False)
