"""A sentence as pieces: a written form and its spoken form.

A `Scanner` goes through a sentence once. Wherever a token may start it tries its rules in order; the first that
applies takes its match. What no rule takes is a word, a mark, or silent.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from voicechanger.tts.text.normalise.marks import MARKS, SILENT
from voicechanger.tts.text.normalise.rules import Rule, first_rewrite


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a sentence and its spoken form: words, a mark, or phonemes from the lexicon."""

    written: str
    start: int
    """Offset in the sentence."""
    spoken: str = ""
    """Words to pronounce; empty for a mark."""
    mark: str = ""
    """Punctuation as a symbol of the model; empty for words."""
    phonemes: str = ""
    """From the lexicon; wins over `spoken`."""

    @property
    def end(self) -> int:
        """Offset one past it in the sentence."""
        return self.start + len(self.written)


NUMBER_SIGNS = "²³¹¼-¾⁰-₉⅐-↉①-⓿❶-➓㈠-㉟㊀-㏿"
"""Signs that Python counts as letters and that stand for numbers."""

LETTERS = rf"(?:[^\W\d_{NUMBER_SIGNS}]|[\u0300-\u036f\u0900-\u0963\u0971-\u097f\u200c\u200d])"
"""One letter, or a mark that belongs to one (Latin accents, Devanagari vowels)."""
WORD = re.compile(rf"{LETTERS}+(?:['’\-‑·]{LETTERS}+)*")
_RUN = re.compile(r"\S+")
_LETTER_OR_DIGIT = re.compile(r"[^\W_]")
_HYPHENS = "-‑"
_JOINTS = "'’" + _HYPHENS


class Scanner:
    """The rules of a language, applied to a sentence."""

    def __init__(
        self,
        rules: Sequence[Rule],
        words: Mapping[str, str],
        symbols: Mapping[str, str],
        word: re.Pattern[str] = WORD,
        spaced: bool = True,
    ) -> None:
        """`words`: written word, case-folded → spoken form; `symbols`: one sign → spoken form.

        `spaced` is False where words are written without spaces: words of the lexicon may then begin anywhere.
        """
        self._word = word
        self._rules = rules
        self._words = words
        self._symbols = symbols
        self._spaced = spaced

    def pieces(self, sentence: str, lexicon: Mapping[str, str]) -> list[Piece]:
        """Return the pieces of the sentence in order; characters between two pieces are silent."""
        longest = max((len(written) for written in lexicon), default=0)
        found: list[Piece] = []
        at = 0
        while at < len(sentence):
            piece = self._given(sentence, at, lexicon, longest) or self._piece_at(sentence, at)
            if lexicon and not piece.phonemes:
                piece = self._before_given(sentence, piece, lexicon, longest)
            at = piece.end
            if piece.spoken or piece.mark or piece.phonemes:
                found.append(piece)
        return found

    def _piece_at(self, sentence: str, at: int) -> Piece:
        rewritten = first_rewrite(self._rules, sentence, at)
        if rewritten:
            end, spoken = rewritten
            return Piece(sentence[at:end], at, spoken=spoken.strip())
        word = self._word.match(sentence, at)
        if word:
            written = word.group()
            return Piece(written, at, spoken=self._words.get(written.casefold(), written))
        return self._sign(sentence, at)

    def _sign(self, sentence: str, at: int) -> Piece:
        """Return the piece of one sign: a mark, a sign with a name, or a silent one."""
        sign = sentence[at]
        written = _repeated(sentence, at) if sign in ".-–—…" else sign
        alone = sentence[at - 1 : at] in " " and sentence[at + len(written) : at + len(written) + 1] in " "
        mark = "—" if sign == "-" and (alone or len(written) > 1) else MARKS.get(sign, "")
        if mark:
            return Piece(written, at, mark="…" if sign == "." and len(written) > 1 else mark)
        spoken = self._symbols.get(sign, "") or self._unfolded(sign)
        if not spoken and sign not in SILENT and unicodedata.category(sign)[0] not in "SCZMP":
            spoken = sign
        return Piece(sign, at, spoken=spoken)

    def _unfolded(self, sign: str) -> str:
        """Return the spoken form of a compatibility sign: ① is 1, ㎏ is kg, Ⅳ is IV."""
        plain = unicodedata.normalize("NFKC", sign)
        if plain == sign or sign in plain or not plain.strip():
            return ""
        return " ".join(piece.spoken for piece in self.pieces(plain, {}) if piece.spoken)

    def _given(self, sentence: str, at: int, lexicon: Mapping[str, str], longest: int) -> Piece | None:
        """Return the word of the lexicon at this place: a run of signs ("C++", "5G") or a plain word."""
        if not lexicon or sentence[at].isspace():
            return None
        run = _RUN.match(sentence, at)
        word = self._word.match(sentence, at)
        for written in _candidates(run.group() if run else "", word.group() if word else "", longest):
            phonemes = lexicon.get(written.casefold(), "").strip()
            if phonemes:
                return Piece(written, at, phonemes=phonemes)
        return None if self._spaced else _prefix(sentence, at, lexicon, longest)

    def _before_given(self, sentence: str, piece: Piece, lexicon: Mapping[str, str], longest: int) -> Piece:
        """Return the piece up to where a word of the lexicon begins in it: anywhere, or after d' and hyphens."""
        for cut in range(1, len(piece.written)):
            if self._given_inside(sentence, piece, cut, lexicon, longest):
                return Piece(piece.written[:cut], piece.start, spoken=piece.written[:cut])
        return piece

    def _given_inside(
        self, sentence: str, piece: Piece, cut: int, lexicon: Mapping[str, str], longest: int
    ) -> Piece | None:
        at = piece.start + cut
        if not self._spaced:
            # what a rule reads otherwise than it is written (a price, a date) is not cut
            return _prefix(sentence, at, lexicon, longest) if piece.spoken == piece.written else None
        words_before = sentence[at - 1] in _JOINTS and not any(c.isdigit() for c in piece.written[:cut])
        return self._given(sentence, at, lexicon, longest) if words_before else None


def _candidates(run: str, word: str, longest: int) -> Iterator[str]:
    """Yield the run of signs, the same without its closing marks one by one, the word at its start, its first parts.

    Nothing over `longest` characters, the length of the longest word of the lexicon.
    """
    if not _LETTER_OR_DIGIT.search(run, longest):
        run = run[:longest]
        while run:
            yield run
            if run[-1].isalnum():
                break
            run = run[:-1]
    if len(word) <= longest:
        yield word
    for end in range(min(len(word) - 1, longest), 0, -1):
        # not before an apostrophe: an entry for the letter C is none for c'est
        if word[end] in _HYPHENS:
            yield word[:end]


def _prefix(sentence: str, at: int, lexicon: Mapping[str, str], longest: int) -> Piece | None:
    """Return the lexicon word of two or more signs that begins here; a Latin word is never cut."""
    text = sentence[at : at + longest + 1]
    if at and _latin(sentence[at - 1]) and _latin(text[0]):
        return None
    for length in range(min(longest, len(text)), 1, -1):
        phonemes = lexicon.get(text[:length].casefold(), "").strip()
        if phonemes and not (_latin(text[length - 1]) and _latin(text[length : length + 1])):
            return Piece(text[:length], at, phonemes=phonemes)
    return None


def _latin(sign: str) -> bool:
    return sign.isascii() and sign.isalnum()


def _repeated(text: str, at: int) -> str:
    end = at
    while end < len(text) and text[end] == text[at]:
        end += 1
    return text[at:end]
