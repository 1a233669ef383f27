"""Runs to sentences: paragraphs, lines and sentence ends, and the fragments of one style in each sentence."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, cast

import sentencex  # pyright: ignore[reportMissingTypeStubs]

from voicechanger.tts.text.abbreviations import continues
from voicechanger.tts.text.runs import Run, Style

_BREAKS = re.compile(r"(\n(?: *\n)+)|\n")
_ETC = re.compile(r"\b(?:etc|ecc)\.[”\"»)]?\s+(?=[¿¡“\"«]?[A-ZÀ-Þ])")
LONGEST_SENTENCE = 2000
"""Characters; a longer sentence is cut at a space, because the cost of the rules grows with its square."""
LONGEST_LINE = 20_000
"""Characters that are split into sentences at once."""
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


def split_sentences(runs: list[Run], language: str) -> Iterator[Sentence]:
    """Yield the sentences in order; a pause between two of them stands at the start of the second."""
    items = list(_placed(runs))
    shape = "".join(_shape(run) for run in runs)
    index = 0
    previous: Sentence | None = None
    for start, end, kind in _spans(shape, language):
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
    """Return the text for splitting: a run that is read as a whole has no sentence end inside."""
    return "x" * len(run.text) if run.style.whole else run.text


def _spans(text: str, tag: str) -> Iterator[tuple[int, int, str]]:
    """Yield start, end and the break after each sentence: "", "\\n" for a line, "\\n\\n" for a paragraph."""
    start = 0
    for match in _BREAKS.finditer(text + "\n\n"):
        line = text[start : match.start()]
        if line.strip():
            spans = list(_in_line(line, tag))
            for index, (first, last) in enumerate(spans):
                kind = ("\n\n" if match[1] else "\n") if index == len(spans) - 1 else ""
                yield start + first, start + last, kind
        start = match.end()


def _in_line(line: str, tag: str) -> Iterator[tuple[int, int]]:
    language = _RULES_OF.get(tag, tag)
    begin = end = 0
    spoken = False
    segment = cast("Callable[[str, str], Iterable[str]]", cast("Any", sentencex).segment)
    for start, stop in bounded(line, 0, len(line), LONGEST_LINE):
        for sentence in _after_etc(segment(language, line[start:stop])):
            spoken = spoken or any(c.isalnum() for c in sentence)
            end += len(sentence)
            if spoken and not _INSIDE.match(line, max(0, end - 2)) and not continues(line, end, tag):
                yield from bounded(line, begin, end, LONGEST_SENTENCE)
                begin, spoken = end, False
    if begin < end:
        yield from bounded(line, begin, end, LONGEST_SENTENCE)


def _after_etc(segments: Iterable[str]) -> Iterator[str]:
    """Split after etc. before a capital, too, where the segmenter never does."""
    for segment in segments:
        start = 0
        for match in _ETC.finditer(segment):
            yield segment[start : match.end()]
            start = match.end()
        yield segment[start:]


def bounded(line: str, begin: int, end: int, most: int) -> Iterator[tuple[int, int]]:
    """Yield spans of at most `most` characters, cut at spaces where there are any."""
    while end - begin > most:
        space = line.rfind(" ", begin + 1, begin + most)
        cut = begin + most if space < 0 else space
        yield begin, cut
        begin = cut
    yield begin, end
