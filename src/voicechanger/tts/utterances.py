"""The data between the text front and an engine: a `Script` of utterances of words. Imports no numpy."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Word:
    """One word as written, and the span of its phonemes in the utterance."""

    text: str
    """As written, before normalisation: "$5", not "five dollars"."""
    start: int
    """Offset of the first phoneme in `Utterance.phonemes`."""
    end: int
    """Offset one past the last phoneme; never less than `start`."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """What the model synthesizes in one pass: a sentence, or a part of a long or marked-up one."""

    text: str
    """The words as written, for subtitles and error messages."""
    language: str
    """A supported tag: en-us, en-gb, es, fr, hi, it, ja, pt-br, zh."""
    phonemes: str
    """1 to 500 symbols of the model, punctuation included."""
    words: tuple[Word, ...]
    sentence: int
    """Index of the sentence that it belongs to, from 0."""
    pause_after: float = 0.0
    """Silence that follows, in seconds at speed 1; stretched with the speech."""
    rate: float = 1.0
    """Relative speed from markup (`<prosody rate>`); multiplies the request's speed."""
    pitch: float = 0.0
    """Shift from markup (`<prosody pitch>`), in semitones."""
    fixed_pause: bool = False
    """Whether the pause was given in seconds (`[pause:0.8s]`), so that it is not stretched."""


@dataclass(frozen=True, slots=True)
class Script:
    """A whole text as utterances in order, never empty."""

    utterances: tuple[Utterance, ...]
    notices: tuple[str, ...] = ()
    """Notices for the user, e.g. that a language was guessed from little text."""

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages spoken, in order of first appearance."""
        return tuple(dict.fromkeys(u.language for u in self.utterances))
