"""American and British English, pronounced by hibari (no spaCy, torch or eSpeak NG)."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, cast

from hibari.g2p import G2P as _G2P  # pyright: ignore[reportMissingTypeStubs]
from hibari.g2p.token import Tok  # pyright: ignore[reportMissingTypeStubs]

from voicechanger.tts.errors import TextError
from voicechanger.tts.symbols import has_sound
from voicechanger.tts.text.language import Pronounced
from voicechanger.tts.text.normalise.english.normaliser import Normaliser
from voicechanger.tts.text.normalise.rewrite import Rewritten, SpokenText, lexicon_rules
from voicechanger.tts.text.normalise.rules import Rule
from voicechanger.tts.utterances import Word

OTHER_LANGUAGE = "mark the language of that part, or choose language “auto”."
_STROKES = str.maketrans("łŁøØđĐħĦıŋŊÞþÞðÐəƏ’", "lLoOdDhHinNTtTdDaA'")
_LIGATURES = {"ß": "ss", "æ": "ae", "Æ": "Ae", "œ": "oe", "Œ": "Oe", "ẞ": "SS"}
_LETTERS = re.compile(r"(?:[^\W\d_\u0370-\u03ff]|[\u0300-\u036f])+|[\u0370-\u03ff]+")
_VOWELLESS = re.compile(r"[b-df-hj-np-tv-xz]{2,6}")
_FIXED = re.compile("\ue000(\\d+)\ue001")
_LONGEST_UNKNOWN = 24
"""Letters that the network for unknown words reads; it drops the rest of a longer one."""
_ENDLESS = re.compile(r"\S{60,}")
_JOINTS = re.compile(r"[^\w\ue000\ue001]")
"""Where an endless chunk is broken: hibari's time grows with the cube of its parts."""
_QUOTES = str.maketrans("", "", '“”"')
"""Left out: hibari returns opening and closing quotes inconsistently."""
_NOISES = {
    **dict.fromkeys(("shh", "shhh", "shhhh", "ssh", "sshh"), "ʃʃʃ"),
    **dict.fromkeys(("brr", "brrr", "brrrr"), "bˈɜɹ"),
    **dict.fromkeys(("grr", "grrr", "grrrr"), "ɡˈɜɹ"),
    "tsk": "tˈɪsk",
}
"""Sounds written without vowels, which would be spelled letter by letter."""
_ZED = "zˈɛd"
"""British name of the letter Z, for which hibari's British lexicon has the American one."""
_CLOSING = frozenset(";:,.!?…)”")


class _Token(Protocol):
    text: str
    whitespace: str
    phonemes: str | None


class _Reader(Protocol):
    """The part of hibari's G2P that is used here."""

    lexicon: Any

    def tokenize(self, text: str) -> list[_Token]: ...

    def phonemize_tokens(self, tokens: list[_Token]) -> list[_Token]: ...


@dataclass(frozen=True, slots=True)
class _Sound:
    """Phonemes and the index of the written word that they belong to (None for punctuation)."""

    phonemes: str
    spaced: bool
    word: int | None


class English:
    """English of one accent; safe to share between threads."""

    def __init__(self, tag: str) -> None:
        self._tag = tag
        british = tag == "en-gb"
        self._reader = cast("_Reader", _G2P(british=british))
        if british:
            self._reader.lexicon.golds.d["Z"] = _ZED
        self._normalise = Normaliser(british)

    @property
    def tag(self) -> str:
        """en-us or en-gb."""
        return self._tag

    def knows(self, word: str) -> bool:
        """Return whether the word is in the hand-checked English lexicon."""
        return any(form in self._reader.lexicon.golds for form in (word, word.lower()))

    def pronounce(self, sentence: str, lexicon: Mapping[str, str]) -> Pronounced:
        """Return the phonemes of one sentence; see `Language.pronounce`."""
        fixed: list[str] = []

        def mark(phonemes: str) -> str:
            fixed.append(phonemes)
            return f"\ue000{len(fixed) - 1}\ue001"

        rewritten = self._normalise(
            sentence, lexicon_rules({**_NOISES, **lexicon}, mark), [Rule(_LETTERS, self._foreign_letters)]
        )
        spans = rewritten.words()
        sounds = self._sounds(rewritten, spans, fixed)
        pronounced = _assembled(sentence, spans, self._complete(sentence, spans, sounds))
        if not has_sound(pronounced.phonemes):
            raise TextError("text_not_speakable", "The text has no letter or digit: give at least one word or number.")
        return pronounced

    def _sounds(self, rewritten: Rewritten, spans: list[tuple[int, int]], fixed: list[str]) -> list[_Sound]:
        spoken = SpokenText(rewritten)
        sounds: list[_Sound] = []
        position = 0
        tokens = self._tokens(_ENDLESS.sub(lambda m: _JOINTS.sub(" ", m.group()), spoken.text), fixed)
        for before, token, after in zip([None, *tokens[:-1]], tokens, [*tokens[1:], None], strict=True):
            found = spoken.text.find(token.text, position)
            start = position if found < 0 else found
            position = start + len(token.text)
            word = _index(spans, spoken.written_at(start + _first_letter(token.text)))
            phonemes = (token.phonemes or "").strip().replace("ˈˈ", "ˈ").translate(_QUOTES)
            if phonemes == "ɐ" and _is_letter_name(before, token, after):
                phonemes = "ˈA"
            if token.text == "point" and word is not None and _numeric(rewritten.written[slice(*spans[word])]):
                phonemes = phonemes.replace("ˈ", "")
            if token.text in {"'s", "’s"} and phonemes == "s" and sounds:
                phonemes = _possessive(sounds[-1].phonemes)
            sounds.append(_Sound(phonemes, bool(token.whitespace), word if has_sound(phonemes) else None))
        return sounds

    def _tokens(self, text: str, fixed: list[str]) -> list[_Token]:
        tokens: list[_Token] = []
        position = 0
        for match in _FIXED.finditer(text):
            tokens += self._reader.tokenize(text[position : match.start()])
            if tokens and text[match.start() - 1 : match.start()].isspace():
                tokens[-1].whitespace = " "
            spaced = text[match.end() : match.end() + 1].isspace()
            tokens.append(cast("_Token", Tok(match.group(), "NN", " " * spaced, fixed[int(match[1])], rating=5)))
            position = match.end()
        tokens += self._reader.tokenize(text[position:])
        return self._reader.phonemize_tokens(tokens)

    def _complete(self, sentence: str, spans: list[tuple[int, int]], sounds: list[_Sound]) -> Iterator[_Sound]:
        """Yield the sounds; a word that has none is spelled letter by letter in its place."""
        sounded = {sound.word for sound in sounds}
        missing = deque(index for index in range(len(spans)) if index not in sounded)
        for sound in sounds:
            while missing and sound.word is not None and missing[0] < sound.word:
                yield self._spelled(sentence, spans, missing.popleft())
            yield sound
        while missing:
            yield self._spelled(sentence, spans, missing.popleft())

    def _spelled(self, sentence: str, spans: list[tuple[int, int]], word: int) -> _Sound:
        written = sentence[slice(*spans[word])]
        letters = "".join(c for c in _folded(written).upper() if "A" <= c <= "Z")
        phonemes = self._reader.lexicon.get_NNP(letters)[0] if letters else None
        if not phonemes:
            raise TextError(
                "text_not_speakable", f"English has no pronunciation for “{written[:40]}”: write it in words."
            )
        return _Sound(str(phonemes), spaced=True, word=word)

    def _foreign_letters(self, match: re.Match[str]) -> str | None:
        """Respell words with letters beyond A to Z that the lexicon lacks, words without vowels and very long words."""
        word = match.group()
        vowelless = _VOWELLESS.fullmatch(word) is not None
        if word.isascii() and len(word) <= _LONGEST_UNKNOWN and not vowelless:
            return None
        lexicon = self._reader.lexicon
        if any(form in lexicon.golds or form in lexicon.silvers for form in (word, word.lower())):
            return None
        if vowelless:
            return word.upper()  # spelled letter by letter: the network for unknown words repeats sounds in www
        if not word.isascii():
            word = _folded(word)
            unknown = "".join(dict.fromkeys(c for c in word if not c.isascii()))
            if unknown:
                raise TextError(
                    "unsupported_script", f"English has no pronunciation for “{unknown[:20]}”: {OTHER_LANGUAGE}"
                )
        size = -(-len(word) // -(-len(word) // _LONGEST_UNKNOWN)) if word else 1
        return " ".join(word[i : i + size] for i in range(0, len(word), size))


def load(tag: str) -> English:
    """Return English of the accent of a tag, en-us or en-gb."""
    return English(tag)


def _folded(word: str) -> str:
    """Return the word without accents and strokes: Żółkiewski → Zolkiewski."""
    spread = "".join(_LIGATURES.get(c, c) for c in word.translate(_STROKES))
    return "".join(c for c in unicodedata.normalize("NFKD", spread) if not unicodedata.combining(c))


def _is_letter_name(before: _Token | None, token: _Token, after: _Token | None) -> bool:
    """Return whether an “a” is the letter, not the article: at the end, before a letter, or capital in lower case."""
    if after is None or not has_sound(after.phonemes or ""):
        return True
    if token.text != "A" or after.text == "I":
        return False
    row = len(after.text) == 1 and after.text.isupper()  # A B C
    amid = before is not None and before.text.isalnum() and bool(before.whitespace) and after.text.islower()
    return row or amid  # from A to Z, vitamin A is


def _possessive(before: str) -> str:
    """Return the phonemes of 's after a word from the lexicon."""
    if before[-1:] in "ptkfθ":
        return "s"
    return "ɪz" if before[-1:] in "szʃʒʧʤ" else "z"


def _numeric(written: str) -> bool:
    return any(c.isdecimal() for c in written)


def _first_letter(text: str) -> int:
    """Return the offset of the first letter or digit: some tokens of hibari begin with a quote."""
    return next((offset for offset, c in enumerate(text) if c.isalnum()), 0)


def _index(spans: list[tuple[int, int]], position: int) -> int | None:
    index = bisect_right(spans, position, key=lambda span: span[0]) - 1
    return index if index >= 0 and position < spans[index][1] else None


def _closed(sentence: str, phonemes: str) -> str:
    """Add the final mark of the sentence: hibari takes the dot of “plan B.” for that of an abbreviation."""
    mark = sentence.rstrip("\"'”’»)] ")[-1:]
    if mark not in set(".!?…"):
        return phonemes
    if phonemes[-1:] not in _CLOSING:
        return phonemes + mark
    return phonemes if sentence.endswith("..") else re.sub(r"\.\.+$", ".", phonemes)


def _assembled(sentence: str, spans: list[tuple[int, int]], sounds: Iterator[_Sound]) -> Pronounced:
    parts: list[str] = []
    length = 0
    places: dict[int, tuple[int, int]] = {}

    def add(text: str) -> None:
        nonlocal length
        parts.append(text)
        length += len(text)

    for sound in sounds:
        if sound.phonemes:
            if sound.phonemes[0] in _CLOSING and parts and parts[-1] == " ":
                length -= len(parts.pop())
            start = length
            add(sound.phonemes)
            if sound.word is not None:
                places[sound.word] = (places.get(sound.word, (start, 0))[0], length)
        if sound.spaced and parts and parts[-1] != " ":
            add(" ")
    phonemes = _closed(sentence, "".join(parts).rstrip())
    words = tuple(Word(sentence[slice(*spans[i])], start, end) for i, (start, end) in sorted(places.items()))
    return Pronounced(phonemes, words)
