"""What is left: ranges, fractions, ordinals, bare numbers, signs, and words that mix letters and digits."""

from __future__ import annotations

import re
import unicodedata

from voicechanger.tts.text.normalise.english.amounts import NUMBER
from voicechanger.tts.text.normalise.english.numbers import SCALES, Numbers
from voicechanger.tts.text.normalise.rules import Rule

_FREE = r"(?<![\w.,])"
_END = r"(?![\w]|[.,]\d)"
_VULGAR = "½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞"
_PARTS = {
    2: "half", 3: "third", 4: "quarter", 5: "fifth", 6: "sixth", 7: "seventh", 8: "eighth", 9: "ninth", 10: "tenth",
    12: "twelfth", 16: "sixteenth", 20: "twentieth", 100: "hundredth",
}  # fmt: skip
_POWERS = {"²": " squared", "³": " cubed"}
_BETWEEN = {"=": "equals", "<": "is less than", ">": "is greater than", "×": "times", "÷": "divided by", "*": "times",
            "≤": "is at most", "≥": "is at least", "≠": "is not equal to", "≈": "is about", "^": "to the power of",
            "→": "to", "⇒": "implies"}  # fmt: skip
_SIGNS = {
    "&": "and", "@": "at", "%": "percent", "+": "plus", "=": "equals", "<": "less than", ">": "greater than",
    "×": "times", "÷": "divided by", "±": "plus or minus", "≤": "less than or equal to", "≈": "about",
    "≥": "greater than or equal to", "≠": "not equal to", "∞": "infinity", "√": "square root of", "∑": "sum of",
    "∫": "integral of", "°": "degrees", "©": "copyright", "§": "section", "¶": "paragraph", "№": "number",
    "$": "dollar", "£": "pound", "€": "euro", "¥": "yen", "₹": "rupee", "¢": "cent", "/": "slash", "~": "about",
    "^": "caret", "#": "hash", "→": "to", "←": "from", "‰": "per mille", "µ": "micro", "∈": "in",
}  # fmt: skip


def rules(numbers: Numbers) -> list[Rule]:
    """Return the rules in the order of their precedence."""
    plain = _Plain(numbers)
    return [
        Rule(re.compile(r"(?<!\w)24/7(?!\w)"), lambda _: "twenty four seven"),
        Rule(re.compile(r"(?<!\w)9/11(?!\w)"), lambda _: "nine eleven"),
        Rule(re.compile(rf"(?:{_FREE}(\d+)\s?)?([{_VULGAR}])"), plain.vulgar),
        Rule(re.compile(rf"{_FREE}(?:(\d+)\s)?(\d{{1,2}})/(\d{{1,3}})(?![\w/])"), plain.fraction),
        Rule(re.compile(rf"{_FREE}(\d{{4}})\s?[-–—]\s?(\d{{4}}|\d{{2}}){_END}(?!-)"), plain.years),
        Rule(re.compile(rf"{_FREE}({NUMBER})(?:-|\s?–\s?)({NUMBER}){_END}(?!-)"), plain.range),
        Rule(re.compile(rf"{_FREE}([-+±~]?)({NUMBER})\s?(hundred|thousand|million|billion|trillion)\b"), plain.scaled),
        Rule(re.compile(rf"{_FREE}(\d{{1,3}}(?:,\d{{3}})+|\d+)(st|nd|rd|th)\b"), lambda m: numbers.ordinal(m[1])),
        Rule(re.compile(rf"{_FREE}({NUMBER})(k|K|M|bn|B(?<=\.\dB))(?!\w)"), plain.short_scale),
        Rule(re.compile(rf"{_FREE}({NUMBER})x(?!\w)"), lambda m: f"{numbers.number(m[1])} times"),
        Rule(re.compile(r"(?<=[\w)])\s[-–]\s(?=[\d(])(?<=[\d)]\s[-–]\s)"), lambda _: " minus "),
        Rule(re.compile(r"(?<=[\dmM])\s?–\s?(?=\d)|(?<=:\d\d)-(?=\d)"), lambda _: " to "),
        Rule(re.compile(rf"{_FREE}(\d{{1,3}}):(\d{{1,3}})(?![\w:])"), plain.ratio),
        Rule(re.compile(rf"(?<![\w.,)])([-+±~])({NUMBER}){_END}"), plain.signed),
        Rule(re.compile(r"(?<![\w.,])(1[1-9]|20)(\d\d)(?='?s?\b)(?![.,]?\d)"), plain.year),
        Rule(re.compile(rf"{_FREE}({NUMBER})(?![\w]|,\d|\.\d)"), lambda m: numbers.number(m[1])),
        Rule(re.compile(r"\d+(?:\.\d+)?"), plain.inside),
        Rule(re.compile(r"[²³]"), lambda m: _POWERS[m.group()]),
        Rule(re.compile(r"(?<=[\w)])\s?([=<>×÷≤≥≠≈→⇒])\s?(?=[\w(√-])"), lambda m: f" {_BETWEEN[m[1]]} "),
        Rule(re.compile(r"(?<=[\d)])\s?([*^])\s?(?=[\w(-])"), lambda m: f" {_BETWEEN[m[1]]} "),
        Rule(re.compile(r"(?<=\b[A-Za-z])\s?([*^])\s?(?=\d)"), lambda m: f" {_BETWEEN[m[1]]} "),
        Rule(re.compile(r"(?<=[^\W\d_]{2})/(?=[^\W\d_]{2})"), lambda _: " slash "),
        Rule(re.compile(r"[™®]"), lambda _: ""),
        Rule(re.compile(r"[α-ωΑ-Ω](?![α-ωΑ-Ωά-ώ])(?<![α-ωά-ώ].)"), _greek),
        Rule(re.compile(r"[_|\\`{}<>•·*~]"), lambda _: " "),
        Rule(re.compile(rf"[{re.escape(''.join(_SIGNS))}]"), lambda m: f" {_SIGNS[m.group()]} "),
        Rule(re.compile(r"[\[\]]"), lambda _: ", "),
        Rule(re.compile(r"\s?—\s?"), lambda _: " — "),
        Rule(re.compile(r"…(?=\w)"), lambda _: "… "),
    ]


class _Plain:
    def __init__(self, numbers: Numbers) -> None:
        self._numbers = numbers

    def vulgar(self, match: re.Match[str]) -> str:
        top, bottom = unicodedata.normalize("NFKC", match[2]).split("\u2044")
        part = self._parts(int(top), int(bottom))
        return f"{self._numbers.cardinal(match[1])} and {_with_article(part)}" if match[1] else part

    def fraction(self, match: re.Match[str]) -> str:
        top, bottom = int(match[2]), int(match[3])
        if not 0 < top < bottom or bottom not in _PARTS:
            whole = f"{self._numbers.cardinal(match[1])} " if match[1] else ""
            return f"{whole}{self._numbers.cardinal(match[2])} {_slash(top, bottom)} {self._numbers.cardinal(match[3])}"
        part = self._parts(top, bottom)
        return f"{self._numbers.cardinal(match[1])} and {_with_article(part)}" if match[1] else part

    def years(self, match: re.Match[str]) -> str | None:
        first, last = match[1], match[2]
        if not "1100" <= first <= "2100" or (len(last) == 4 and not first < last <= "2199"):
            return None
        spoken = self._numbers.year(last) if len(last) == 4 else self._numbers.cardinal(last)
        return f"{self._numbers.year(first)} to {spoken}"

    def range(self, match: re.Match[str]) -> str:
        return f"{self._numbers.number(match[1])} to {self._numbers.number(match[2])}"

    def scaled(self, match: re.Match[str]) -> str:
        return f"{_sign(match[1])}{self._numbers.number(match[2])} {match[3]}"

    def ratio(self, match: re.Match[str]) -> str:
        return f"{self._numbers.cardinal(match[1])} to {self._numbers.cardinal(match[2])}"

    def short_scale(self, match: re.Match[str]) -> str | None:
        if match[2] == "K" and match[1] in "248":
            return None  # of pixels, and read as a letter
        return f"{self._numbers.number(match[1])} {SCALES[match[2].lower()]}"

    def signed(self, match: re.Match[str]) -> str:
        return _sign(match[1]) + self._numbers.number(match[2])

    def year(self, match: re.Match[str]) -> str:
        return self._numbers.year(match.group())

    def inside(self, match: re.Match[str]) -> str:
        """Digits in a word: B2B, COVID-19, MP3, H2O; long runs are read one by one."""
        spoken = self._numbers.number(match.group()) if len(match.group()) <= 4 else self._numbers.digits(match.group())
        after = match.string[match.end() : match.end() + 1]
        return spoken + (" " if after.isalpha() else "")

    def _parts(self, top: int, bottom: int) -> str:
        name = _PARTS[bottom]
        if top == 1:
            return f"one {name}"
        return f"{self._numbers.cardinal(str(top))} {'halves' if bottom == 2 else name + 's'}"


def _with_article(part: str) -> str:
    """'one half' after a whole number is 'a half'."""
    if part.startswith("one "):
        return ("an " if part == "one eighth" else "a ") + part.removeprefix("one ")
    return part


def _slash(top: int, bottom: int) -> str:
    return "over" if bottom > 12 or top > 12 else "slash"


def _sign(sign: str) -> str:
    return {"-": "minus ", "+": "plus ", "±": "plus or minus ", "~": "about "}.get(sign, "")


def _greek(match: re.Match[str]) -> str:
    name = unicodedata.name(match.group()).rpartition(" ")[2].lower()
    return f" {'lambda' if name == 'lamda' else name} "
