"""`<say-as>`: rewrites a text so that the normaliser of its language reads it in the requested way."""

from __future__ import annotations

import re
from typing import Any, cast

import num2words as _num2words  # pyright: ignore[reportMissingTypeStubs]

from voicechanger.tts.errors import TextError

_NUMBER_WORDS = {"en-us": "en", "en-gb": "en", "es": "es", "fr": "fr", "it": "it", "pt-br": "pt_BR", "ja": "ja"}
_MONTHS_LAST = re.compile(r"(\d{1,4})[-/. ](\d{1,2})[-/. ](\d{1,4})")


def reading_of(text: str, way: str, layout: str, language: str) -> str:
    """Return the text to normalise for `<say-as interpret-as=way format=layout>`.

    TextError `bad_markup` when the text is not of that kind.
    """
    text = text.strip()
    match way:
        case "characters":
            return ", ".join(c for c in text if not c.isspace())
        case "digits" | "telephone":
            return _one_by_one(text)
        case "cardinal":
            return _whole(text, way)
        case "ordinal":
            return _ordinal(_whole(text, way), language)
        case "date":
            return _date(text, layout)
        case _:
            return text


def _one_by_one(text: str) -> str:
    groups = re.findall(r"\+|[^\W_]+", text)
    return ", ".join(" ".join(group) for group in groups)


def _whole(text: str, way: str) -> str:
    digits = re.sub(r"[\s,.'’_]", "", text)
    if not re.fullmatch(r"-?\d{1,30}", digits):
        raise TextError("bad_markup", f"<say-as> reads whole numbers of at most 30 digits as {way}; got “{text[:30]}”.")
    return str(int(digits))


def _ordinal(number: str, language: str) -> str:
    if language == "zh":
        return f"第{number}"
    if language == "ja":
        return f"{number}番目"
    if language not in _NUMBER_WORDS:
        return f"{number}वाँ"
    return str(cast("Any", _num2words).num2words(int(number), lang=_NUMBER_WORDS[language], to="ordinal"))


def _date(text: str, layout: str) -> str:
    """Return the date in ISO order, which every normaliser reads, when the layout names the order of its parts."""
    match = _MONTHS_LAST.fullmatch(text)
    if match is None or layout not in {"dmy", "mdy", "ymd"}:
        return text
    parts = dict(zip(layout, match.groups(), strict=True))
    if len(parts["y"]) != 4:
        return text
    return f"{parts['y']}-{int(parts['m']):02}-{int(parts['d']):02}"
