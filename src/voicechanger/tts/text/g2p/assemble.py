"""Pieces of a sentence and their phonemes, joined into one `Pronounced`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from voicechanger.tts.errors import TextError
from voicechanger.tts.symbols import require_supported
from voicechanger.tts.text.language import Pronounced
from voicechanger.tts.text.normalise.marks import CLOSING, OPENING
from voicechanger.tts.text.normalise.pieces import Piece
from voicechanger.tts.utterances import Word

_PAUSE = re.compile(r"([,;.])")


@dataclass(slots=True)
class Atom:
    """The smallest unit of pronunciation: words without a pause between them, or a mark."""

    piece: int
    """Index of the piece that it belongs to."""
    words: str = ""
    mark: str = ""
    phonemes: str = ""
    """Set by the language."""


def atoms(pieces: Sequence[Piece]) -> list[Atom]:
    """Return the atoms of the pieces in order; a comma in a spoken form (a phone number) becomes a mark."""
    found: list[Atom] = []
    for index, piece in enumerate(pieces):
        if piece.mark:
            found.append(Atom(index, mark=piece.mark))
        elif piece.phonemes:
            found.append(Atom(index, words=piece.written, phonemes=require_supported(piece.phonemes, piece.written)))
        else:
            for part in _PAUSE.split(piece.spoken):
                if part in (",", ";", "."):
                    found.append(Atom(index, mark=part))
                elif part.strip():
                    found.append(Atom(index, words=part.strip()))
    return found


def assemble(sentence: str, pieces: Sequence[Piece], spoken: Sequence[Atom]) -> Pronounced:
    """Return one line of phonemes and the span of each written word; TextError `nothing_to_speak` without a word."""
    line = ""
    spans: dict[int, tuple[int, int]] = {}
    for atom in spoken:
        sound = atom.mark or atom.phonemes.strip()
        apart = atom.mark not in CLOSING and not _elided_before(pieces, atom.piece)
        if line and sound and apart and line[-1] not in OPENING:
            line += " "
        start, line = len(line), line + sound
        if not atom.mark:
            first = spans.get(atom.piece, (start, 0))[0]
            spans[atom.piece] = (first, len(line))
    if not spans:
        raise TextError("nothing_to_speak", f"“{_short(sentence)}” has no word: give at least one word or number.")
    words = tuple(Word(pieces[index].written, start, end) for index, (start, end) in spans.items())
    return Pronounced(require_supported(line, _short(sentence)), words)


def elided(written: str) -> bool:
    """Return whether a word lost its vowel before the next one: d', l', qu'."""
    return len(written) > 1 and written[-1] in "'’" and written[-2].isalpha()


def _elided_before(pieces: Sequence[Piece], index: int) -> bool:
    """Return whether a word of the lexicon follows d' or l'."""
    return bool(index and pieces[index].phonemes and elided(pieces[index - 1].written))


def unspeakable(written: str, language: str) -> TextError:
    """Return the error for a part that cannot be pronounced in a language."""
    return TextError(
        "unspeakable_text", f"{language} has no pronunciation for “{_short(written)}”: write it in words or remove it."
    )


def _short(text: str) -> str:
    text = text.strip()
    return text if len(text) <= 60 else text[:59] + "…"
