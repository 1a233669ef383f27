"""Find when each word is spoken, from the durations.

    durations   ┃ z ┃   space   ┃ s ┃ i ┃
    sound     ▇▇▇▇▅▂▁     ▁▃▆▇▇▇▇▇▇▇▇▇▅▂

Sound is earlier than the durations, and more where a word follows another than where one ends: the transition happens
during the space.  The offsets were measured on the hiss of s, whose edges are visible (`benchmarks/onsets.py`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from voicechanger.tts.engine import SAMPLE_RATE, TimedWord
from voicechanger.tts.kokoro.layout import Span, last_sound
from voicechanger.tts.kokoro.network import SAMPLES_PER_FRAME
from voicechanger.tts.utterances import Utterance

_FIRST_EARLY, _START_EARLY, _END_EARLY = 1.5, 4.5, 2.0
"""Frames before the durations' time at which a word begins after silence, begins after another, and ends."""


def timed_words(
    utterance: Utterance, frames: NDArray[np.int64], span: Span, stretch: float, start: float
) -> tuple[TimedWord, ...]:
    """Return the words of an utterance that begins `start` seconds into the speech, in order, without overlaps."""
    if not utterance.words:
        return ()
    edges = np.concatenate([[0], np.cumsum(frames)]).astype(np.float64)
    last = last_sound(utterance.phonemes)
    # The last symbol includes the silence after it; half of it is audible at most
    stop = edges[last] + frames[last] / 2
    seconds = SAMPLES_PER_FRAME * stretch / SAMPLE_RATE

    def places(symbols: list[int]) -> NDArray[np.float64]:
        return np.minimum(edges[np.array(symbols) + 1], stop) - span.start

    begins = places([word.start for word in utterance.words])
    begins[0] -= _FIRST_EARLY
    begins[1:] -= _START_EARLY
    begins = np.maximum.accumulate(np.clip(begins, 0, span.frames))
    ends = places([word.end for word in utterance.words]) - _END_EARLY
    ends = np.clip(ends, begins, np.append(begins[1:], span.frames))
    return tuple(
        TimedWord(word.text, start + float(begin) * seconds, start + float(end) * seconds, utterance.sentence)
        for word, begin, end in zip(utterance.words, begins, ends, strict=True)
    )
