"""A sentence as pieces: what is written, and what is said for it.

A `Scanner` goes through a sentence once.  Wherever a token may start it tries its rules in order; the first
that answers takes the text that it matched.  What no rule takes is a word, a mark, or nothing to be heard.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from voicechanger.inference.text.normalise.marks import MARKS, SILENT


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a sentence, and what is said for it: words, a pause, or given phonemes."""

    written: str
    start: int
    """Offset in the sentence."""
    spoken: str = ""
    """Words for the pronunciation; empty for a mark."""
    mark: str = ""
    """Punctuation that the model hears; empty for words."""
    phonemes: str = ""
    """Given by the reader's lexicon; wins over `spoken`."""

    @property
    def end(self) -> int:
        """Offset one past it in the sentence."""
        return self.start + len(self.written)


Say = Callable[["re.Match[str]"], str | None]
"""What is said for a match; None when the rule does not apply after all."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A pattern, tried where a token may start, and what is said for what it matches."""

    pattern: re.Pattern[str]
    say: Say


def rule(pattern: str, say: Say, flags: int = 0) -> Rule:
    """A rule of a pattern in verbose form: write a space as `\\s` or `[ ]`."""
    return Rule(re.compile(pattern, re.VERBOSE | flags), say)


LETTERS = r"(?:[^\W\d_]|[\u0300-\u036f\u0900-\u0963\u0971-\u097f\u200c\u200d])"
"""One letter, or a mark that belongs to one (Latin accents, Devanagari vowels)."""
WORD = re.compile(rf"{LETTERS}+(?:['’\-‑·]{LETTERS}+)*")
_RUN = re.compile(r"\S+")


class Scanner:
    """The rules of a language, applied to a sentence."""

    def __init__(self, rules: Sequence[Rule], words: Mapping[str, str], symbols: Mapping[str, str]) -> None:
        """`words`: written word, case-folded → what is said; `symbols`: one sign → what is said."""
        self._rules = rules
        self._words = words
        self._symbols = symbols

    def pieces(self, sentence: str, lexicon: Mapping[str, str]) -> list[Piece]:
        """The sentence cut up, in order; what lies between two pieces is not heard."""
        found: list[Piece] = []
        at = 0
        while at < len(sentence):
            piece = self._piece_at(sentence, at, lexicon)
            at = piece.end
            if piece.spoken or piece.mark or piece.phonemes:
                found.append(piece)
        return found

    def _piece_at(self, sentence: str, at: int, lexicon: Mapping[str, str]) -> Piece:
        if sentence[at].isspace():
            return Piece(sentence[at], at)
        given = _from_lexicon(sentence, at, lexicon) if lexicon else None
        if given is not None:
            return given
        for candidate in self._rules:
            match = candidate.pattern.match(sentence, at)
            if match and match.end() > at:
                said = candidate.say(match)
                if said is not None:
                    return Piece(match.group(), at, spoken=said.strip())
        return self._word_or_sign(sentence, at)

    def _word_or_sign(self, sentence: str, at: int) -> Piece:
        word = WORD.match(sentence, at)
        if word:
            written = word.group()
            return Piece(written, at, spoken=self._words.get(written.casefold(), written))
        sign = sentence[at]
        mark = MARKS.get(sign, "")
        if mark:
            run = re.compile(re.escape(sign) + "+").match(sentence, at)
            written = run.group() if run and sign in ".-–—…" else sign
            return Piece(written, at, mark="…" if sign == "." and len(written) > 1 else mark)
        said = self._symbols.get(sign, "")
        if not said and sign not in SILENT and not unicodedata.category(sign).startswith(("S", "C", "Z", "M", "P")):
            said = sign
        return Piece(sign, at, spoken=said)


def _from_lexicon(sentence: str, at: int, lexicon: Mapping[str, str]) -> Piece | None:
    """The reader's own word at this place: as a whole run of signs ("C++", "5G") or as a plain word."""
    if at and (sentence[at - 1].isalnum() or unicodedata.category(sentence[at - 1]).startswith("M")):
        return None
    run = _RUN.match(sentence, at)
    word = WORD.match(sentence, at)
    written = run.group() if run else ""
    while written:
        phonemes = lexicon.get(unicodedata.normalize("NFC", written).casefold(), "").strip()
        if phonemes:
            return Piece(written, at, phonemes=phonemes)
        if written[-1].isalnum():
            break
        written = written[:-1]
    phonemes = lexicon.get(word.group().casefold(), "").strip() if word else ""
    return Piece(word.group(), at, phonemes=phonemes) if word and phonemes else None
