"""English number words, on top of num2words."""

from __future__ import annotations

import re
from typing import Any, cast

import num2words as _num2words  # pyright: ignore[reportMissingTypeStubs]

_LONGEST = 36
"""Digits up to which a number is read as one; a longer one is read digit by digit."""
_DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
SCALES = {
    "k": "thousand",
    "m": "million",
    "mn": "million",
    "b": "billion",
    "bn": "billion",
    "t": "trillion",
    "tn": "trillion",
}


class Numbers:
    """Number words, American ("one hundred one") or British ("one hundred and one")."""

    def __init__(self, british: bool) -> None:
        self.british = british

    def cardinal(self, digits: str) -> str:
        """'1,234' → 'one thousand two hundred thirty four'; leading zeros and giants digit by digit."""
        digits = plain(digits)
        if len(digits) > _LONGEST or (len(digits) > 1 and digits[0] == "0"):
            return self.digits(digits)
        return self._tidy(_say(int(digits), "cardinal"))

    def ordinal(self, digits: str) -> str:
        """'21' → 'twenty first'."""
        digits = plain(digits)
        if len(digits) > _LONGEST:
            return self.digits(digits)
        return self._tidy(_say(int(digits), "ordinal"))

    def year(self, digits: str) -> str:
        """'1905' → 'nineteen oh five'; '2024' → 'twenty twenty four'."""
        return self._tidy(_say(int(digits), "year"))

    def digits(self, digits: str) -> str:
        """'405' → 'four zero five'."""
        return " ".join(_DIGITS[int(d)] for d in digits if d.isdecimal())

    def number(self, written: str) -> str:
        """A cardinal or a decimal: '3.14' → 'three point one four'."""
        whole, _, fraction = plain(written).partition(".")
        spoken = self.cardinal(whole) if whole else "zero" if self.british else ""
        return f"{spoken} point {self.digits(fraction)}".strip() if fraction else spoken

    def _tidy(self, words: str) -> str:
        words = words.replace(",", "").replace("-", " ")
        return words if self.british else words.replace(" and ", " ")


def plain(number: str) -> str:
    """Without thousands separators."""
    return re.sub(r"[, \u00a0\u202f']", "", number)


def is_one(number: str) -> bool:
    """Whether the unit after it stands in the singular."""
    return plain(number) == "1"


def _say(value: int, form: str) -> str:
    speak = cast("Any", _num2words).num2words
    return str(speak(value, lang="en", to=form))
