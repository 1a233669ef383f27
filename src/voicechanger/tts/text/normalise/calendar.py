"""Dates and times of day in digits: rules shared by the European languages and Hindi."""

from __future__ import annotations

import re

from voicechanger.tts.text.normalise.facts import Facts
from voicechanger.tts.text.normalise.rules import Rule, rule


class Calendar:
    """Rules for dates and times."""

    def __init__(self, facts: Facts, noon: dict[str, str], hour_words: str) -> None:
        """`noon`: "am" and "pm" → spoken form; `hour_words`: pattern of what may follow a time (h, horas)."""
        self._facts = facts
        self._noon = noon
        self._hour_words = hour_words

    def rules(self) -> list[Rule]:
        """Return the rules in the order of their precedence."""
        noon = r"(?:[ \u00a0]?(?P<noon>[ap])\.?[ ]?m\b\.?)"
        hours = rf"(?:[ \u00a0]?(?:{self._hour_words})(?![^\W_])\.?)?"
        return [
            rule(r"(?<!\d)(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})(?!\d)", self._date),
            rule(r"(?<!\d)(?P<d>\d{1,2})(?P<sep>[/.\-])(?P<m>\d{1,2})(?P=sep)(?P<y>\d{4}|\d{2})(?!\d)", self._date),
            rule(
                rf"(?<!\d)(?P<h>\d{{1,2}}):(?P<min>\d{{2}})(?::(?P<s>\d{{2}}))?(?![\d:])(?:{noon}|{hours})",
                self._time,
                re.IGNORECASE,
            ),
            rule(
                r"(?<!\d)(?P<h>\d{1,2})[ \u00a0\u202f]?h[ \u00a0\u202f]?(?P<min>\d{2})(?:min)?(?P<s>)(?P<noon>)(?!\w)",
                self._time,
                re.IGNORECASE,
            ),
            rule(rf"(?<!\d)(?P<h>\d{{1,2}})(?P<min>)(?P<s>){noon}", self._time, re.IGNORECASE),
        ]

    def _date(self, match: re.Match[str]) -> str | None:
        day, month, year = int(match["d"]), int(match["m"]), match["y"]
        if not (1 <= day <= 31 and 1 <= month <= 12):
            return None
        words = self._facts.cardinal(int(year), "")
        return self._facts.date(day, self._facts.months[month - 1], words)

    def _time(self, match: re.Match[str]) -> str | None:
        hour, minute, second = int(match["h"]), int(match["min"] or 0), match["s"]
        if hour > 24 or minute > 59:
            return None
        spoken = self._facts.time(hour, minute)
        if second:
            noun = self._facts.seconds
            spoken += f" {self._facts.cardinal(int(second), noun.gender)} {noun.form(int(second) == 1)}"
        noon = match["noon"]
        return f"{spoken} {self._noon[noon.lower() + 'm']}" if noon else spoken
