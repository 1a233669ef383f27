"""The scanner of a language that is written in words with spaces, from its facts."""

from __future__ import annotations

from collections.abc import Sequence

from voicechanger.tts.text.normalise.calendar import Calendar
from voicechanger.tts.text.normalise.facts import Facts
from voicechanger.tts.text.normalise.letters import Letters
from voicechanger.tts.text.normalise.numbers import Numbers
from voicechanger.tts.text.normalise.pieces import Scanner
from voicechanger.tts.text.normalise.rules import Rule


def european(
    facts: Facts, noon: dict[str, str], hour_words: str, extra: Sequence[Rule] = (), words: dict[str, str] | None = None
) -> Scanner:
    """Return the scanner; `extra` rules go before all but addresses, `words` maps words to respellings."""
    numbers = Numbers(facts)
    letters = Letters(facts, numbers)
    rules = [
        *letters.addresses(),
        *extra,
        *letters.abbreviations(),
        *Calendar(facts, noon, hour_words).rules(),
        *letters.signs(),
        *letters.ordinals(),
        *numbers.measures(),
        *letters.names(),
        *numbers.plain(),
    ]
    return Scanner(rules, words or {}, facts.signs)
