"""Runs of text in one style: the result of parsing markup."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Style:
    """How to read a run."""

    language: str | None = None
    rate: float = 1.0
    pitch: float = 0.0
    """Semitones."""
    phonemes: str | None = None
    """Pronunciation in place of the text."""
    alias: str | None = None
    """Text to read in place of the written one."""
    say_as: str | None = None
    """Kind of text: cardinal, ordinal, characters, digits, date, time, telephone, currency."""
    format: str = ""
    """Of a date, e.g. dmy."""

    @property
    def whole(self) -> bool:
        """Whether the run is read as a whole, so that it must not be split."""
        return self.phonemes is not None or self.alias is not None or self.say_as is not None


PLAIN = Style()


@dataclass(frozen=True, slots=True)
class Run:
    """Text of one style, or a pause when `pause` is set."""

    text: str
    style: Style = PLAIN
    pause: float | None = None
    """Seconds."""
