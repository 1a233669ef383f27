"""Dates and times of day."""

from __future__ import annotations

import re

from voicechanger.tts.text.normalise.english.numbers import Numbers
from voicechanger.tts.text.normalise.rules import Rule

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_MONTH = (
    r"(January|February|March|April|May|June|July|August|September|October|November|December"
    r"|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept|Sep|Oct|Nov|Dec)\b\.?"
)
_YEAR = r"(\d{4})(?![\d.,]\d|\d)"
_NOT_BEFORE = r"(?<![\w.,/:-])"
_MERIDIEM = r"\s?([AaPp])(?:\.\s?[Mm]\.?|[Mm])(?!\w)"


def rules(numbers: Numbers) -> list[Rule]:
    """Longest forms first."""
    dates = _Dates(numbers)
    return [
        Rule(re.compile(rf"{_NOT_BEFORE}(\d{{4}})[-/.](\d{{1,2}})[-/.](\d{{1,2}})(?:T(?=\d))?(?![\w/-])"), dates.iso),
        Rule(
            re.compile(rf"{_NOT_BEFORE}(\d{{1,2}})([/.-])(\d{{1,2}})\2(\d{{4}}|\d{{2}})(?![\w/-]|\.\d)"), dates.slashes
        ),
        Rule(re.compile(rf"\b{_MONTH}\s(\d{{1,2}})(?:st|nd|rd|th)?\b(?![:%])(?:,?\s{_YEAR})?"), dates.month_day),
        Rule(
            re.compile(rf"(?<![\w.,/-])(the )?(\d{{1,2}})(?:st|nd|rd|th)?\s(?:of\s)?{_MONTH}(?:,?\s{_YEAR})?"),
            dates.day_month,
        ),
        Rule(re.compile(rf"\b{_MONTH}\s{_YEAR}"), dates.month_year),
        Rule(re.compile(r"(?<![\w.,])(\d{2,3})(\d)0s\b|(?<!\w)'?(\d)0s\b"), dates.decade),
        Rule(re.compile(rf"(?<![\w.,:])(\d{{1,2}}):(\d{{2}})(?::(\d{{2}}))?(?:{_MERIDIEM})?(?![\d:])"), dates.time),
        Rule(re.compile(rf"(?<![\w.,:$£€])(\d{{1,2}})(?:\.(\d{{2}}))?{_MERIDIEM}"), dates.hour),
    ]


class _Dates:
    def __init__(self, numbers: Numbers) -> None:
        self._numbers = numbers

    def iso(self, match: re.Match[str]) -> str | None:
        return self._date(int(match[2]), int(match[3]), match[1])

    def slashes(self, match: re.Match[str]) -> str | None:
        first, second = int(match[1]), int(match[3])
        day_first = self._numbers.british or match[2] == "."
        month, day = (second, first) if day_first else (first, second)
        if month > 12:
            month, day = day, month
        year = match[4]
        if len(year) == 2:
            if match[2] != "/":
                return None
            year = ("19" if int(year) > 40 else "20") + year
        return self._date(month, day, year)

    def month_day(self, match: re.Match[str]) -> str | None:
        return self._date(_month(match[1]), int(match[2]), match[3], day_first=False)

    def day_month(self, match: re.Match[str]) -> str | None:
        spoken = self._date(_month(match[3]), int(match[2]), match[4], day_first=True)
        if spoken is None or match[1] is None or match[1].islower():
            return spoken
        return spoken[0].upper() + spoken[1:]

    def month_year(self, match: re.Match[str]) -> str | None:
        return f"{MONTHS[_month(match[1]) - 1]} {self._numbers.year(match[2])}{_full_stop(match)}"

    def decade(self, match: re.Match[str]) -> str | None:
        tens = match[2] or match[3]
        words = {"1": "tens", "0": "hundreds"}.get(tens) or self._numbers.cardinal(tens + "0")[:-1] + "ies"
        if match[1] is None:
            return None if tens in "01" else words
        century = self._numbers.cardinal(match[1])
        if tens == "0" and match[1].endswith("0"):
            return self._numbers.cardinal(match[1] + "00") + "s"
        return f"{century} {words}"

    def time(self, match: re.Match[str]) -> str | None:
        hour, minute, second = int(match[1]), int(match[2]), match[3]
        if hour > 24 or minute > 59 or (second and int(second) > 59):
            return None
        return self._clock(hour, minute, second, match[4]) + _full_stop(match, match[4])

    def hour(self, match: re.Match[str]) -> str | None:
        minute = int(match[2] or 0)
        if not 0 < int(match[1]) <= 12 or minute > 59:
            return None
        return self._clock(int(match[1]), minute, None, match[3]) + _full_stop(match, match[3])

    def _clock(self, hour: int, minute: int, second: str | None, meridiem: str | None) -> str:
        words = [self._numbers.cardinal(str(hour))]
        if minute:
            words.append(("oh " if minute < 10 else "") + self._numbers.cardinal(str(minute)))
        elif second:
            words.append("hundred hours" if hour > 12 else "o'clock")
        elif not meridiem:
            words.append("hundred" if hour > 12 else "o'clock" if hour else "hundred hours")
        if second and int(second):
            words.append(f"and {self._numbers.cardinal(str(int(second)))} second{'' if int(second) == 1 else 's'}")
        if meridiem:
            words.append(f"{meridiem.upper()}.M.")
        return " ".join(words)

    def _date(self, month: int, day: int, year: str | None, day_first: bool | None = None) -> str | None:
        if not (1 <= month <= 12 and 1 <= day <= 31):
            return None
        ordinal = self._numbers.ordinal(str(day))
        by_day = self._numbers.british if day_first is None else day_first
        spoken = f"the {ordinal} of {MONTHS[month - 1]}" if by_day else f"{MONTHS[month - 1]} {ordinal}"
        if not year:
            return spoken
        return f"{spoken}{' ' if by_day else ', '}{self._numbers.year(year)}"


def _month(name: str) -> int:
    return next(i for i, month in enumerate(MONTHS, 1) if month[:3] == name[:3])


def _full_stop(match: re.Match[str], abbreviation: str | None = "") -> str:
    """The dot that both ended an abbreviation and the sentence."""
    return "." if abbreviation and match.group().endswith(".") and match.end() == len(match.string) else ""
