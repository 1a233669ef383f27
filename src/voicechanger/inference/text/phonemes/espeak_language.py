"""A language that eSpeak NG pronounces: normalised here, spoken clause by clause there."""

from __future__ import annotations

import importlib
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import cast

from voicechanger.inference.text.language import Language, Pronounced
from voicechanger.inference.text.normalise.pieces import Piece, Scanner
from voicechanger.inference.text.phonemes.align import share_out
from voicechanger.inference.text.phonemes.assemble import Atom, assemble, atoms, unspeakable
from voicechanger.inference.text.phonemes.espeak import shared
from voicechanger.inference.text.phonemes.espeak_symbols import to_model

MOST_WORDS = 40
"""In one clause for eSpeak; keeps the cost of aligning small in a text without punctuation."""

FOREIGN_VOICES = {
    "GREEK": "el",
    "CYRILLIC": "ru",
    "ARABIC": "ar",
    "HEBREW": "he",
    "HANGUL": "ko",
    "DEVANAGARI": "hi",
    "BENGALI": "bn",
    "TAMIL": "ta",
    "TELUGU": "te",
    "GUJARATI": "gu",
    "GURMUKHI": "pa",
    "ARMENIAN": "hy",
    "GEORGIAN": "ka",
}
"""Script → the eSpeak voice that reads a word in it inside a text of another script."""

FOREIGN_FRONTS = {"CJK": ("chinese", "zh"), "HIRAGANA": ("japanese", "ja"), "KATAKANA": ("japanese", "ja")}
"""Script → the module and tag of ours that reads it."""


class EspeakLanguage:
    """Implements `Language` on eSpeak NG."""

    def __init__(
        self,
        tag: str,
        name: str,
        voice: str,
        scanner: Scanner,
        scripts: Sequence[str] = ("LATIN",),
        polish: Callable[[str], str] = str,
    ) -> None:
        """`voice` is eSpeak's; `scripts` it reads itself; `polish` mends its phonemes, spaces untouched."""
        self._tag = tag
        self._name = name
        self._voice = voice
        self._scanner = scanner
        self._scripts = frozenset(scripts)
        self._polish = polish

    @property
    def tag(self) -> str:
        """The tag that callers use."""
        return self._tag

    def pronounce(self, sentence: str, lexicon: Mapping[str, str]) -> Pronounced:
        """Phonemes of one written sentence; see `Language.pronounce`."""
        sentence = unicodedata.normalize("NFC", sentence)
        pieces = self._scanner.pieces(sentence, lexicon)
        spoken = atoms(pieces)
        for reader, clause in self._clauses(spoken):
            self._speak(reader, clause, pieces)
        return assemble(sentence, pieces, spoken)

    def _clauses(self, spoken: Sequence[Atom]) -> Iterator[tuple[str, list[Atom]]]:
        """Words that are pronounced together, each with its script ("" for the language's own)."""
        clause: list[Atom] = []
        reader = ""
        for atom in spoken:
            script = "" if atom.mark else self._foreign(atom.words)
            if clause and (atom.mark or script != reader or len(clause) >= MOST_WORDS):
                yield reader, clause
                clause = []
            if not atom.mark:
                clause.append(atom)
                reader = script
        if clause:
            yield reader, clause

    def _foreign(self, words: str) -> str:
        scripts = {unicodedata.name(sign, "NONE").split(" ")[0] for sign in words if sign.isalpha()}
        foreign = sorted(scripts & (FOREIGN_VOICES.keys() | FOREIGN_FRONTS.keys()) - self._scripts)
        return foreign[-1] if foreign else ""

    def _speak(self, script: str, clause: Sequence[Atom], pieces: Sequence[Piece]) -> None:
        """Fill in the phonemes of a clause's atoms."""
        if script in FOREIGN_FRONTS:
            self._borrow(script, clause)
            return
        voice = FOREIGN_VOICES.get(script, self._voice)
        words = [atom.words for atom in clause]
        line = self._phonemes(voice, [" ".join(words)])[0]
        spans = share_out(words, line, lambda alone: self._phonemes(voice, alone))
        for atom, (start, end) in zip(clause, spans, strict=True):
            if not atom.phonemes:
                atom.phonemes = line[start:end]
            if not atom.phonemes.strip("ˈˌː "):
                self._speak_alone(voice, atom, pieces)

    def _speak_alone(self, voice: str, atom: Atom, pieces: Sequence[Piece]) -> None:
        """The clause left nothing for this word: an elided one stays empty, an unknown one is told."""
        if not self._phonemes(voice, [atom.words])[0].strip("ˈˌː "):
            raise unspeakable(pieces[atom.piece].written, self._name)

    def _phonemes(self, voice: str, texts: Sequence[str]) -> list[str]:
        return [self._polish(to_model(raw)).strip() for raw in shared().phonemes(voice, texts)]

    def _borrow(self, script: str, clause: Sequence[Atom]) -> None:
        module, tag = FOREIGN_FRONTS[script]
        front = cast(Language, importlib.import_module(f"voicechanger.inference.text.phonemes.{module}").load(tag))
        for atom in clause:
            if not atom.phonemes:
                atom.phonemes = front.pronounce(atom.words, {}).phonemes
