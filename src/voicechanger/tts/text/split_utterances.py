"""Split a pronounced sentence into parts for single utterances: at clauses, inside a word only when it is too long."""

from __future__ import annotations

import re
from collections.abc import Iterator

from voicechanger.tts.symbols import has_sound
from voicechanger.tts.text.language import Pronounced
from voicechanger.tts.utterances import Word

LIMIT = 500
"""Symbols that one utterance may hold; the model takes 510."""
GOOD = 200
"""Symbols up to which prosody stays natural; longer sentences are cut where a clause ends."""
_SHORTEST = 25
"""Symbols of a part that is avoided where possible: the model speaks very short parts badly."""
_LONGEST_WORD = 250
_WIDEST_GAP = 6
_RUNS = re.compile(r"(\W)\1+")
_STRONG, _WEAK = frozenset(".!?…;:"), frozenset(',—)”"')


def split(pronounced: Pronounced) -> Iterator[Pronounced]:
    """Yield the sentence in order, in parts of at most `LIMIT` symbols, cut at the best places."""
    phonemes, words = _bounded(pronounced)
    start, first = 0, 0
    while start < len(phonemes):
        last = _end(phonemes, words, start, first)
        end = len(phonemes) if last == len(words) else words[last].start
        part = phonemes[start:end]
        lead = len(part) - len(part.lstrip())
        shifted = tuple(Word(w.text, w.start - start - lead, w.end - start - lead) for w in words[first:last])
        if has_sound(part):
            yield Pronounced(part.strip(), shifted)
        start, first = end, last


def _end(phonemes: str, words: tuple[Word, ...], start: int, first: int) -> int:
    """Return the index one past the last word of the part that starts with word `first`."""
    if len(phonemes) - start <= GOOD or first + 1 >= len(words):
        return len(words)
    best, best_score = first + 1, -1e9
    for index in range(first + 1, len(words) + 1):
        end = words[index].start if index < len(words) else len(phonemes)
        length = end - start
        if length > LIMIT:
            break
        score = _score(phonemes, words, index, length, len(phonemes) - end)
        if score > best_score:
            best, best_score = index, score
    return best


def _score(phonemes: str, words: tuple[Word, ...], index: int, length: int, rest: int) -> float:
    """Rate a cut before word `index`: best at the end of a clause, near the good length, with no short rest."""
    score = -abs(length - GOOD * 0.75) / GOOD
    if length > GOOD:
        score -= 2 * (length - GOOD) / GOOD
    if length < _SHORTEST or 0 < rest < _SHORTEST:
        score -= 2
    if index == len(words):
        return score + 1.5
    between = phonemes[words[index - 1].end : words[index].start]
    if any(s in _STRONG for s in between):
        return score + 2
    return score + (1.5 if any(s in _WEAK for s in between) else 0)


def _bounded(pronounced: Pronounced) -> tuple[str, tuple[Word, ...]]:
    """Return the same with bounded gaps between words, and too long words as several that share its text."""
    parts: list[str] = []
    words: list[Word] = []
    length = read = 0
    for word in pronounced.words:
        gap = _gap(pronounced.phonemes[read : word.start])
        parts.append(gap)
        length += len(gap)
        for text, sounds in _pieces(word, pronounced.phonemes[word.start : word.end]):
            words.append(Word(text, length, length + len(sounds)))
            parts.append(sounds)
            length += len(sounds)
        read = word.end
    parts.append(_gap(pronounced.phonemes[read:]))
    return "".join(parts), tuple(words)


def _gap(gap: str) -> str:
    return gap if has_sound(gap) else _RUNS.sub(r"\1", gap)[:_WIDEST_GAP]


def _pieces(word: Word, sounds: str) -> Iterator[tuple[str, str]]:
    count = -(-len(sounds) // _LONGEST_WORD) or 1
    for part in range(count):
        text = slice(len(word.text) * part // count, len(word.text) * (part + 1) // count)
        share = sounds[len(sounds) * part // count : len(sounds) * (part + 1) // count].strip()
        yield word.text[text] or word.text, share
