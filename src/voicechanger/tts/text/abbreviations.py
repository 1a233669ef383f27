"""Abbreviations whose dot does not end a sentence, from the tables that the normalisers read them by."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import import_module

from voicechanger.tts.text.normalise.english.names import ABBREVIATIONS, BEFORE_NUMBER, TITLES

_FACTS = {"es": "es", "fr": "fr", "hi": "hi", "it": "it", "pt-br": "pt"}
_MAY_END = frozenset(
    [
        *("etc.", "ecc.", "a. c.", "d. c.", "ee. uu.", "s. a.", "s. p. a.", "ltda.", "jr.", "max.", "min.", "máx."),
        *("mín.", "av. j.-c.", "apr. j.-c.", "obs.", "c.a.", "ई.", "ई. पू."),
    ]
)
"""Abbreviations that also stand at the end of a sentence: they continue only before a small letter or a digit."""
_ENGLISH_BEFORE_WORDS = ("e.g.", "i.e.", "cf.", "vs.", "viz.", "approx.", "ca.")
_TITLES_IN_AUTO = ("Sr.", "Sra.", "Srta.", "Dra.", "Dott.", "Sig.", "Profa.", "Mme.", "Mlle.")
"""Titles of other languages, which are no English words, for a text whose language is not known yet."""
_INSIDE = re.compile(r"(?<![^\W_])[^\W\d_]\.$")
"""A dot after a single letter, as in a.C. and U.S."""
_LONGEST = 24
"""Characters before a dot that are compared."""


@dataclass(frozen=True, slots=True)
class _Patterns:
    """Patterns for the end of a text; None where a language has no such abbreviation."""

    before_anything: re.Pattern[str] | None
    before_small: re.Pattern[str] | None
    before_number: re.Pattern[str] | None


def continues(line: str, end: int, language: str) -> bool:
    """Return whether the sentence goes on after the dot at `end`, because an abbreviation ends there."""
    before, after = line[max(0, end - _LONGEST) : end].rstrip(), line[end : end + _LONGEST]
    following = after.lstrip()[:1]
    if not before.endswith(".") or not following:
        return False
    if following.isalpha() and after[:1] == following and not line[end - 1].isspace() and _INSIDE.search(before):
        return True
    found = _patterns(language)
    small = following.islower() or following.isdigit()
    return (
        _ends_in(found.before_anything, before)
        or (small and _ends_in(found.before_small, before))
        or (following.isdigit() and _ends_in(found.before_number, before))
    )


def _ends_in(pattern: re.Pattern[str] | None, before: str) -> bool:
    return pattern is not None and pattern.search(before) is not None


@cache
def _patterns(language: str) -> _Patterns:
    if language in _FACTS:
        facts = import_module(f"voicechanger.tts.text.normalise.{_FACTS[language]}").FACTS
        dotted = [key for key in facts.abbreviations if key.endswith(".")]
        before_small = [key for key in dotted if key.casefold() in _MAY_END]
        return _Patterns(_pattern(set(dotted) - set(before_small)), _pattern(before_small), None)
    if language not in ("en-us", "en-gb", "auto"):
        return _Patterns(None, None, None)
    titles = [f"{title}." for title in TITLES] + list(_ENGLISH_BEFORE_WORDS)
    titles += _TITLES_IN_AUTO if language == "auto" else ()
    streets = {f"{street}." for street in ("St", "Dr", "Mt", "Ft", "Fr", "Hon", "Pres", "Gen", "Col", "Rep")}
    small = [key for key in ABBREVIATIONS if key.endswith(".")]
    return _Patterns(
        _pattern(set(titles) - streets, 0), _pattern(small, 0), _pattern((f"{key}." for key in BEFORE_NUMBER), 0)
    )


def _pattern(keys: Iterable[str], flags: int = re.IGNORECASE) -> re.Pattern[str] | None:
    bodies = [r"[ \u00a0]?".join(map(re.escape, key.split(" "))) for key in sorted(keys, key=len, reverse=True)]
    return re.compile(rf"(?<![^\W_])(?:{'|'.join(bodies)})$", flags) if bodies else None
