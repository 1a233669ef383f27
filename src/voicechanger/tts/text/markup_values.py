"""What the attributes of markup mean: lengths of pauses, rates, pitches, ways to say."""

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
_WAYS = {
    "cardinal": "cardinal", "number": "cardinal", "ordinal": "ordinal", "characters": "characters",
    "spell-out": "characters", "verbatim": "characters", "digits": "digits", "date": "date", "time": "time",
    "telephone": "telephone", "phone": "telephone", "currency": "currency",
}  # fmt: skip
_TIME = re.compile(r"([\d]{1,6}(?:\.\d{1,6})?|\.\d{1,6})\s*(ms|s|sec|seconds?)?", re.IGNORECASE)
_SIGNED = re.compile(r"([+-]?)(\d{1,4}(?:\.\d{1,4})?)(%|st)?")


def applied(style: Style, tag: str, given: Mapping[str, str]) -> Style:
    """The style inside a tag."""
    language = given.get("xml:lang")
    if language is not None and canonical(language) != AUTO:
        style = replace(style, language=canonical(language))
    if tag == "prosody":
        return _prosody(style, given)
    if tag == "sub":
        return replace(style, alias=_needed(given, tag, "alias"))
    if tag == "say-as":
        return _way(style, _needed(given, tag, "interpret-as"), given.get("format", ""))
    if tag == "phoneme":
        if given.get("alphabet", "ipa").lower() != "ipa":
            raise TextError("unknown_markup", 'The tag <phoneme> takes alphabet="ipa" only: write the sound in IPA.')
        return said_as(style, from_ipa(_needed(given, tag, "ph")))
    if tag == "lang" and language is None:
        _needed(given, tag, "xml:lang")
    return style


def said_as(style: Style, phonemes: str) -> Style:
    """The same style, with its sound given."""
    return replace(style, phonemes=phonemes)


def break_seconds(given: Mapping[str, str]) -> float:
    """Of `<break time=… strength=…/>`; a medium one when it says nothing."""
    if "time" in given:
        return seconds(given["time"])
    strength = given.get("strength", "medium").lower()
    if strength not in _STRENGTHS:
        raise TextError("bad_markup", f"The strength “{strength[:20]}” is not known: use {', '.join(_STRENGTHS)}.")
    return _STRENGTHS[strength]


def seconds(written: str) -> float:
    """'0.8s', '800ms' or '0.8'."""
    match = _TIME.fullmatch(written.strip())
    length = float(match[1]) / (1000 if (match[2] or "s").lower() == "ms" else 1) if match else math.inf
    if length > LONGEST_PAUSE:
        raise TextError(
            "bad_markup",
            f"The pause “{written[:20]}” is not understood: write 0.8s, {LONGEST_PAUSE:g}s at most.",
        )
    return length


def _prosody(style: Style, given: Mapping[str, str]) -> Style:
    rate = style.rate * _rate(given["rate"]) if "rate" in given else style.rate
    pitch = style.pitch + _pitch(given["pitch"]) if "pitch" in given else style.pitch
    if not _SLOWEST <= rate <= _FASTEST or abs(pitch) > _WIDEST:
        raise TextError(
            "bad_markup", f"Rates go from {_SLOWEST:g} to {_FASTEST:g} and pitches from -12st to +12st: ask for less."
        )
    return replace(style, rate=rate, pitch=pitch)


def _rate(written: str) -> float:
    word = written.strip().lower()
    match = _SIGNED.fullmatch(word)
    if word in _RATES:
        return _RATES[word]
    if match is None or match[3] == "st" or (match[1] and match[3] != "%"):
        raise TextError("bad_markup", f"The rate “{written[:20]}” is not understood: write slow, fast, 120% or 1.2.")
    number = float(match[2]) / (100 if match[3] else 1)
    return {"": number, "+": 1 + number, "-": 1 - number}[match[1]]


def _pitch(written: str) -> float:
    word = written.strip().lower()
    match = _SIGNED.fullmatch(word)
    if word in _PITCHES:
        return _PITCHES[word]
    if match is None or match[3] is None:
        raise TextError("bad_markup", f"The pitch “{written[:20]}” is not understood: write low, high, +2st or -10%.")
    number = float(match[2]) * (-1 if match[1] == "-" else 1)
    if match[3] == "st":
        return number
    ratio = 1 + number / 100 if match[1] else number / 100
    return 12 * math.log2(ratio) if ratio > 0 else -math.inf


def _way(style: Style, way: str, layout: str) -> Style:
    if way.lower() not in _WAYS:
        ways = ", ".join(sorted(set(_WAYS.values())))
        raise TextError("unknown_markup", f"The way “{way[:30]}” of <say-as> is not supported: use one of {ways}.")
    return replace(style, say_as=_WAYS[way.lower()], format=layout.lower())


def _needed(given: Mapping[str, str], tag: str, attribute: str) -> str:
    if not given.get(attribute, "").strip():
        raise TextError("bad_markup", f"The tag <{tag}> needs the attribute “{attribute}”: add it.")
    return given[attribute].strip()
