"""Decode durations and curves to samples, in windows, so that memory does not grow with the utterance.

    frames   ├──────────── core ───────────┤├──────────── core ───────────┤
    decoded  ├──────────── core ───────────┤┄context┄┤
                               ┄context┄┄┄┄┄├──────────── core ───────────┤┄context┄┤

Each layer of the decoder normalises over all frames of its input, so a window never gives exactly the samples of the
whole.  Windows are therefore long, have a second of context on both sides, and meet at unvoiced, soft frames, where a
crossfade of one frame is inaudible.  What fits in one window is decoded whole.

For the same reason a very short utterance is decoded behind a carrier phrase in the same voice, whose samples are
discarded: normalised over half a second of mostly sound, silence becomes breath and the first sound blurs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from voicechanger.tts.kokoro.layout import Span
from voicechanger.tts.kokoro.network import CURVE_RATE, SAMPLES_PER_FRAME, Curves, Features, Floats, Network
from voicechanger.tts.kokoro.prosody import VOICED

WHOLE = 400
"""Frames (10 s) up to which an utterance is decoded in one piece."""
SHORT = 80
"""Frames (2 s, of which about 0.6 s are edges) up to which an utterance is decoded behind a carrier."""
CORE = 320
"""Frames of a window without its contexts."""
CONTEXT = 40
"""Frames seen on either side of it."""
_REACH = 60
"""Frames before the end of a core in which a good place to cut is looked for."""
_FADE = 120
"""Samples (5 ms) of the fades at both ends of a kept part."""


@dataclass(frozen=True, slots=True, eq=False)
class Carrier:
    """A carrier phrase, ready to be decoded before a short utterance."""

    text: Floats
    """[1, 512, frames]."""
    curves: Curves

    @classmethod
    def of(cls, features: Features, frames: NDArray[np.int64], curves: Curves) -> Carrier:
        """Return the carrier of an utterance with its features and curves."""
        return cls(features.text[:, :, np.repeat(np.arange(frames.size), frames)], curves)


def decode(
    network: Network,
    features: Features,
    frames: NDArray[np.int64],
    curves: Curves,
    styles: Floats,
    span: Span,
    whole: int = WHOLE,
    carrier: Carrier | None = None,
) -> Floats:
    """Return the samples of the kept part, [600·span.frames], faded at both ends; `carrier` for those under `SHORT`."""
    symbols = np.repeat(np.arange(frames.size), frames)
    if carrier is not None:
        samples = _carried(network, features.text[:, :, symbols], curves, styles, carrier)
    elif symbols.size <= whole:
        samples = network.decode(features.text[:, :, symbols], curves, styles)
    else:
        samples = _joined(network, features.text, symbols, curves, styles)
    return faded(samples[span.start * SAMPLES_PER_FRAME : span.stop * SAMPLES_PER_FRAME])


def faded(samples: Floats) -> Floats:
    """Return the samples faded in and out, so that a join does not click."""
    ramp = np.linspace(0, 1, min(_FADE, samples.size // 2), dtype=np.float32)
    out = samples.copy()
    if ramp.size:
        out[: ramp.size] *= ramp
        out[-ramp.size :] *= ramp[::-1]
    return out


def _carried(network: Network, text: Floats, curves: Curves, styles: Floats, carrier: Carrier) -> Floats:
    before = carrier.curves
    both = Curves(
        np.concatenate([before.pitch, curves.pitch], axis=1), np.concatenate([before.energy, curves.energy], axis=1)
    )
    samples = network.decode(np.concatenate([carrier.text, text], axis=2), both, styles)
    return samples[carrier.text.shape[2] * SAMPLES_PER_FRAME :]


def _joined(network: Network, text: Floats, symbols: NDArray[np.int64], curves: Curves, styles: Floats) -> Floats:
    out = np.zeros(symbols.size * SAMPLES_PER_FRAME, np.float32)
    rise = np.linspace(0, 1, SAMPLES_PER_FRAME, dtype=np.float32)
    for start, stop in windows(curves, symbols.size):
        # One frame more than the core on the left, for the crossfade with the last window
        begin = max(0, start - 1)
        low, high = max(0, begin - CONTEXT), min(symbols.size, stop + CONTEXT)
        piece = network.decode(text[:, :, symbols[low:high]], _slice(curves, low, high), styles)
        core = piece[(begin - low) * SAMPLES_PER_FRAME : (stop - low) * SAMPLES_PER_FRAME]
        place = slice(begin * SAMPLES_PER_FRAME, stop * SAMPLES_PER_FRAME)
        if start:
            core[:SAMPLES_PER_FRAME] *= rise
            core[:SAMPLES_PER_FRAME] += out[place][:SAMPLES_PER_FRAME] * (1 - rise)
        out[place] = core
    return out


def windows(curves: Curves, frames: int) -> Iterator[tuple[int, int]]:
    """Yield the cores, [start, stop) in frames, in order, cut where it is least audible."""
    pitch = curves.pitch.reshape(-1, CURVE_RATE).max(axis=1)
    loud = curves.energy.reshape(-1, CURVE_RATE).max(axis=1)
    # Any unvoiced frame is better than any voiced one: between windows the phase of the voice is not the same.
    cost = loud + np.where(pitch > VOICED, np.ptp(loud) + 1.0, 0.0)
    start = 0
    while frames - start > CORE:
        near = start + CORE - _REACH
        # The crossfade lies on the frame before the cut; the frame after it should be soft too.
        stop = near + 1 + int(np.argmin(cost[near : near + _REACH - 1] + cost[near + 1 : near + _REACH]))
        yield start, stop
        start = stop
    yield start, frames


def _slice(curves: Curves, low: int, high: int) -> Curves:
    part = slice(low * CURVE_RATE, high * CURVE_RATE)
    return Curves(curves.pitch[:, part], curves.energy[:, part])
