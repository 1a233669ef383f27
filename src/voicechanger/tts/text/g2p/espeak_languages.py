"""The languages that eSpeak NG pronounces, in one table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from voicechanger.tts.text.g2p.espeak_language import EspeakLanguage
from voicechanger.tts.text.language import Language
from voicechanger.tts.text.normalise import es, fr, hi, it, pt
from voicechanger.tts.text.normalise.hindi_numbers import BELOW_HUNDRED
from voicechanger.tts.text.normalise.pieces import Scanner

_HINDI_DIGITS = {word: str(number) for number, word in enumerate(BELOW_HUNDRED) if number >= 10}
"""eSpeak NG pronounces these correctly from digits, and adds vowels to them from letters (उनसठ)."""


def _hindi_digits(word: str) -> str:
    return _HINDI_DIGITS.get(word, word)


@dataclass(frozen=True, slots=True)
class _Row:
    name: str
    """For error messages."""
    voice: str
    """eSpeak NG's name of it."""
    scanner: Callable[[], Scanner]
    scripts: tuple[str, ...] = ("LATIN",)
    """Writing systems that the voice reads, by their Unicode names."""
    respell: Callable[[str], str] = str
    """Spelling of a word for eSpeak NG, where its own reading is wrong."""


_TABLE = {
    "es": _Row("Spanish", "es", es.scanner),
    "fr": _Row("French", "fr", fr.scanner),
    "hi": _Row("Hindi", "hi", hi.scanner, ("DEVANAGARI", "LATIN"), _hindi_digits),
    "it": _Row("Italian", "it", it.scanner),
    "pt-br": _Row("Brazilian Portuguese", "pt-BR", pt.scanner),
}


def load(tag: str) -> Language:
    """Return the language of a tag: es, fr, hi, it or pt-br."""
    row = _TABLE[tag]
    return EspeakLanguage(tag, row.name, row.voice, row.scanner(), row.scripts, row.respell)
