"""Which phonemes belong to which word, when the words were pronounced together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

Alone = Callable[[Sequence[str]], Sequence[str]]
"""Phonemes of words, each pronounced by itself."""


def share_out(words: Sequence[str], phonemes: str, alone: Alone) -> list[tuple[int, int]]:
    """Span of `phonemes` for each of `words` (one or more spoken words each), in order, not overlapping.

    Groups between spaces are counted first.  Where words were run together ("qu'est-ce que") or one was
    spread over several groups, the whole is aligned with the words pronounced alone.
    """
    groups = _groups(phonemes)
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
    """Where each word begins in `phonemes`, and its length at the end, by the least edits."""
    apart = " ".join(word.strip() for word in alone)
    partner = _align(apart, phonemes)
    cuts = [0]
    at = 0
    for word in alone[:-1]:
        at += len(word.strip()) + 1
        cuts.append(max(cuts[-1], partner[at]))
    return [*cuts, len(phonemes)]


def _align(left: str, right: str) -> list[int]:
    """For each offset in `left` the offset in `right` that it answers to (length: len(left) + 1)."""
    rows = [[float(j) for j in range(len(right) + 1)]]
    for sign in left:
        above = rows[-1]
        row = [above[0] + 1.0]
        for j, other in enumerate(right, 1):
            row.append(min(above[j - 1] + _cost(sign, other), above[j] + 1.0, row[j - 1] + 1.0))
        rows.append(row)
    partner = [0] * (len(left) + 1)
    i, j = len(left), len(right)
    partner[i] = j
    while i:
        if j and rows[i][j] == rows[i - 1][j - 1] + _cost(left[i - 1], right[j - 1]):
            i, j = i - 1, j - 1
        elif j and rows[i][j] == rows[i][j - 1] + 1.0:
            j -= 1
        else:
            i -= 1
        partner[i] = j
    return partner


def _cost(sign: str, other: str) -> float:
    """Of reading one for the other: a word's edge answers to an edge, a vowel rather to a vowel."""
    if sign == other:
        return 0.0
    if " " in (sign, other):
        return 2.5
    vowels = "aeiouyɑɐɒæɔəɛɜɨɪøœʊʌᵻ"
    return 1.0 if (sign in vowels) == (other in vowels) else 1.8


def _trim(phonemes: str, cuts: Sequence[int]) -> list[tuple[int, int]]:
    """Spans between the cuts, without the spaces at their edges."""
    spans: list[tuple[int, int]] = []
    for start, end in pairwise(cuts):
        part = phonemes[start:end]
        lead = len(part) - len(part.lstrip(" "))
        length = len(part.strip(" "))
        spans.append((start + lead if length else end, (start + lead if length else end) + length))
    return spans
