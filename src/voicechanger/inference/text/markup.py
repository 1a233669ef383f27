"""Runs of text and what was asked of them; for now, text without markup."""

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


PLAIN = Style()


@dataclass(frozen=True, slots=True)
class Run:
    """Text of one style, or a pause when `pause` is set."""

    text: str
    style: Style = PLAIN
    pause: float | None = None
    """Seconds."""


def parse(text: str) -> list[Run]:
    """The text in runs, in order."""
    return [Run(text)]
