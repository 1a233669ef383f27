"""Runs of text in one style: what markup comes to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Style:
    """How a run is to be read."""

    language: str | None = None
    rate: float = 1.0
    pitch: float = 0.0
    """Semitones."""
    phonemes: str | None = None
    """Said instead of the text."""
    alias: str | None = None
    """Read instead of the text."""
    say_as: str | None = None
    """How the text is meant: cardinal, ordinal, characters, date, time, telephone, currency."""
    format: str = ""
    """Of a date, e.g. dmy."""

    @property
    def whole(self) -> bool:
        """Whether the run is said as a whole, so that nothing may be cut out of it."""
        return self.phonemes is not None or self.alias is not None or self.say_as is not None


PLAIN = Style()


@dataclass(frozen=True, slots=True)
class Run:
    """Text of one style, or a pause when `pause` is set."""

    text: str
    style: Style = PLAIN
    pause: float | None = None
    """Seconds."""
