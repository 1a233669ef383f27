"""A language that eSpeak NG pronounces: normalised here, pronounced there clause by clause."""

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
"""Words of one clause for eSpeak NG; bounds the cost of aligning in a text without punctuation."""
MOST_LETTERS = 400
"""Letters of one clause; an atom that is longer is a clause of its own and is pronounced in parts of this length."""
JOINERS = "\u094d\u200c\u200d"
"""Signs that tie the letters around them into one: the Devanagari virama and the zero-width joiners."""
LONGEST_WORD = 60
"""Letters of a word that eSpeak NG gets at once; from about 130 on it drops sounds without an error."""


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
        """`voice` is eSpeak NG's; it reads `scripts` itself; `respell` spells words that it reads wrongly."""
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
        """Return the phonemes of one sentence; see `Language.pronounce`."""
        sentence = unicodedata.normalize("NFC", sentence)
        pieces = self._scanner.pieces(sentence, lexicon)
        spoken = atoms(pieces)
        for atom in spoken:
            atom.words = _broken(atom.words)
        for script, clause in self._clauses(spoken):
            if script:
                for atom in clause:
                    atom.phonemes = atom.phonemes or foreign.read(atom.words, script)
            else:
                self._pronounce_clause(clause)
            for atom in clause:
                self._require_sound(atom, pieces)
        return assemble(sentence, pieces, spoken)

    def _clauses(self, spoken: Sequence[Atom]) -> Iterator[tuple[str, list[Atom]]]:
        """Yield clauses of words that are pronounced together, with their script ("" for the language's own)."""
        clause: list[Atom] = []
        current, letters = "", 0
        for atom in spoken:
            script = "" if atom.mark else foreign.script_of(atom.words, self._scripts)
            full = len(clause) >= MOST_WORDS or letters + len(atom.words) > MOST_LETTERS
            if clause and (atom.mark or script != current or full):
                yield current, clause
                clause, letters = [], 0
            if not atom.mark:
                clause.append(atom)
                letters += len(atom.words)
                current = script
        if clause:
            yield current, clause

    def _pronounce_clause(self, clause: Sequence[Atom]) -> None:
        """Set the phonemes of the atoms of a clause, pronounced together for liaison and stress."""
        words = [atom.words for atom in clause]
        for atom in clause:
            if not atom.phonemes and elided(atom.words):
                atom.phonemes = self._elided(atom.words)
        if len(words) == 1:
            clause[0].phonemes = clause[0].phonemes or self._phonemes_of_long(words[0])
            return
        line = self._phonemes([" ".join(words)])[0]
        for atom, (start, end) in zip(clause, share_out(words, line, self._phonemes), strict=True):
            atom.phonemes = atom.phonemes or line[start:end]

    def _phonemes_of_long(self, words: str) -> str:
        """Return the phonemes of what may be too long to be pronounced at once."""
        return " ".join(self._phonemes(list(_parts(words))))

    def _elided(self, word: str) -> str:
        """Return the phonemes of an elided word before a vowel; alone eSpeak NG would spell it."""
        return self._phonemes([word + "a"])[0].rstrip("aæɐˈˌː")

    def _require_sound(self, atom: Atom, pieces: Sequence[Piece]) -> None:
        """Raise TextError for a word without sound, unless it is silent in its clause only."""
        if not _audible(atom.phonemes) and not _audible(self._phonemes_of_long(atom.words)):
            raise unspeakable(pieces[atom.piece].written, self._name)

    def _phonemes(self, texts: Sequence[str]) -> list[str]:
        respelled = [" ".join(self._respell(word) for word in text.split()) for text in texts]
        return [to_model(raw).strip() for raw in shared().phonemes(self._voice, respelled)]


def _parts(words: str) -> Iterator[str]:
    """Yield the words in parts of at most `MOST_LETTERS` letters."""
    part: list[str] = []
    letters = 0
    for word in words.split():
        if part and letters + len(word) > MOST_LETTERS:
            yield " ".join(part)
            part, letters = [], 0
        part.append(word)
        letters += len(word) + 1
    if part:
        yield " ".join(part)


def _broken(words: str) -> str:
    """Return the words with those over `LONGEST_WORD` letters broken by spaces, never inside a syllable sign."""
    if len(words) <= LONGEST_WORD:
        return words
    pieces: list[str] = []
    for word in words.split():
        start = 0
        while start < len(word):
            end = min(start + LONGEST_WORD, len(word))
            while start + 1 < end < len(word) and (word[end] in JOINERS or unicodedata.category(word[end])[0] == "M"):
                end -= 1
            pieces.append(word[start:end])
            start = end
    return " ".join(pieces)


def _audible(phonemes: str) -> bool:
    return bool(phonemes.strip("ˈˌː "))
