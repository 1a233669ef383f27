"""From durations and curves to samples, in windows, so that memory does not grow with the utterance."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from voicechanger.inference.kokoro.layout import Span
from voicechanger.inference.kokoro.network import (
    SAMPLES_PER_FRAME,
    Curves,
    Features,
    Floats,
    Network,
)

_FADE = 120
"""Samples (5 ms) over which a kept part comes and goes."""


def decode(
    network: Network, features: Features, frames: NDArray[np.int64], curves: Curves, styles: Floats, span: Span
) -> Floats:
    """The samples of the kept part, [600·span.frames], faded at both ends."""
    text = np.repeat(features.text, frames, axis=2)
    samples = network.decode(text, curves, styles)
    return faded(samples[span.start * SAMPLES_PER_FRAME : span.stop * SAMPLES_PER_FRAME])


def faded(samples: Floats) -> Floats:
    """The same, brought in from zero and out to zero, so that a join cannot click."""
    ramp = np.linspace(0, 1, min(_FADE, samples.size // 2), dtype=np.float32)
    out = samples.copy()
    if ramp.size:
        out[: ramp.size] *= ramp
        out[-ramp.size :] *= ramp[::-1]
    return out
