"""Values of markup attributes: lengths of pauses, rates, pitches, kinds of <say-as>."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import replace

from voicechanger.tts.errors import TextError
from voicechanger.tts.text.ipa import from_ipa
from voicechanger.tts.text.languages import AUTO, canonical
from voicechanger.tts.text.runs import Style

LONGEST_PAUSE = 20.0
"""Seconds, of one pause."""
_STRENGTHS = {"none": 0.0, "x-weak": 0.1, "weak": 0.2, "medium": 0.4, "strong": 0.75, "x-strong": 1.2}
_RATES = {"x-slow": 0.5, "slow": 0.75, "medium": 1.0, "default": 1.0, "fast": 1.25, "x-fast": 1.6}
_PITCHES = {"x-low": -6.0, "low": -3.0, "medium": 0.0, "default": 0.0, "high": 3.0, "x-high": 6.0}
_SLOWEST, _FASTEST, _WIDEST = 0.25, 4.0, 12.0
_KINDS = {
    "cardinal": "cardinal", "number": "cardinal", "ordinal": "ordinal", "characters": "characters",
    "spell-out": "characters", "verbatim": "characters", "digits": "digits", "date": "date", "time": "time",
    "telephone": "telephone", "phone": "telephone", "currency": "currency",
}  # fmt: skip
_TIME = re.compile(r"([\d]{1,6}(?:\.\d{1,6})?|\.\d{1,6})\s*(ms|s|sec|seconds?)?", re.IGNORECASE)
_SIGNED = re.compile(r"([+-]?)(\d{1,4}(?:\.\d{1,4})?)(%|st)?")


def style_inside(style: Style, tag: str, given: Mapping[str, str]) -> Style:
    """Return the style of the text inside a tag with the attributes `given`."""
    language = given.get("xml:lang")
    if language is not None and canonical(language) != AUTO:
        style = replace(style, language=canonical(language))
    if tag == "prosody":
        return _prosody(style, given)
    if tag == "sub":
        return replace(style, alias=_needed(given, tag, "alias"))
    if tag == "say-as":
        return _say_as(style, _needed(given, tag, "interpret-as"), given.get("format", ""))
    if tag == "phoneme":
        if given.get("alphabet", "ipa").lower() != "ipa":
            raise TextError(
                "unknown_markup", 'The tag <phoneme> takes alphabet="ipa" only: write the pronunciation in IPA.'
            )
        return with_phonemes(style, from_ipa(_needed(given, tag, "ph")))
    if tag == "lang" and language is None:
        _needed(given, tag, "xml:lang")
    return style


def with_phonemes(style: Style, phonemes: str) -> Style:
    """Return the style with a pronunciation."""
    return replace(style, phonemes=phonemes)


def break_seconds(given: Mapping[str, str]) -> float:
    """Return the seconds of `<break time=… strength=…/>`, of a medium one without attributes."""
    if "time" in given:
        return seconds(given["time"])
    strength = given.get("strength", "medium").lower()
    if strength not in _STRENGTHS:
        raise TextError(
            "bad_markup", f"<break strength> must be one of {', '.join(_STRENGTHS)}; got “{strength[:20]}”."
        )
    return _STRENGTHS[strength]


def seconds(written: str) -> float:
    """Return the seconds of '0.8s', '800ms' or '0.8'."""
    match = _TIME.fullmatch(written.strip())
    length = float(match[1]) / (1000 if (match[2] or "s").lower() == "ms" else 1) if match else math.inf
    if length > LONGEST_PAUSE:
        raise TextError(
            "bad_markup",
            f"A pause must be a time such as 0.8s or 800ms, at most {LONGEST_PAUSE:g}s; got “{written[:20]}”.",
        )
    return length


def _prosody(style: Style, given: Mapping[str, str]) -> Style:
    rate = style.rate * _rate(given["rate"]) if "rate" in given else style.rate
    pitch = style.pitch + _pitch(given["pitch"]) if "pitch" in given else style.pitch
    if not _SLOWEST <= rate <= _FASTEST or abs(pitch) > _WIDEST:
        raise TextError(
            "bad_markup",
            f"<prosody> must stay within rates {_SLOWEST:g} to {_FASTEST:g} and pitches -12st to +12st, nested too.",
        )
    return replace(style, rate=rate, pitch=pitch)


def _rate(written: str) -> float:
    word = written.strip().lower()
    match = _SIGNED.fullmatch(word)
    if word in _RATES:
        return _RATES[word]
    if match is None or match[3] == "st" or (match[1] and match[3] != "%"):
        raise TextError(
            "bad_markup",
            f"<prosody rate> must be a word or number such as slow, fast, 120% or 1.2; got “{written[:20]}”.",
        )
    number = float(match[2]) / (100 if match[3] else 1)
    return {"": number, "+": 1 + number, "-": 1 - number}[match[1]]


def _pitch(written: str) -> float:
    word = written.strip().lower()
    match = _SIGNED.fullmatch(word)
    if word in _PITCHES:
        return _PITCHES[word]
    if match is None or match[3] is None:
        raise TextError(
            "bad_markup",
            f"<prosody pitch> must be a word or change such as low, high, +2st or -10%; got “{written[:20]}”.",
        )
    number = float(match[2]) * (-1 if match[1] == "-" else 1)
    if match[3] == "st":
        return number
    ratio = 1 + number / 100 if match[1] else number / 100
    return 12 * math.log2(ratio) if ratio > 0 else -math.inf


def _say_as(style: Style, kind: str, layout: str) -> Style:
    if kind.lower() not in _KINDS:
        kinds = ", ".join(sorted(set(_KINDS.values())))
        raise TextError("unknown_markup", f"<say-as interpret-as> must be one of {kinds}; got “{kind[:30]}”.")
    return replace(style, say_as=_KINDS[kind.lower()], format=layout.lower())


def _needed(given: Mapping[str, str], tag: str, attribute: str) -> str:
    if not given.get(attribute, "").strip():
        raise TextError("bad_markup", f"The tag <{tag}> needs the attribute “{attribute}”: add it.")
    return given[attribute].strip()
