"""Facts of a language that the shared rules are filled with: its words for numbers, money, units, signs …"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Noun:
    """A counted thing: its forms and its gender ("m", "f", or "" where it does not matter)."""

    one: str
    many: str
    gender: str = "m"

    def form(self, single: bool) -> str:
        """Singular or plural."""
        return self.one if single else self.many


def listed(words: str) -> list[str]:
    """The words of a long table, in order."""
    return words.split()


Count = Callable[[int, str], str]
"""A number in words, agreeing with a noun of gender "m" or "f"; "" where it only counts."""


def _no_gender(_: str) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that the shared rules need of a language."""

    cardinal: Count
    ordinal: Count
    decimal: str
    """The decimal sign that this language writes; the other one groups thousands."""
    point: Mapping[str, str]
    """Decimal sign → its name."""
    months: tuple[str, ...]
    date: Callable[[int, str, str], str]
    """Of day, name of the month and year in words ("" when none is written)."""
    time: Callable[[int, int], str]
    """Of hour and minute."""
    seconds: Noun
    currencies: Mapping[str, tuple[Noun, Noun]]
    """By code: the money and its hundredth."""
    price: Callable[[str, str], str]
    """Of the whole part and the hundredths, both in words."""
    scales: Mapping[str, str]
    """Written after a number, before the money: "M" → millones."""
    of_scale: str
    """Between millions and the money: "de"."""
    units: Mapping[str, Noun]
    letters: Mapping[str, str]
    """Names of the letters, lower case."""
    signs: Mapping[str, str]
    """Of a sign that stands alone: & + = % € ½"""
    address: Mapping[str, str]
    """Of the signs inside an address: . / - _ @ : ? = & # ~ % +"""
    minus: str
    to: str
    """Between the ends of a range."""
    over: str
    """Between the parts of a fraction that has no name."""
    fractions: Mapping[str, str]
    less: str
    more: str
    times: str
    abbreviations: Mapping[str, str] = field(default_factory=dict[str, str])
    """With their dots, lower case."""
    read_acronyms: frozenset[str] = frozenset()
    """Short acronyms that are pronounced as words."""
    plain_capitals: frozenset[str] = frozenset()
    """Short words that may be written in capitals for emphasis."""
    ordinal_signs: str = r"[ºª°]"
    """Pattern of what follows the digits of an ordinal; the groups `f` and `short` mark its forms."""
    roman_before: frozenset[str] = frozenset()
    """Words after which a Roman numeral stands (centuries, chapters)."""
    roman: Callable[[int, str], str] | None = None
    """Spoken form of a Roman numeral, from its value and the word before it, case-folded."""
    gender: Callable[[str], str] = _no_gender
    """Of the word after a number, guessed from its ending; "" when it is no noun or does not matter."""
    elides: bool = False
    """Whether "de" loses its vowel before another."""
    fraction_digits: bool = False
    """Decimals are always read digit by digit."""
    pairs: bool = False
    """Telephone numbers are read by their groups instead of digit by digit."""
    million_words: frozenset[str] = frozenset()
    """Words for large scales written out after a price: "$5 millones"."""
