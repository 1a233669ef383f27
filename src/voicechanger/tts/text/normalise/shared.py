"""Rules that more than one language has."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from voicechanger.tts.text.normalise.facts import listed
from voicechanger.tts.text.normalise.rules import SpokenForm


def price(number: Callable[[str], str], currencies: Mapping[str, str]) -> SpokenForm:
    """Return the spoken form for matches with `number`, `scale` and `money`: number, scale, name of the currency."""
    return lambda match: number(match["number"]) + (match["scale"] or "") + currencies[match["money"]]


def gender_by_ending(neither: str, masculine: str, feminine: str) -> Callable[[str], str]:
    """Return a function for the gender of a noun: "f" by its ending, "m" otherwise, "" for a name or another word.

    `neither` and `masculine` list words: particles, and nouns that end as feminine ones do.
    """
    others, men, women = frozenset(listed(neither)), frozenset(listed(masculine)), re.compile(rf"(?:{feminine})$")

    def gender(word: str) -> str:
        if word in others or not word.islower():
            return ""
        return "f" if word not in men and women.search(word) else "m"

    return gender


def feminine_ordinal(words: str) -> str:
    """primero, vigésimo primeiro → primera, vigésima primeira."""
    return re.sub(r"o(?=\s|$)", "a", words)
