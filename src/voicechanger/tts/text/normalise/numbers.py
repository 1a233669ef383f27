"""Numbers, prices, measures, ranges and telephone numbers: rules shared by the European languages and Hindi."""

from __future__ import annotations

import re

from voicechanger.tts.text.normalise.facts import Facts, Noun
from voicechanger.tts.text.normalise.numerals import LONGEST, NUMERAL, SPACES, Numeral, parse
from voicechanger.tts.text.normalise.rules import Rule, rule

GAP = rf"[{SPACES}]?"
SIGNS = {"US$": "USD", "R$": "BRL", "$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR", "₩": "KRW"}
SIGN = r"(?:US\$|R\$|[$€£¥₹₩])"
NEGATIVE = r"(?:(?<![\w)\]%])[-−–](?=\d))?"
_JOINTS = r"\u0020\u00a0\u202f().\-/"
"""What stands between the digits of a telephone number."""
END = r"(?![^\W_])"


class Numbers:
    """Rules for what is written in digits."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        codes = "|".join(sorted(facts.currencies, key=len, reverse=True))
        scales = "|".join(re.escape(s) for s in sorted([*facts.scales, *facts.million_words], key=len, reverse=True))
        units = "|".join(re.escape(unit) for unit in sorted(facts.units, key=len, reverse=True))
        self._scale = rf"(?:{GAP}(?P<scale>{scales}){END})?"
        self._codes = codes
        self._units = units

    def measures(self) -> list[Rule]:
        """Return the rules for telephone numbers, prices, ranges and measures, in the order of their precedence."""
        money = rf"(?:{SIGN}|(?:{self._codes}){END})"
        return [
            rule(rf"\+?\(?\d[\d{_JOINTS}]{{5,44}}\d(?!\d|[.,]\d|[{_JOINTS}]+\d)", self._telephone),
            rule(r"\d+(?:\.\d+){2,}(?!\d|,\d)", self._dotted),
            rule(rf"(?P<money>{money}){GAP}(?P<number>{NEGATIVE}{NUMERAL}){self._scale}", self._price),
            rule(rf"(?P<number>{NEGATIVE}{NUMERAL}){self._scale}{GAP}(?P<money>{money})", self._price),
            rule(
                rf"(?<![\w/.\-])(?P<first>\d{{1,4}}(?:[.,]\d+)?){GAP}[-–—]{GAP}(?P<last>\d{{1,4}}(?:[.,]\d+)?)(?![\w\-/]|[.,]\d|{GAP}=)"
                rf"(?:{GAP}(?P<unit>{self._units}){END})?",
                self._range,
            ),
            rule(rf"(?P<number>{NEGATIVE}{NUMERAL}){GAP}(?P<unit>{self._units}){END}(?!/)", self._measure),
        ]

    def plain(self) -> list[Rule]:
        """Return the rules for numbers that no other rule takes."""
        return [
            rule(r"(?<![\d/])(?P<over>\d{1,4})/(?P<under>\d{1,4})(?![\d/])", self._fraction),
            rule(rf"(?P<number>{NEGATIVE}{NUMERAL})", self._plain),
            rule(r"\d+", lambda match: self.digits(match.group())),
        ]

    def number(self, text: str, gender: str = "") -> str:
        """Return a numeral in words."""
        if text[0] in "-−–":
            return f"{self.facts.minus} {self.number(text[1:], gender)}"
        found = parse(text, self.facts.decimal)
        if len(found.whole) > LONGEST or (len(found.whole) > 1 and found.whole[0] == "0"):
            return self.digits(found.whole) + self._fraction_part(found)
        return self.facts.cardinal(found.value, gender) + self._fraction_part(found)

    def digits(self, text: str) -> str:
        """Return the digits one by one."""
        return " ".join(self.facts.cardinal(int(digit), "") for digit in text if digit.isdecimal())

    def _fraction_part(self, found: Numeral) -> str:
        if not found.fraction:
            return ""
        small = len(found.fraction) <= 2 and found.fraction[0] != "0" and not self.facts.fraction_digits
        spoken = self.facts.cardinal(int(found.fraction), "") if small else self.digits(found.fraction)
        return f" {self.facts.point[found.sign]} {spoken}"

    def counted(self, text: str, noun: Noun) -> str:
        """Return a number with the noun that it counts."""
        found = parse(text.lstrip("-−–"), self.facts.decimal)
        return f"{self.number(text, '' if found.fraction else noun.gender)} {noun.form(found.one)}"

    def _measure(self, match: re.Match[str]) -> str:
        return self.counted(match["number"], self.facts.units[match["unit"]])

    def _price(self, match: re.Match[str]) -> str | None:
        written = match["money"]
        money, cent = self.facts.currencies[SIGNS.get(written, written)]
        text, scale = match["number"], match["scale"]
        if scale:
            words = self.facts.scales.get(scale, scale)
            return f"{self.number(text)} {words} {self._of(words, money.many)}"
        found = parse(text.lstrip("-−–"), self.facts.decimal)
        if len(found.fraction) != 2:
            return self.counted(text, money)
        cents = int(found.fraction)
        if not found.value and cents:
            return f"{self.facts.cardinal(cents, cent.gender)} {cent.form(cents == 1)}"
        whole = self.counted(text[: len(text) - 3], money)
        hundredths = f"{self.facts.cardinal(cents, cent.gender)} {cent.form(cents == 1)}" if cents else ""
        return self.facts.price(whole, hundredths) if cents else whole

    def _of(self, scale: str, money: str) -> str:
        """Millions de dollars, millions d'euros, mil euros."""
        of = self.facts.of_scale
        if not of or scale in self.facts.scales:
            return money
        return f"{of[:-1]}'{money}" if self.facts.elides and money[0] in "aeiou" else f"{of} {money}"

    def _plain(self, match: re.Match[str]) -> str:
        noun = re.match(r"[ \u00a0]([^\W\d_]+)", match.string[match.end() :])
        return self.number(match["number"], self.facts.gender(noun.group(1)) if noun else "")

    def _range(self, match: re.Match[str]) -> str:
        unit = self.facts.units.get(match["unit"] or "")
        gender = unit.gender if unit else ""
        first, last = self.number(match["first"], gender), self.number(match["last"], gender)
        return f"{first} {self.facts.to} {last} {unit.many if unit else ''}"

    def _fraction(self, match: re.Match[str]) -> str:
        name = self.facts.fractions.get(match.group())
        if name:
            return name
        return f"{self.number(match['over'])} {self.facts.over} {self.number(match['under'])}"

    def _dotted(self, match: re.Match[str]) -> str | None:
        """3.1.2 and 192.168.0.1; but 1.234.567 is a number."""
        groups = match.group().split(".")
        if all(len(group) == 3 for group in groups[1:]) and len(groups[0]) <= 3 and self.facts.decimal == ",":
            return None
        return f" {self.facts.address['.']} ".join(self._dotted_group(group) for group in groups)

    def _dotted_group(self, digits: str) -> str:
        return self.digits(digits) if len(digits) > LONGEST else self.facts.cardinal(int(digits), "")

    def _telephone(self, match: re.Match[str]) -> str | None:
        text = match.group()
        groups = re.findall(r"\d+", text)
        length = sum(len(group) for group in groups)
        international = text.startswith("+")
        if not 7 <= length <= 15 or len(groups) < 2 or ("(" in text[1:] and ")" not in text):
            return None
        if not (international or text.startswith("(") or self._dialled(text, groups, length)):
            return None
        plus = f"{self.facts.address['+']} " if international else ""
        spoken = (self._group(group) for group in groups)
        return plus + ", ".join(spoken)

    def _dialled(self, text: str, groups: list[str], length: int) -> bool:
        """Return whether groups without a "+" are a telephone number, not several numbers."""
        if "/" in text or "." in text:
            return False
        if length >= 9 and groups[0][0] == "0" and len(groups[0]) <= 4:
            return True
        thousands = all(len(group) == 3 for group in groups[1:]) and groups[0][0] not in "6789"
        return 9 <= length <= 11 and not thousands and max(len(g) for g in groups) <= 5

    def _group(self, digits: str) -> str:
        if not self.facts.pairs or len(digits) > 3:
            return self.digits(digits)
        if digits[0] == "0":
            return self.digits(digits)
        return self.facts.cardinal(int(digits), "")
