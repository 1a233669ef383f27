"""Which phonemes belong to which word, when words were pronounced together."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise

BAND = 64
"""Symbols by which a word may lie before or after where its share of the letters would put it."""

Alone = Callable[[Sequence[str]], Sequence[str]]
"""Phonemes of words, each pronounced by itself."""


def share_out(words: Sequence[str], phonemes: str, alone: Alone) -> list[tuple[int, int]]:
    """Return the span of `phonemes` for each of `words` (one or more spoken words each), in order, not overlapping.

    Groups between spaces are counted first.  Where words were run together ("qu'est-ce que") or one was
    spread over several groups, the whole is aligned with the words pronounced alone.
    """
    groups = _groups(phonemes)
    if len(words) == 1:
        return _trim(phonemes, [0, len(phonemes)])
    counts = [len(word.split()) for word in words]
    if sum(counts) == len(groups):
        spans: list[tuple[int, int]] = []
        at = 0
        for count in counts:
            spans.append((groups[at][0], groups[at + count - 1][1]))
            at += count
        return spans
    return _trim(phonemes, _cuts(list(alone(words)), phonemes))


def _groups(phonemes: str) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    at = 0
    for group in phonemes.split(" "):
        if group:
            spans.append((at, at + len(group)))
        at += len(group) + 1
    return spans


def _cuts(alone: Sequence[str], phonemes: str) -> list[int]:
    """Return where each word begins in `phonemes`, and the length of `phonemes`, by the least edits."""
    apart = " ".join(word.strip() for word in alone)
    partner = _align(apart, phonemes)
    cuts = [0]
    at = 0
    for word in alone[:-1]:
        at += len(word.strip()) + 1
        cuts.append(max(cuts[-1], partner[at]))
    return [*cuts, len(phonemes)]


def _align(left: str, right: str) -> list[int]:
    """Return for each offset in `left` the offset in `right` that corresponds to it (length: len(left) + 1).

    Only offsets within `BAND` of the straight line from corner to corner are compared, so time and memory grow
    with the length and not with its square.
    """
    table = _Table(left, right)
    partner = [0] * (len(left) + 1)
    i, j = len(left), len(right)
    partner[i] = j
    while i:
        here = table.at(i, j)
        if j and here == table.at(i - 1, j - 1) + _cost(left[i - 1], right[j - 1]):
            i, j = i - 1, j - 1
        elif j and here == table.at(i, j - 1) + 1.0:
            j -= 1
        else:
            i -= 1
        partner[i] = j
    return partner


class _Table:
    """Least cost of aligning the first i symbols of `left` with the first j of `right`, inside the band."""

    def __init__(self, left: str, right: str) -> None:
        self._left, self._right = left, right
        self._starts = [0]
        self._rows = [[float(j) for j in range(self._bounds(0)[1])]]
        for i in range(1, len(left) + 1):
            self._add(i)

    def at(self, i: int, j: int) -> float:
        """Return the cost, infinite outside the band."""
        offset = j - self._starts[i]
        return self._rows[i][offset] if 0 <= offset < len(self._rows[i]) else math.inf

    def _bounds(self, i: int) -> tuple[int, int]:
        """Return the first offset in `right` that row i holds, and one past its last."""
        middle = i * len(self._right) // max(len(self._left), 1)
        step = len(self._right) // max(len(self._left), 1)  # a steep line must not leave the band between two rows
        return max(0, middle - BAND - step), min(len(self._right), middle + BAND + step) + 1

    def _add(self, i: int) -> None:
        start, end = self._bounds(i)
        sign, row = self._left[i - 1], list[float]()
        before, diagonal = math.inf, self.at(i - 1, start - 1) if start else math.inf
        for j in range(start, end):
            above = self.at(i - 1, j)
            replaced = diagonal + _cost(sign, self._right[j - 1]) if j else math.inf
            before = min(replaced, above + 1.0, before + 1.0)
            row.append(before)
            diagonal = above
        self._starts.append(start)
        self._rows.append(row)


def _cost(sign: str, other: str) -> float:
    """Return the cost of replacing one symbol by the other: least between two vowels or two consonants."""
    if sign == other:
        return 0.0
    if " " in (sign, other):
        return 2.5
    vowels = "aeiouyɑɐɒæɔəɛɜɨɪøœʊʌᵻ"
    return 1.0 if (sign in vowels) == (other in vowels) else 1.8


def _trim(phonemes: str, cuts: Sequence[int]) -> list[tuple[int, int]]:
    """Return the spans between the cuts, without the spaces at their edges."""
    spans: list[tuple[int, int]] = []
    for start, end in pairwise(cuts):
        part = phonemes[start:end]
        lead = len(part) - len(part.lstrip(" "))
        length = len(part.strip(" "))
        spans.append((start + lead if length else end, (start + lead if length else end) + length))
    return spans
