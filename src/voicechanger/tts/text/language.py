"""The interface of a language, which the modules in `g2p/` implement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from voicechanger.tts.utterances import Word


@dataclass(frozen=True, slots=True)
class Pronounced:
    """The phonemes of a sentence, and the span of each written word in them."""

    phonemes: str
    """In the model's vocabulary (114 symbols), punctuation included; may be longer than one utterance."""
    words: tuple[Word, ...]
    """The words as written, in order, spans not overlapping."""


class Language(Protocol):
    """Normalises and pronounces sentences of one language."""

    @property
    def tag(self) -> str:
        """The tag that callers use: en-us, en-gb, es, fr, hi, it, ja, pt-br, zh."""
        ...

    def pronounce(self, sentence: str, lexicon: Mapping[str, str]) -> Pronounced:
        """Return the phonemes of one written sentence.

        Numbers, money, dates, units and the like are normalised here.  `lexicon` maps a written word
        (case-folded) to phonemes in the model's vocabulary, and wins over everything else.
        TextError when nothing in it can be spoken; MissingPart when a needed package is absent,
        its message naming the command that adds it.
        """
        ...
