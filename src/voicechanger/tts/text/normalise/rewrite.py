"""A sentence as one spoken string, every part of which is tied to the written word that it came from.

For a language whose words are pronounced in the context of the whole sentence, punctuation included. Where words are
pronounced piece by piece, `pieces.py` does the same walk.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from voicechanger.tts.text.normalise.rules import Rule, first_rewrite

_LETTERS = re.compile(r"[^\W\d_\u0370-\u03ff]+")
"""A run of letters, inside which no rule begins; Greek letters are signs of formulas and stand alone."""
_WRITTEN = re.compile(r"[^\s—…]+")
AROUND = "\"“”'‘’«»‹›()[]{}.,;:!?¡¿।、。，！？；：「」『』（）|*_~"


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of the sentence and its spoken form."""

    start: int
    end: int
    spoken: str
    rewritten: bool


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A sentence in its spoken form, tied to its written form."""

    written: str
    pieces: tuple[Piece, ...]

    def words(self) -> list[tuple[int, int]]:
        """Return the spans of the written words, in order; words that were rewritten together are one."""
        spans = [span for match in _WRITTEN.finditer(self.written) if (span := _trimmed(match))]
        spans += [self._bounds(p) for p in self.pieces if p.rewritten and any(c.isalnum() for c in p.spoken)]
        merged: list[tuple[int, int]] = []
        for start, end in sorted(spans):
            if merged and start < merged[-1][1]:
                merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
            else:
                merged.append((start, end))
        return merged

    def _bounds(self, piece: Piece) -> tuple[int, int]:
        written = self.written[piece.start : piece.end]
        return piece.start + len(written) - len(written.lstrip()), piece.end - len(written) + len(written.rstrip())


def rewrite(written: str, rules: Sequence[Rule]) -> Rewritten:
    """Return the sentence with every match of a rule in its spoken form; what no rule takes stays as written."""
    found: list[Piece] = []
    at = 0
    while at < len(written):
        rewritten = first_rewrite(rules, written, at)
        if rewritten:
            end, spoken = rewritten
            found.append(Piece(at, end, spoken, rewritten=True))
        else:
            letters = _LETTERS.match(written, at)
            end = letters.end() if letters else at + 1
        at = end
    return Rewritten(written, tuple(_with_gaps(written, found)))


def lexicon_rules(lexicon: Mapping[str, str], mark: Callable[[str], str]) -> list[Rule]:
    """Return rules that put `mark(phonemes)` in place of the words of a lexicon: whole written words, then parts."""
    if not lexicon:
        return []

    def known(match: re.Match[str]) -> str | None:
        phonemes = lexicon.get(match.group().casefold())
        return None if phonemes is None else mark(phonemes)

    def known_whole(match: re.Match[str]) -> str | None:
        return known(match) if _opens_chunk(match.string, match.start()) else None

    phrases = sorted((entry for entry in lexicon if " " in entry), key=len, reverse=True)
    rules = [Rule(re.compile(rf"(?i)(?<!\w)(?:{'|'.join(map(re.escape, phrases))})(?!\w)"), known)] if phrases else []
    around = re.escape(AROUND)
    whole = re.compile(rf"(?<![^\s—…{around}])[^\s—…{around}](?:[^\s—…]*[^\s—…{around}])?(?![^\s—…{around}])")
    return [
        *rules,
        Rule(whole, known_whole),
        Rule(re.compile(r"(?<![^\W\d_])(?<![^\W\d_]['-])[^\W\d_]+(?:['-][^\W\d_]+)*"), known),
        Rule(re.compile(r"[^\W\d_]+(?=['’]s\b)"), known),
        Rule(re.compile(r"(?<![\w'’])[^\W\d_]+(?![\w'’])"), known),
    ]


def _opens_chunk(text: str, at: int) -> bool:
    """Return whether only marks stand between `at` and the space, or the dash, before it."""
    while at and text[at - 1] in AROUND:
        at -= 1
    return at == 0 or text[at - 1].isspace() or text[at - 1] in "—…"


def _with_gaps(written: str, found: Sequence[Piece]) -> list[Piece]:
    pieces: list[Piece] = []
    position = 0
    for piece in found:
        if piece.start > position:
            pieces.append(Piece(position, piece.start, written[position : piece.start], rewritten=False))
        pieces.append(piece)
        position = piece.end
    if position < len(written):
        pieces.append(Piece(position, len(written), written[position:], rewritten=False))
    return pieces


def _trimmed(match: re.Match[str]) -> tuple[int, int] | None:
    """Return the span of a chunk without the punctuation around it; None when it has no letter or digit."""
    text = match.group()
    if not any(c.isalnum() for c in text):
        return None
    start = match.start() + len(text) - len(text.lstrip(AROUND))
    return start, match.end() - (len(text) - len(text.rstrip(AROUND)))


class SpokenText:
    """The spoken sentence as one string, and the written place of each of its characters."""

    def __init__(self, rewritten: Rewritten) -> None:
        self._starts: list[int] = []
        self._pieces = rewritten.pieces
        self._written = rewritten.written
        parts: list[str] = []
        length, last = 0, ""
        for piece in rewritten.pieces:
            if last.isalnum() and piece.spoken[:1].isalnum():
                # A rewritten piece stays apart from the letters beside it.
                parts.append(" ")
                length += 1
            self._starts.append(length)
            parts.append(piece.spoken)
            length += len(piece.spoken)
            last = piece.spoken[-1:] or last
        self.text = "".join(parts)

    def written_at(self, position: int) -> int:
        """Return the offset in the written sentence of the character at `position` of the spoken text."""
        index = max(0, bisect_right(self._starts, position) - 1)
        piece = self._pieces[index]
        if piece.rewritten:
            written = self._written[piece.start : piece.end]
            return piece.start + len(written) - len(written.lstrip())
        return min(piece.end - 1, piece.start + position - self._starts[index])
