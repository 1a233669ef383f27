"""Money, percentages, temperatures, lengths and other measures."""

from __future__ import annotations

import re

from voicechanger.tts.text.normalise.english.numbers import SCALES, Numbers, is_one, plain
from voicechanger.tts.text.normalise.english.units import CURRENCIES, UNITS
from voicechanger.tts.text.normalise.rules import Rule

NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+"
_SCALE = r"(?:\s?(hundred|thousand|million|billion|trillion)\b|(k|K|mn?|M|bn?|B|tn?|T)\b)?"
_SIGN = r"([-+±]?)"
_ALSO_LETTERS = "ANVJshL"
_FREE = r"(?<![\w.,])"


def rules(numbers: Numbers) -> list[Rule]:
    """Longest forms first."""
    amounts = _Amounts(numbers)
    marks = "|".join(re.escape(c) for c in sorted(CURRENCIES, key=len, reverse=True))
    codes = "|".join(code for code in CURRENCIES if code.isalpha() and code.isupper() and len(code) == 3)
    units = "|".join(re.escape(u) for u in sorted(UNITS, key=len, reverse=True))
    between = rf"({NUMBER})\s?(?:-|–|—|to)\s?"
    return [
        Rule(
            re.compile(rf"(?<!\w)([-+]?)({marks})\s?(?:{between}\2?)?({NUMBER})(?:/-)?{_SCALE}"),
            amounts.money_after_mark,
        ),
        Rule(re.compile(rf"{_FREE}{_SIGN}({NUMBER}){_SCALE}\s?({codes}|[€£¥₹₽₩¢])(?!\w)"), amounts.money_before_mark),
        Rule(re.compile(rf"{_FREE}(\d{{1,2}})'\s?(\d{{1,2}})(?:\"|'')"), amounts.height),
        Rule(re.compile(rf"{_FREE}{_SIGN}(?:{between})?({NUMBER})\s?%"), amounts.percent),
        Rule(re.compile(rf"{_FREE}{_SIGN}(?:{between})?({NUMBER})\s?°\s?([CFK])?(?!\w)"), amounts.degrees),
        Rule(re.compile(rf"{_FREE}{_SIGN}(?:{between})?({NUMBER})[\s-]?({units})(?![\w/])"), amounts.measure),
        Rule(re.compile(rf"{_FREE}({NUMBER})\s?[x×]\s?({NUMBER})(?:\s?[x×]\s?({NUMBER}))?(?!\w)"), amounts.by),
    ]


class _Amounts:
    def __init__(self, numbers: Numbers) -> None:
        self._numbers = numbers

    def money_after_mark(self, match: re.Match[str]) -> str:
        return self._money(match[1], match[4], match[5] or match[6], match[2], since=match[3])

    def money_before_mark(self, match: re.Match[str]) -> str:
        return self._money(match[1], match[2], match[3] or match[4], match[5])

    def height(self, match: re.Match[str]) -> str | None:
        if int(match[2]) > 11:
            return None
        feet = "foot" if int(match[1]) < 9 else "feet"
        return f"{self._numbers.cardinal(match[1])} {feet} {self._numbers.cardinal(match[2])}"

    def percent(self, match: re.Match[str]) -> str:
        return f"{self._sized(match[1], match[2], match[3])} percent"

    def degrees(self, match: re.Match[str]) -> str:
        spoken = self._sized(match[1], match[2], match[3])
        if match[4] == "K":
            return f"{spoken} kelvin"
        scale = {"C": " Celsius", "F": " Fahrenheit"}.get(match[4] or "", "")
        return f"{spoken} degree{'' if is_one(match[3]) and not match[2] else 's'}{scale}"

    def measure(self, match: re.Match[str]) -> str | None:
        if len(match[4]) == 1 and match[4] in _ALSO_LETTERS and not match.string[: match.start(4)][-1].isdigit():
            return None  # "5 A grades"
        singular, plural = UNITS[match[4]]
        unit = singular if is_one(match[3]) and not match[2] else plural
        return f"{self._sized(match[1], match[2], match[3])} {self._spelled(unit)}"

    def by(self, match: re.Match[str]) -> str:
        return " by ".join(self._numbers.number(part) for part in match.groups() if part)

    def _sized(self, sign: str | None, since: str | None, size: str) -> str:
        spoken = self._numbers.number(size)
        if since:
            spoken = f"{self._numbers.number(since)} to {spoken}"
        words = {"-": "minus ", "+": "plus ", "±": "plus or minus "}
        return words.get(sign or "", "") + spoken

    def _money(self, sign: str | None, size: str, scale: str | None, mark: str, since: str | None = None) -> str:
        one, many, cent, cents = CURRENCIES[mark]
        if scale:
            scale = SCALES.get(scale.lower(), scale)
            return f"{self._sized(sign, since, size)} {scale} {many}"
        whole, _, fraction = plain(size).partition(".")
        if len(fraction) != 2 or since or not cent:
            return f"{self._sized(sign, since, size)} {one if is_one(size) and not since else many}"
        parts: list[str] = []
        if int(whole or 0) or not int(fraction):
            parts.append(f"{self._numbers.cardinal(whole)} {one if is_one(whole) else many}")
        if int(fraction):
            parts.append(f"{self._numbers.cardinal(str(int(fraction)))} {cent if int(fraction) == 1 else cents}")
        return ("minus " if sign == "-" else "") + " and ".join(parts)

    def _spelled(self, unit: str) -> str:
        if not self._numbers.british:
            return unit
        return re.sub(r"(meter|liter)(?=s?\b)", lambda m: m[1][:-2] + "re", unit)
