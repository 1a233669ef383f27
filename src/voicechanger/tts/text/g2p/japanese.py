"""Japanese: Open JTalk reads kanji in context, the table in `kana.py` turns kana into phonemes."""

from __future__ import annotations

import importlib
import threading
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, cast

from voicechanger.tts.errors import MissingPart
from voicechanger.tts.symbols import require_supported
from voicechanger.tts.text.g2p import foreign
from voicechanger.tts.text.g2p.assemble import Atom, assemble, unspeakable
from voicechanger.tts.text.g2p.kana import SYLLABLES, hiragana_to_katakana, phonemes
from voicechanger.tts.text.g2p.loanwords import from_english
from voicechanger.tts.text.language import Language, Pronounced
from voicechanger.tts.text.normalise.ja import scanner
from voicechanger.tts.text.normalise.pieces import Piece

OWN_SCRIPTS = ("CJK", "HIRAGANA", "KATAKANA", "LATIN", "KATAKANA-HIRAGANA", "FULLWIDTH", "IDEOGRAPHIC")
MOST_LETTERS = 1000
"""Of one call of Open JTalk, which refuses more than some 16,000 bytes."""
COPULAS = frozenset({"です", "だ"})
_lock = threading.Lock()  # Open JTalk keeps one analyser for the process


@dataclass(frozen=True, slots=True)
class Read:
    """A dictionary word: its letters in the clause and its pronunciation."""

    start: int
    end: int
    katakana: str
    joined: bool
    """Whether it is an ending that belongs to the word before it, as た to 使い."""
    spelled: bool
    """Whether it is Latin letters that are no word of the dictionary."""


def load(tag: str) -> Language:
    """Return Japanese; MissingPart when Open JTalk is not installed."""
    return Japanese(tag)


class Japanese:
    """Implements `Language` on Open JTalk."""

    def __init__(self, tag: str) -> None:
        try:
            self._jtalk = cast(Any, importlib.import_module("pyopenjtalk"))
        except ImportError as error:
            raise MissingPart(
                "japanese_missing",
                "Japanese needs Open JTalk; install it with: pip install 'voicechanger[japanese]'",
            ) from error
        self._tag = tag
        self._scanner = scanner()

    @property
    def tag(self) -> str:
        """The tag that callers use."""
        return self._tag

    def pronounce(self, sentence: str, lexicon: Mapping[str, str]) -> Pronounced:
        """Return the phonemes of one sentence; see `Language.pronounce`."""
        sentence = unicodedata.normalize("NFC", sentence)
        pieces: list[Piece] = []
        spoken: list[Atom] = []
        for clause in _clauses(sentence, self._scanner.pieces(sentence, lexicon)):
            for piece, sound in self._clause(sentence, clause):
                spoken.append(Atom(len(pieces), piece.spoken, piece.mark, sound))
                pieces.append(piece)
        return assemble(sentence, pieces, spoken)

    def _clause(self, sentence: str, clause: Sequence[Piece]) -> Iterator[tuple[Piece, str]]:
        """Yield each written word of a clause with its phonemes."""
        read = self._read(clause)
        starts = [word.start for word in read]
        at = 0
        for piece in _moved_to_word_starts(sentence, clause, read):
            end = at + _letters(piece.spoken)
            own = read[bisect_left(starts, at) : bisect_left(starts, end)]
            if piece.mark:
                yield piece, ""
            elif piece.phonemes:
                yield piece, require_supported(piece.phonemes, piece.written)
            elif script := foreign.script_of(piece.spoken, OWN_SCRIPTS):
                yield piece, foreign.read(piece.spoken, script)
            elif any(word.spelled for word in own) and _readable(piece.spoken):
                yield piece, from_english(foreign.read(piece.spoken, "LATIN"))
            else:
                yield from _words(piece, own, at)
            at = end

    def _read(self, clause: Sequence[Piece]) -> list[Read]:
        """Return the dictionary words of the clause in order; they cover its letters."""
        # A space keeps two Latin words apart; it is in no dictionary word.
        text = "".join(f"{piece.spoken} " if piece.spoken[-1:].isascii() else piece.spoken for piece in clause)
        with _lock:
            found = [
                word for part in _parts(text) for word in cast(list[dict[str, Any]], self._jtalk.run_frontend(part))
            ]
        read: list[Read] = []
        at = 0
        for word in found:
            end = at + _letters(word["string"])
            ending = (word["pos"] == "助動詞" and word["orig"] not in COPULAS) or word["pos_group1"] == "接続助詞"
            katakana = str(word["pron"]) if word["mora_size"] else _kana_of_unlisted(str(word["string"]))
            read.append(Read(at, end, katakana, ending and bool(read), word["pos"] == "フィラー"))
            at = end
        return read


def _parts(text: str) -> Iterator[str]:
    """Yield the text in parts that Open JTalk takes, cut at a space where there is one."""
    while text.strip():
        space = text.rfind(" ", 1, MOST_LETTERS) if len(text) > MOST_LETTERS else -1
        end = space if space > 0 else MOST_LETTERS
        yield text[:end]
        text = text[end:]


def _kana_of_unlisted(text: str) -> str:
    """Return the katakana of what the dictionary lacks; "" for a mark of repetition, which has no sound alone."""
    text = unicodedata.normalize("NFKC", text)
    if all(sign == "〇" for sign in text):
        return "マル" * len(text)
    katakana = hiragana_to_katakana(text)
    if all(sign in SYLLABLES for sign in katakana):
        return katakana
    if any(unicodedata.category(sign) == "Lo" for sign in text):
        raise unspeakable(text, "Japanese")
    return ""


def _moved_to_word_starts(sentence: str, clause: Sequence[Piece], read: Sequence[Read]) -> list[Piece]:
    """Return the pieces, moved so that none begins inside a dictionary word: 5 and 月 are read as one."""
    starts = {word.start for word in read}
    moved: list[Piece] = []
    at = 0
    for piece in clause:
        end = at + _letters(piece.spoken)
        # Letters that belong to the word in which the piece before ended.
        taken = next((start for start in range(at, end) if start in starts), end) - at
        at = end
        if not taken or not moved or piece.phonemes or moved[-1].phonemes or piece.mark:
            moved.append(piece)
        elif piece.spoken == piece.written and taken < len(piece.written):
            moved[-1] = _joined(
                sentence, moved[-1], replace(piece, written=piece.written[:taken], spoken=piece.spoken[:taken])
            )
            rest = piece.written[taken:]
            moved.append(Piece(rest, piece.start + taken, rest))
        else:
            moved[-1] = _joined(sentence, moved[-1], piece)
    return moved


def _joined(sentence: str, first: Piece, second: Piece) -> Piece:
    return Piece(sentence[first.start : second.end], first.start, first.spoken + second.spoken)


def _letters(text: str) -> int:
    return sum(not sign.isspace() for sign in unicodedata.normalize("NFKC", text))


def _readable(text: str) -> bool:
    """Return whether Latin letters are a word, not initials."""
    return len(text) > 2 and text.isascii() and not text.isupper()


def _clauses(sentence: str, pieces: Sequence[Piece]) -> Iterator[list[Piece]]:
    """Yield pieces that are read together; a mark stands alone."""
    clause: list[Piece] = []
    for piece in pieces:
        # A silent sign separates words; a space does not.
        if clause and (piece.mark or sentence[clause[-1].end : piece.start].strip()):
            yield clause
            clause = []
        if piece.mark:
            yield [piece]
        else:
            spoken = unicodedata.normalize("NFKC", piece.spoken or piece.written)
            clause.append(replace(piece, spoken=spoken))
    if clause:
        yield clause


def _words(piece: Piece, read: Sequence[Read], offset: int) -> Iterator[tuple[Piece, str]]:
    """Yield a piece as its dictionary words, or as one when it was rewritten (a number, a price)."""
    if not any(word.katakana for word in read):
        raise unspeakable(piece.written, "Japanese")
    if piece.spoken != piece.written:
        yield piece, " ".join(phonemes(word.katakana) for word in read)
        return
    starts = [word.start - offset for word in read if not word.joined or word is read[0]]
    for start, end in pairwise([*starts, len(piece.written)]):
        written = piece.written[start:end]
        inside = [word for word in read if start <= word.start - offset < end]
        yield (
            Piece(written, piece.start + start, written),
            "".join(phonemes(word.katakana) for word in inside),
        )
