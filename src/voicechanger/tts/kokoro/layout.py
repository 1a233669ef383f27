"""Decide which part of a decoded utterance is kept, from its durations alone.

    frames   ┃ edge ┃ ð ┃ ə ┃ … ┃ d ┃ ɔ ┃ ɡ ┃ . ┃ edge ┃
    kept         ├─────────────────────────┤
    sound         ▁▂▅▇▇▇▅▂▇▇…▇▇▅▂▁

The model begins about 13 frames before the first sound and ends about 15 after the last one.  Sound starts up to 5
frames before the first symbol does, and ends within the first half of the last one: seen over 8 sentences and 4
voices at -50 dB (0.5 to 5.5 frames early; 2 to 60 % of the last symbol, one final "s" excepted).  A mark of length or
tone at the end holds the vowel before it, and counts as the last symbol.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from voicechanger.tts.kokoro.vocabulary import is_held

LEAD = 6
"""Frames kept before the first symbol."""
_LAST_KEPT = 0.8
"""Share of the last audible symbol that is kept; the rest of it is silence."""
LAST_LEAST = 7
"""Frames of it that are kept, and not shortened, where it has as many."""
_HEARD_OF_LAST = 0.3
"""Share of it that is audible, on average."""
_SILENT_LEAD = LEAD - 2
"""Frames of the lead that are silent, on average."""


@dataclass(frozen=True, slots=True)
class Span:
    """The kept part of an utterance, in frames of its decoded whole."""

    start: int
    stop: int

    @property
    def frames(self) -> int:
        """Number of kept frames."""
        return self.stop - self.start


def last_sound(phonemes: str) -> int:
    """Return the index of the last audible symbol, marks of length and tone included; the leading edge is 0."""
    return next(i for i in range(len(phonemes), 0, -1) if is_held(phonemes[i - 1]))


def kept_span(frames: NDArray[np.int64], phonemes: str) -> Span:
    """Return the kept part of an utterance whose symbols, edges included, last `frames`."""
    last = last_sound(phonemes)
    begin = int(frames[:last].sum())
    length = int(frames[last])
    kept = min(length, max(LAST_LEAST, int(np.ceil(_LAST_KEPT * length))))
    return Span(max(0, int(frames[0]) - LEAD), begin + kept)


def silence_inside(frames: NDArray[np.int64], phonemes: str) -> float:
    """Return the frames of silence that the kept parts hold around a join, estimated from the durations."""
    last = last_sound(phonemes)
    return (_LAST_KEPT - _HEARD_OF_LAST) * float(frames[last]) + _SILENT_LEAD
