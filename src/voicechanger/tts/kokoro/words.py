"""When each word is heard, from the durations.

    durations   ┃ z ┃   space   ┃ s ┃ i ┃
    sound     ▇▇▇▇▅▂▁     ▁▃▆▇▇▇▇▇▇▇▇▇▅▂

Sound runs ahead of the durations, and more where a word begins in the flow of speech than where one ends: the mouth
moves on during the space.  By how much was read off the hiss of s, whose edges can be seen (`benchmarks/onsets.py`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from voicechanger.tts.engine import SAMPLE_RATE, TimedWord
from voicechanger.tts.kokoro.layout import Span, last_sound
from voicechanger.tts.kokoro.network import SAMPLES_PER_FRAME
from voicechanger.tts.utterances import Utterance

_FIRST_EARLY, _START_EARLY, _END_EARLY = 1.5, 4.5, 2.0
"""Frames before the durations' time at which a word begins out of silence, begins after another, and ends."""


def timed_words(
    utterance: Utterance, frames: NDArray[np.int64], span: Span, stretch: float, start: float
) -> tuple[TimedWord, ...]:
    """The words of an utterance that begins `start` seconds into the speech, in order, never overlapping."""
    if not utterance.words:
        return ()
    edges = np.concatenate([[0], np.cumsum(frames)]).astype(np.float64)
    last = last_sound(utterance.phonemes)
    # The last symbol carries the silence after it; half of it is heard at most.
    stop = edges[last] + frames[last] / 2
    seconds = SAMPLES_PER_FRAME * stretch / SAMPLE_RATE

    def heard(symbols: list[int]) -> NDArray[np.float64]:
        return np.minimum(edges[np.array(symbols) + 1], stop) - span.start

    begins = heard([word.start for word in utterance.words])
    begins[0] -= _FIRST_EARLY
    begins[1:] -= _START_EARLY
    begins = np.maximum.accumulate(np.clip(begins, 0, span.frames))
    ends = heard([word.end for word in utterance.words]) - _END_EARLY
    ends = np.clip(ends, begins, np.append(begins[1:], span.frames))
    return tuple(
        TimedWord(word.text, start + float(begin) * seconds, start + float(end) * seconds, utterance.sentence)
        for word, begin, end in zip(utterance.words, begins, ends, strict=True)
    )
