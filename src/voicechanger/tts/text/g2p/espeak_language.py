"""A language that eSpeak NG pronounces: normalised here, spoken clause by clause there."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence

from voicechanger.tts.text.g2p import foreign
from voicechanger.tts.text.g2p.align import share_out
from voicechanger.tts.text.g2p.assemble import Atom, assemble, atoms, elided, unspeakable
from voicechanger.tts.text.g2p.espeak import shared
from voicechanger.tts.text.g2p.espeak_symbols import to_model
from voicechanger.tts.text.language import Pronounced
from voicechanger.tts.text.normalise.pieces import Piece, Scanner

MOST_WORDS = 40
"""In one clause for eSpeak; keeps the cost of aligning small in a text without punctuation."""


class EspeakLanguage:
    """Implements `Language` on eSpeak NG."""

    def __init__(
        self,
        tag: str,
        name: str,
        voice: str,
        scanner: Scanner,
        scripts: Sequence[str] = ("LATIN",),
        respell: Callable[[str], str] = str,
    ) -> None:
        """`voice` is eSpeak's; `scripts` it reads itself; `respell` a word that it says wrongly."""
        self._tag = tag
        self._name = name
        self._voice = voice
        self._scanner = scanner
        self._scripts = frozenset(scripts)
        self._respell = respell

    @property
    def tag(self) -> str:
        """The tag that callers use."""
        return self._tag

    def pronounce(self, sentence: str, lexicon: Mapping[str, str]) -> Pronounced:
        """Phonemes of one written sentence; see `Language.pronounce`."""
        sentence = unicodedata.normalize("NFC", sentence)
        pieces = self._scanner.pieces(sentence, lexicon)
        spoken = atoms(pieces)
        for script, clause in self._clauses(spoken):
            if script:
                for atom in clause:
                    atom.phonemes = atom.phonemes or foreign.read(atom.words, script)
            else:
                self._speak(clause)
            for atom in clause:
                self._check(atom, pieces)
        return assemble(sentence, pieces, spoken)

    def _clauses(self, spoken: Sequence[Atom]) -> Iterator[tuple[str, list[Atom]]]:
        """Words that are pronounced together, each clause with its script ("" for the language's own)."""
        clause: list[Atom] = []
        current = ""
        for atom in spoken:
            script = "" if atom.mark else foreign.script_of(atom.words, self._scripts)
            if clause and (atom.mark or script != current or len(clause) >= MOST_WORDS):
                yield current, clause
                clause = []
            if not atom.mark:
                clause.append(atom)
                current = script
        if clause:
            yield current, clause

    def _speak(self, clause: Sequence[Atom]) -> None:
        """Fill in the phonemes of a clause's atoms, pronounced together for liaison and stress."""
        words = [atom.words for atom in clause]
        for atom in clause:
            if not atom.phonemes and elided(atom.words):
                atom.phonemes = self._elided(atom.words)
        line = self._phonemes([" ".join(words)])[0]
        for atom, (start, end) in zip(clause, share_out(words, line, self._phonemes), strict=True):
            atom.phonemes = atom.phonemes or line[start:end]

    def _elided(self, word: str) -> str:
        """A word that lost its vowel, as it sounds before one; alone eSpeak names its letters."""
        return self._phonemes([word + "a"])[0].rstrip("aæɐˈˌː")

    def _check(self, atom: Atom, pieces: Sequence[Piece]) -> None:
        """A word elided in its clause may be silent; one that eSpeak cannot read at all is told."""
        if not _audible(atom.phonemes) and not _audible(self._phonemes([atom.words])[0]):
            raise unspeakable(pieces[atom.piece].written, self._name)

    def _phonemes(self, texts: Sequence[str]) -> list[str]:
        respelled = [" ".join(self._respell(word) for word in text.split()) for text in texts]
        return [to_model(raw).strip() for raw in shared().phonemes(self._voice, respelled)]


def _audible(phonemes: str) -> bool:
    return bool(phonemes.strip("ˈˌː "))
