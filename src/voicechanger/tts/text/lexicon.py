"""The reader's own pronunciations: what an entry may be, and which of them a text needs.

No numpy here: the API process checks entries and picks those of a job with it.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Mapping
from typing import Final

from voicechanger.tts.errors import TextError
from voicechanger.tts.symbols import has_sound, require_supported
from voicechanger.tts.text.clean import clean
from voicechanger.tts.text.normalise.rewrite import AROUND

ANY: Final = "any"
"""Stands where a language's tag stands: the entry holds in all of them."""
LONGEST_WORD: Final = 60
"""Characters of a written word."""

_ENTITY: Final = re.compile(r"&(?:#0{0,99}+\d{1,7}|#[xX]0{0,99}+[0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
"""What markup reads as an entity; Python's own reading of a longer number raises ValueError."""

Lexicon = Mapping[str, Mapping[str, str]]
"""Language tag or `ANY` → written word → phonemes in the model's vocabulary."""


def written_form(word: str) -> str:
    """A word as a cleaned text holds it; TextError when no text can hold it as one word."""
    form = clean(word).strip()
    problem = _problem(form)
    if problem:
        raise TextError("invalid_word", f"“{word.strip()[:LONGEST_WORD]}” {problem}")
    return form


def _problem(form: str) -> str:
    if not any(c.isalnum() for c in form):
        return "holds no letter or digit: give a word that is read aloud."
    if len(form) > LONGEST_WORD:
        return f"has {len(form)} characters: a word has at most {LONGEST_WORD}."
    if any(c.isspace() or c in "—…" for c in form):
        return "is more than one word: give each word an entry of its own."
    if form[0] in AROUND or form[-1] in AROUND:
        return "begins or ends with a mark: leave the marks around the word out."
    return ""


def checked(lexicon: Lexicon) -> dict[str, dict[str, str]]:
    """The same with case-folded words; TextError for phonemes that the model does not know."""
    return {
        language: {word.casefold(): _checked(word, phonemes) for word, phonemes in entries.items()}
        for language, entries in lexicon.items()
    }


def _checked(word: str, phonemes: str) -> str:
    if not has_sound(phonemes):
        raise TextError("unknown_phonemes", f"The pronunciation of “{word}” has no vowel or consonant: give one.")
    return require_supported(phonemes, word)


def needed(lexicon: Lexicon, text: str) -> dict[str, dict[str, str]]:
    """The entries whose word may be in a text; none that matters is left out, whatever markup is around it."""
    plain, unescaped = _skeleton(text), _skeleton(_ENTITY.sub(lambda match: html.unescape(match.group()), text))
    picked = {
        language: {
            word: sounds
            for word, sounds in entries.items()
            if (bones := _skeleton(word)) in plain or bones in unescaped
        }
        for language, entries in lexicon.items()
    }
    return {language: entries for language, entries in picked.items() if entries}


def _skeleton(text: str) -> str:
    """Letters and digits alone, whatever their case and accents: what every way of writing a word shares."""
    spread = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return "".join(c for c in spread if c.isalnum())
