"""Paragraphs, lines and sentences, and the runs of style that each holds."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, cast

import sentencex  # pyright: ignore[reportMissingTypeStubs]

from voicechanger.tts.text.runs import Run, Style

_BREAKS = re.compile(r"(\n(?: *\n)+)|\n")
_ENDLESS = 2000
_INSIDE = re.compile(r"[\s\d]\.(?=\w)")
"""A dot that begins something (".NET") or stands in a number."""
_RULES_OF = {"en-us": "en", "en-gb": "en", "pt-br": "pt", "auto": "en"}


@dataclass(frozen=True, slots=True)
class Fragment:
    """A part of a sentence in one style."""

    text: str
    style: Style


@dataclass(slots=True)
class Sentence:
    """One sentence: fragments in order, with pauses (seconds) between them."""

    parts: list[Fragment | float] = field(default_factory=list[Fragment | float])
    ends_paragraph: bool = False
    ends_line: bool = False

    @property
    def text(self) -> str:
        """As written."""
        return "".join(part.text for part in self.parts if isinstance(part, Fragment))


def sentences(runs: list[Run], language: str) -> Iterator[Sentence]:
    """The sentences in order.  A pause between two of them stands at the start of the second.  Linear."""
    items = list(_placed(runs))
    shape = "".join(_shape(run) for run in runs)
    index = 0
    previous: Sentence | None = None
    for start, end, kind in _spans(shape, _RULES_OF.get(language, language)):
        if previous is not None:
            yield previous
        previous = Sentence(ends_paragraph=kind == "\n\n", ends_line=bool(kind))
        while index < len(items) and items[index][0] < end:
            at, run = items[index]
            if run.pause is not None:
                previous.parts.append(run.pause)
            elif run.style.whole:
                if at >= start:
                    previous.parts.append(Fragment(run.text, run.style))
            elif here := run.text[max(0, start - at) : end - at]:
                previous.parts.append(Fragment(here, run.style))
            if at + len(run.text) > end:
                break
            index += 1
    if previous is not None:
        previous.parts += [run.pause for _, run in items[index:] if run.pause is not None]
        yield previous


def _placed(runs: list[Run]) -> Iterator[tuple[int, Run]]:
    at = 0
    for run in runs:
        yield at, run
        at += len(run.text)


def _shape(run: Run) -> str:
    """What splitting looks at: a run that is said as a whole has no sentence end inside."""
    return "x" * len(run.text) if run.style.whole else run.text


def _spans(text: str, language: str) -> Iterator[tuple[int, int, str]]:
    """Start, end and the kind of break after each sentence: none, line or paragraph."""
    start = 0
    for match in _BREAKS.finditer(text + "\n\n"):
        line = text[start : match.start()]
        if line.strip():
            spans = list(_in_line(line, language))
            for index, (first, last) in enumerate(spans):
                kind = ("\n\n" if match[1] else "\n") if index == len(spans) - 1 else ""
                yield start + first, start + last, kind
        start = match.end()


def _in_line(line: str, language: str) -> Iterator[tuple[int, int]]:
    begin = end = 0
    segment = cast("Callable[[str, str], Iterable[str]]", cast("Any", sentencex).segment)
    for sentence in segment(language, line):
        end += len(sentence)
        if any(c.isalnum() for c in line[begin:end]) and not _INSIDE.match(line, max(0, end - 2)):
            yield from _bounded(line, begin, end)
            begin = end
    if begin < end:
        yield from _bounded(line, begin, end)


def _bounded(line: str, begin: int, end: int) -> Iterator[tuple[int, int]]:
    """A sentence in parts of at most `_ENDLESS` characters, cut at spaces: rules grow with its square."""
    while end - begin > _ENDLESS:
        space = line.rfind(" ", begin + 1, begin + _ENDLESS)
        cut = begin + _ENDLESS if space < 0 else space
        yield begin, cut
        begin = cut
    yield begin, end
