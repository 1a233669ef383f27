"""A `Script`: the text, ready to be spoken.  What `text` makes and an `Engine` speaks.

No numpy here: a script is plain data.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Word:
    """One word as written, and where its phonemes stand in the utterance."""

    text: str
    """As the reader wrote it (before normalisation): "$5", not "five dollars"."""
    start: int
    """Offset of the first phoneme in `Utterance.phonemes`."""
    end: int
    """Offset one past the last phoneme; never less than `start`."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """What the model speaks in one pass: a sentence, or a part of a long or marked-up one."""

    text: str
    """The words as written, for subtitles and error messages."""
    language: str
    """A supported tag: en-us, en-gb, es, fr, hi, it, ja, pt-br, zh."""
    phonemes: str
    """In the model's vocabulary, 1 to 500 symbols, punctuation included."""
    words: tuple[Word, ...]
    sentence: int
    """Index of the sentence that it belongs to, from 0."""
    pause_after: float = 0.0
    """Silence that follows, in seconds at speed 1; stretched with the rest."""
    rate: float = 1.0
    """Relative speed from markup (`<prosody rate>`); multiplies the request's speed."""
    pitch: float = 0.0
    """Shift from markup (`<prosody pitch>`), in semitones."""
    fixed_pause: bool = False
    """True when the pause was asked for in seconds (`[pause:0.8s]`) and is not to be stretched."""


@dataclass(frozen=True, slots=True)
class Script:
    """A whole text as utterances in order, never empty."""

    utterances: tuple[Utterance, ...]
    notices: tuple[str, ...] = ()
    """What the reader should know, e.g. that a language was guessed from little text."""

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages spoken, in order of first appearance."""
        return tuple(dict.fromkeys(u.language for u in self.utterances))
