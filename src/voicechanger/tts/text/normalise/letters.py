"""Addresses, abbreviations, acronyms, Roman numerals and signs: rules shared by the European languages and Hindi."""

from __future__ import annotations

import re
import unicodedata

from voicechanger.tts.text.normalise.facts import Facts
from voicechanger.tts.text.normalise.numbers import Numbers
from voicechanger.tts.text.normalise.numerals import roman
from voicechanger.tts.text.normalise.rules import Rule, rule

_TOP = "com|org|net|edu|gov|gob|gouv|info|app|dev|io|ai|eu|es|mx|ar|cl|fr|be|ch|ca|it|br|pt|in|uk|de|us|tv|me|co|jp|cn"
_TAIL = r"[^\s<>()\[\]«»“”\"'’]*[^\s<>()\[\]«»“”\"'’.,;:!?…*_।]"
_CAPITALS = "[A-ZÁÉÍÓÚÀÈÌÒÙÂÊÎÔÛÑÇ]"
_ELIDED = "(?P<elided>[ldLD]|[dDaAnNsS]ell|[aA]ll)['’]"
_VOWELS = frozenset("aeiouyáéíóúàèìòùâêîôûäëïöüãõœæ")
_WORDS = re.compile(r"[^\W\d_]+|\d+|\S")
_HUMPS = re.compile(r"(?<=[a-zà-ÿ])(?=[A-ZÀ-Þ])")


class Letters:
    """Rules for what is written in letters and signs but is no plain word."""

    def __init__(self, facts: Facts, numbers: Numbers) -> None:
        self._facts = facts
        self._numbers = numbers

    def addresses(self) -> list[Rule]:
        """Return the rules for links, mail addresses and handles, which go before all others."""
        return [
            rule(r"\]\((?:https?://|/|mailto:)[^)\s]*\)", lambda _: ""),
            rule(r"[\w.+\-]+@[\w\-]+(?:\.[\w\-]+)+", self._address),
            rule(rf"(?:https?://|www\.){_TAIL}", self._address, re.IGNORECASE),
            rule(rf"(?<![\w@])(?:[a-z0-9\-]+\.)+(?:{_TOP})(?:/{_TAIL})?(?![\w@]|\.\w)", self._address, re.IGNORECASE),
            rule(r"@\w+", self._address),
            rule(r"\#[^\W\d]\w*", lambda match: _HUMPS.sub(" ", match.group()[1:]).replace("_", " ")),
            rule(r"[:;=]-?[)(DPp3](?!\w)|<3", lambda _: ""),
        ]

    def abbreviations(self) -> list[Rule]:
        """Return the rules for abbreviations with their dots; a dot that also ends the sentence stays."""
        return [
            rule(
                r"(?<![^\W_])" + _abbreviation(key) + r"(?![^\W_])",
                lambda match, spoken=spoken: spoken,
                re.IGNORECASE if key != key.upper() else 0,
            )
            for key, spoken in sorted(self._facts.abbreviations.items(), key=lambda pair: -len(pair[0]))
        ]

    def ordinals(self) -> list[Rule]:
        """Return the rule for digits with an ordinal ending."""
        signs = self._facts.ordinal_signs
        return [rule(rf"(?P<number>\d{{1,4}})\.?(?:{signs})(?!\w)", self._ordinal)]

    def names(self) -> list[Rule]:
        """Return the rules for Roman numerals, acronyms and letters with digits."""
        return [
            rule(r"[IVXLCDM]+(?![\w’']|\.\w)", self._roman),
            rule(r"(?:[A-ZÁÉÍÓÚÑÇ]\.){2,}", lambda match: self._spelled(match.group().replace(".", ""))),
            rule(
                rf"{_ELIDED}(?P<name>{_CAPITALS}{{2,6}})(?![\w’'])",
                self._elided,
            ),
            rule(rf"(?P<name>{_CAPITALS}{{2,6}})(?![\w’'])", self._acronym),
            rule(r"(?:[A-Za-z]+\d|\d+[A-Za-z])[A-Za-z\d]*(?!\w)|[^\W\d_]+-\d+(?!\w)", self._mixed),
        ]

    def signs(self) -> list[Rule]:
        """Return the rules for signs of arithmetic, between two numbers or before one."""
        facts = self._facts
        return [
            rule(r"[-−–](?=[ ]?\d+(?:[.,]\d+)?[ ]?[=+*/÷×−-])|−", lambda _: facts.minus),
            rule(r"[*×x](?=[ ]?\d)", lambda match: facts.times if _after_digit(match) else None),
            rule(r"(?:<|&lt;)=?(?=[ ]?\d)", lambda _: facts.less),
            rule(r"(?:>|&gt;)=?(?=[ ]?\d)", lambda match: facts.more if _after_word(match) else None),
        ]

    def _address(self, match: re.Match[str]) -> str:
        text = unicodedata.normalize("NFKC", match.group())
        text = re.sub(r"^(?:https?|mailto):/*", "", text, flags=re.IGNORECASE).rstrip("/")
        spoken = (self._part(part) for part in _WORDS.findall(_HUMPS.sub(" ", text)))
        return " ".join(word for word in spoken if word)

    def _part(self, part: str) -> str:
        if part.isdecimal():
            return self._numbers.number(part)
        if not part[0].isalpha():
            return self._facts.address.get(part, "")
        if len(part) == 1 or not _VOWELS & set(part.lower()):
            return self._spelled(part)
        return part.lower()

    def _spelled(self, text: str) -> str:
        return " ".join(self._facts.letters.get(letter, letter) for letter in text.lower())

    def _acronym(self, match: re.Match[str]) -> str | None:
        text = match["name"]
        low = text.lower()
        if low in self._facts.plain_capitals or text in self._facts.read_acronyms:
            return low
        shouted = not any(sign.islower() for sign in match.string) and len(match.string.split()) > 1
        if shouted or (len(text) > 3 and _readable(low)):
            return low
        return self._spelled(text)

    def _elided(self, match: re.Match[str]) -> str | None:
        spoken = self._acronym(match)
        return f"{match['elided'].lower()}'{spoken}" if spoken else None

    def _mixed(self, match: re.Match[str]) -> str:
        parts = re.findall(r"[^\W\d_]+|\d+", match.group())
        spoken: list[str] = []
        for part in parts:
            if part.isdecimal():
                spoken.append(self._numbers.number(part))
            elif len(part) > 3 or (part.islower() and _VOWELS & set(part) and len(part) > 1):
                spoken.append(part)
            else:
                spoken.append(self._spelled(part))
        return " ".join(spoken)

    def _ordinal(self, match: re.Match[str]) -> str:
        found = match.groupdict()
        gender = "f" if found.get("f") else "short" if found.get("short") else "m"
        return self._facts.ordinal(int(match["number"]), gender)

    def _roman(self, match: re.Match[str]) -> str | None:
        text = match.group()
        value = roman(text)
        before = re.findall(r"[^\W\d_]+\.?", match.string[: match.start()])
        last = before[-1] if before and match.string[: match.start()].rstrip().endswith(before[-1]) else ""
        if value is None or self._facts.roman is None:
            return None
        expected = last.casefold().rstrip(".") in self._facts.roman_before
        regular = len(text) > 1 and not set(text) - set("IVX")
        if not (expected or regular):
            return None
        return self._facts.roman(value, last.casefold().rstrip("."))


def _abbreviation(key: str) -> str:
    body = r"[ \u00a0]?".join(re.escape(part) for part in key.removesuffix(".").split(" "))
    return body + (r"(?:\.(?!\s*$)|(?=\.\s*$))" if key.endswith(".") else "")


def _readable(word: str) -> bool:
    """Return whether vowels and consonants alternate enough to pronounce the letters as a word."""
    vowels = sum(letter in _VOWELS for letter in word)
    return vowels >= 2 and not re.search(r"[^aeiouyáéíóúàèìòùâêîôû]{3}", word)


def _after_digit(match: re.Match[str]) -> bool:
    return match.string[: match.start()].rstrip()[-1:].isdecimal()


def _after_word(match: re.Match[str]) -> bool:
    return match.string[: match.start()].rstrip()[-1:].isalnum()
