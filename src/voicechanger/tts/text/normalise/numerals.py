"""Written numerals → values: digits with separators, Roman numerals."""

from __future__ import annotations

import re
from dataclasses import dataclass

SPACES = "\u0020\u00a0\u202f\u2009"
_SPACED = rf"\d{{1,3}}(?:[{SPACES}]\d{{3}})+"
_GROUPED = r"\d+(?:[.,'’]\d{2,3}(?=[.,'’]\d{3}))*(?:[.,'’]\d{3}(?!\d))*"
NUMERAL = rf"(?:{_SPACED}|{_GROUPED})(?:[.,]\d+)?(?!\d)"
"""12 · 12,50 · 1.234,5 · 1 234 567 · 1,234.50 · 12,34,567"""

LONGEST = 15
"""Digits of a number that is read as one; a longer one is read digit by digit."""

_SEPARATED = re.compile(r"[.,]")


@dataclass(frozen=True, slots=True)
class Numeral:
    """A number as it was written."""

    whole: str
    """Digits before the decimal sign, leading zeros kept."""
    fraction: str = ""
    """Digits after it."""
    sign: str = ""
    """The decimal sign itself, when there is one."""

    @property
    def value(self) -> int:
        """Of the part before the decimal sign."""
        return int(self.whole)

    @property
    def one(self) -> bool:
        """Whether a noun after it is singular."""
        return self.value == 1 and not self.fraction


def parse(text: str, decimal: str) -> Numeral:
    """Return the value of a numeral in a language with this decimal sign; the other sign groups thousands.

    Where one sign stands once before exactly three digits, the language decides; where the signs
    differ, the last one is the decimal sign, whatever the language.
    """
    text = re.sub(rf"[{SPACES}'’]", "", text)
    signs = _SEPARATED.findall(text)
    groups = _SEPARATED.split(text)
    if not signs:
        return Numeral(text)
    if len(set(signs)) == 2:
        return Numeral("".join(groups[:-1]), groups[-1], signs[-1])
    grouping = len(signs) > 1 or (signs[0] != decimal and len(groups[1]) == 3 and groups[0] != "0")
    if grouping:
        return Numeral("".join(groups))
    return Numeral(groups[0], groups[1], signs[0])


_ROMAN = re.compile(r"M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})")
_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}


def roman(text: str) -> int | None:
    """Return the value of a Roman numeral in its regular form; None when it is not one."""
    if not text or not _ROMAN.fullmatch(text):
        return None
    values = [_VALUES[sign] for sign in text]
    # A smaller sign before a larger one counts against it.
    pairs = zip(values, [*values[1:], 0], strict=True)
    return sum(-value if value < following else value for value, following in pairs)
