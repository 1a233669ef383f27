"""Addresses, handles, hashtags, file names, versions and telephone numbers."""

from __future__ import annotations

import re

from voicechanger.tts.text.normalise.english.numbers import Numbers
from voicechanger.tts.text.normalise.rules import Rule

_TLD = "com|org|net|edu|gov|mil|int|info|biz|io|ai|dev|app|co|uk|us|ca|au|nz|de|fr|es|it|br|in|jp|cn|eu|me|tv|ly|xyz"
_SPELLED_TLD = frozenset(
    ["io", "ai", "uk", "us", "ca", "au", "nz", "de", "fr", "es", "it", "br", "jp", "cn", "eu", "tv", "ly", "xyz"]
)
_SIGNS = {
    ".": "dot", "/": "slash", "-": "dash", "_": "underscore", "?": "question mark", "=": "equals", "&": "and",
    "#": "hash", "%": "percent", ":": "colon", "~": "tilde", "@": "at", "+": "plus", ",": "comma", ";": "semicolon",
    "!": "exclamation mark", "*": "star", "'": "", "(": "", ")": "",
}  # fmt: skip
_ADDRESS_PART = re.compile(r"[^\W\d_]+|\d+|[^\w\s]|_")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[A-Za-z])(?=\d)|(?<=\d)(?=[A-Za-z])|_+")
_FILE_TYPES = "pdf|docx?|xlsx?|pptx?|txt|csv|json|xml|html?|zip|jpe?g|png|gif|mp[34]|wav|flac|py|js|ts|md|exe"


def rules(numbers: Numbers) -> list[Rule]:
    """Return the rules, addresses first: their parts must not be read as numbers or units."""
    web = _Web(numbers)
    end = r"(?<![.,;:!?'\")\]])"
    return [
        Rule(re.compile(rf"(?<![\w.+-])[\w.+-]{{1,64}}@[\w-]+(?:\.[\w-]+)+\b{end}"), web.address),
        Rule(re.compile(rf"(?i)\b(?:https?|ftp)://[^\s<>\"]+{end}"), web.address),
        Rule(re.compile(rf"(?i)\bwww\.[^\s<>\"]+{end}"), web.address),
        Rule(
            re.compile(rf"(?i)(?<![\w@.])(?:[a-z0-9-]+\.)+(?:{_TLD})(?:/[^\s<>\"]*)?(?![\w.]\w){end}(?!\w)"),
            web.bare_address,
        ),
        Rule(re.compile(rf"(?i)(?<![\w/-])[\w-]{{1,80}}\.(?:{_FILE_TYPES})\b"), web.address),
        Rule(re.compile(r"(?<![\w&])#(\w*[^\W\d_]\w*)"), web.hashtag),
        Rule(re.compile(r"(?<![\w@])@(\w+)"), web.handle),
        Rule(re.compile(r"(?<![\w.,])(v\.?\s?)?(\d+(?:\.\d+){2,})(?![\w-]|,\d)"), web.version),
        Rule(re.compile(r"(?<!\w)(v|[Vv]ersion\s|[Vv]er\.?\s)(\d+)\.(\d+)(?!\d|[\w.]\w)"), web.short_version),
        Rule(
            re.compile(r"(?<![\w.,$£€+])(\+?\d{1,3}[\s.-]?)?\(\d{2,5}\)[\s.-]?\d{3,4}[\s.-]?\d{3,4}(?![\w-])"),
            web.telephone,
        ),
        Rule(re.compile(r"(?<![\w.,])\+\d{1,3}(?:[\s.-]?\d{2,5}){2,5}(?![\w-])"), web.telephone),
        Rule(re.compile(r"(?<![\w.,$£€-])(?:1-)?(?:\d{3}[-.\s])?\d{3}-\d{4}(?![\w-])"), web.telephone),
        Rule(re.compile(r"(?<![\w.,$£€-])\d{3}[.\s]\d{3}[.\s]\d{4}(?![\w-])"), web.telephone),
        Rule(re.compile(r"(?<![\w.,$£€-])0\d{2,4}(?:[\s-]\d{3,4}){2}(?![\w-])"), web.telephone),
    ]


class _Web:
    def __init__(self, numbers: Numbers) -> None:
        self._numbers = numbers

    def address(self, match: re.Match[str]) -> str:
        address = re.sub(r"(?i)^(?:https?|ftp)://", "", match.group()).rstrip("/")
        return self._address(address)

    def bare_address(self, match: re.Match[str]) -> str | None:
        # "end.In" after a missing space is a sentence, not a host name.
        host = match.group().split("/")[0]
        if host.rpartition(".")[2] != host.rpartition(".")[2].lower():
            return None
        return self._address(match.group().rstrip("/"))

    def hashtag(self, match: re.Match[str]) -> str:
        return f"hashtag {self._name(match[1])}"

    def handle(self, match: re.Match[str]) -> str:
        return f"at {self._name(match[1])}"

    def version(self, match: re.Match[str]) -> str:
        parts = match[2].split(".")
        joint = " dot " if len(parts) > 3 else " point "
        spoken = joint.join(self._part(part) for part in parts)
        return f"version {spoken}" if match[1] else spoken

    def short_version(self, match: re.Match[str]) -> str:
        return f"{'V' if match[1][0] == 'V' else 'v'}ersion {self._part(match[2])} point {self._part(match[3])}"

    def telephone(self, match: re.Match[str]) -> str:
        groups = re.findall(r"\+?\d+", match.group())
        spoken = ", ".join(self._numbers.digits(group) for group in groups)
        return f"plus {spoken}" if groups[0].startswith("+") else spoken

    def _address(self, address: str) -> str:
        words: list[str] = []
        for part in _ADDRESS_PART.findall(address):
            if part.isdigit():
                words.append(self._part(part))
            elif part[0].isalpha():
                spelled = (part.lower() in _SPELLED_TLD and words and words[-1] == "dot") or part.lower() == "www"
                words.append(_letters(part) if spelled else self._name(part))
            else:
                words.append(_SIGNS.get(part, ""))
        return " ".join(word for word in words if word)

    def _name(self, name: str) -> str:
        parts = [part for part in _HUMP.split(name) if part]
        return " ".join(self._part(part) if part.isdigit() else part for part in parts)

    def _part(self, digits: str) -> str:
        if not digits.isascii():
            return digits
        return self._numbers.cardinal(digits) if len(digits) <= 4 else self._numbers.digits(digits)


def _letters(word: str) -> str:
    return " ".join(word.upper())
