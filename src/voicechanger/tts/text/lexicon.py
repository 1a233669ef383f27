"""Pronunciations of the user: which entries are valid, and which of them a text needs.

Imports no numpy: the API process checks entries with it and selects those of a job.
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
"""In place of a language tag: the entry is for all languages."""
LONGEST_WORD: Final = 60
"""Characters of a written word."""

_ENTITY: Final = re.compile(r"&(?:#0{0,99}+\d{1,7}|#[xX]0{0,99}+[0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
"""What markup reads as an entity; Python's own reading of a longer number raises ValueError."""

Lexicon = Mapping[str, Mapping[str, str]]
"""Language tag or `ANY` → written word → phonemes in the model's vocabulary."""


def written_form(word: str) -> str:
    """Return a word as it is in a cleaned text; TextError `invalid_word` when it cannot be one word there."""
    form = clean(word).strip()
    problem = _problem(form)
    if problem:
        raise TextError("invalid_word", f"“{word.strip()[:LONGEST_WORD]}” {problem}")
    return form


def _problem(form: str) -> str:
    if not any(c.isalnum() for c in form):
        return "has no letter or digit: give a word that is read aloud."
    if len(form) > LONGEST_WORD:
        return f"has {len(form)} characters: give at most {LONGEST_WORD}."
    if any(c.isspace() or c in "—…" for c in form):
        return "is more than one word: give each word an entry of its own."
    if form[0] in AROUND or form[-1] in AROUND:
        return "begins or ends with a mark: remove the marks around the word."
    return ""


def checked(lexicon: Lexicon) -> dict[str, dict[str, str]]:
    """Return the lexicon with case-folded words; TextError `unknown_phonemes` for unsupported phonemes."""
    return {
        language: {word.casefold(): _checked(word, phonemes) for word, phonemes in entries.items()}
        for language, entries in lexicon.items()
    }


def _checked(word: str, phonemes: str) -> str:
    if not has_sound(phonemes):
        raise TextError("unknown_phonemes", f"The pronunciation of “{word}” has no vowel or consonant: give one.")
    return require_supported(phonemes, word)


def needed(lexicon: Lexicon, text: str) -> dict[str, dict[str, str]]:
    """Return the entries whose word may be in a text, in any markup; more than needed, never fewer."""
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
    """Return the letters and digits without case and accents: equal for every spelling of a word."""
    spread = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return "".join(c for c in spread if c.isalnum())
