"""When each word is heard, from the durations."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from voicechanger.inference.engine import SAMPLE_RATE, TimedWord
from voicechanger.inference.kokoro.layout import EARLY, Span, last_sound
from voicechanger.inference.kokoro.network import SAMPLES_PER_FRAME
from voicechanger.inference.script import Utterance


def timed_words(
    utterance: Utterance, frames: NDArray[np.int64], span: Span, stretch: float, start: float
) -> tuple[TimedWord, ...]:
    """The words of an utterance that begins `start` seconds into the speech, in order, never overlapping."""
    edges = np.concatenate([[0], np.cumsum(frames)]).astype(np.float64)
    last = last_sound(utterance.phonemes)
    # The last symbol carries the silence after it; half of it is heard at most.
    end = edges[last] + frames[last] / 2
    seconds = SAMPLES_PER_FRAME * stretch / SAMPLE_RATE

    def heard(symbol: int) -> float:
        frame = min(edges[symbol + 1], end) - EARLY - span.start
        return start + float(np.clip(frame, 0, span.frames)) * seconds

    return tuple(
        TimedWord(word.text, heard(word.start), heard(word.end), utterance.sentence) for word in utterance.words
    )
