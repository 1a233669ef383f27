"""Mandarin: jieba finds the words, pypinyin reads them, the table in `pinyin.py` turns pinyin into phonemes."""

from __future__ import annotations

import importlib
import threading
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from voicechanger.tts.errors import MissingPart
from voicechanger.tts.text.g2p import foreign
from voicechanger.tts.text.g2p.assemble import Atom, assemble, atoms, unspeakable
from voicechanger.tts.text.g2p.pinyin import syllable
from voicechanger.tts.text.language import Language, Pronounced
from voicechanger.tts.text.normalise.pieces import Piece
from voicechanger.tts.text.normalise.zh import scanner

OWN_SCRIPTS = ("CJK", "IDEOGRAPHIC")
_lock = threading.Lock()


def load(tag: str) -> Language:
    """Return Mandarin; MissingPart when its dictionaries are not installed."""
    return Chinese(tag)


class Chinese:
    """Implements `Language` on jieba and pypinyin."""

    def __init__(self, tag: str) -> None:
        try:
            jieba = cast(Any, importlib.import_module("jieba"))
            self._pypinyin = cast(Any, importlib.import_module("pypinyin"))
            self._scanner = scanner()
        except ImportError as error:
            raise MissingPart(
                "chinese_missing",
                "Mandarin needs its dictionaries; install them with: pip install 'voicechanger[chinese]'",
            ) from error
        self._tag = tag
        self._cutter = _cutter(jieba)

    @property
    def tag(self) -> str:
        """The tag that callers use."""
        return self._tag

    def pronounce(self, sentence: str, lexicon: Mapping[str, str]) -> Pronounced:
        """Return the phonemes of one sentence; see `Language.pronounce`."""
        sentence = unicodedata.normalize("NFC", sentence)
        pieces: list[Piece] = []
        spoken: list[Atom] = []
        for run in _runs(self._scanner.pieces(sentence, lexicon)):
            for piece, words in self._cut(run):
                for atom in atoms([piece]):
                    atom.piece = len(pieces)
                    if not (atom.mark or atom.phonemes):
                        atom.phonemes = self._read(atom.words, words, piece.written)
                    spoken.append(atom)
                pieces.append(piece)
        return assemble(sentence, pieces, spoken)

    def _cut(self, run: Sequence[Piece]) -> Iterator[tuple[Piece, Sequence[str]]]:
        """Yield each written word of a run with the dictionary words of its spoken form."""
        if not _chinese(run[0]):
            yield run[0], ()
            return
        text = "".join(piece.spoken for piece in run)
        with _lock:
            found = [(str(word), int(start)) for word, start, _ in self._cutter.tokenize(text)]
        starts = [start for _, start in found]
        at = 0
        for piece in run:
            end = at + len(piece.spoken)
            # A dictionary word that reaches over the edge of a number is cut there.
            own = [
                (text[max(start, at) : min(start + len(word), end)], max(start, at) - at)
                for word, start in found[bisect_right(starts, at) - 1 : bisect_left(starts, end)]
            ]
            if piece.spoken == piece.written:
                for word, start in own:
                    yield Piece(word, piece.start + start, word), (word,)
            else:
                yield piece, [word for word, _ in own]
            at = end

    def _read(self, text: str, words: Sequence[str], written: str) -> str:
        """Return the phonemes of words that may mix Chinese and Latin, as an address does."""
        sounds: list[str] = []
        for word in words or text.split():
            script = foreign.script_of(word, OWN_SCRIPTS)
            sounds.append(foreign.read(word, script) if script else self._word(word, written))
        return " ".join(sounds)

    def _word(self, word: str, written: str) -> str:
        style = self._pypinyin.Style.TONE3
        found = cast(list[str], self._pypinyin.lazy_pinyin(word, style=style, neutral_tone_with_five=True))
        syllables = [syllable(pinyin) for pinyin in found]
        if None in syllables or not syllables:
            raise unspeakable(written, "Mandarin")
        return "".join(cast(list[str], syllables))


def _cutter(jieba: Any) -> Any:
    """Return jieba's tokenizer, loaded without its cache, which lies in a folder that anyone may write."""
    cutter = jieba.Tokenizer()
    cutter.FREQ, cutter.total = cutter.gen_pfdict(cutter.get_dict_file())
    cutter.initialized = True
    return cutter


def _chinese(piece: Piece) -> bool:
    return bool(piece.spoken) and not piece.phonemes and all(s >= "一" or s == "〇" for s in piece.spoken)


def _runs(pieces: Sequence[Piece]) -> Iterator[list[Piece]]:
    """Yield Chinese pieces that are read together; any other piece stands alone."""
    run: list[Piece] = []
    for piece in pieces:
        if _chinese(piece):
            run.append(piece)
            continue
        if run:
            yield run
        run = []
        yield [piece]
    if run:
        yield run
