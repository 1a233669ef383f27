"""The three cuts of Kokoro-82M as ONNX Runtime sessions, typed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from voicechanger.tts.errors import MissingPart
from voicechanger.tts.kokoro import assets, graph
from voicechanger.tts.onnx_session import open_session

Floats = NDArray[np.float32]

SAMPLES_PER_FRAME = 600
"""A frame of the model lasts 25 ms at 24 kHz."""
CURVE_RATE = 2
"""Values of pitch and energy for each frame."""


@dataclass(frozen=True, slots=True, eq=False)
class Features:
    """Output of cut A for an utterance of n symbols, edges included."""

    durations: Floats
    """[n] frames, not rounded, about 1 at least."""
    prosody: Floats
    """[1, 640, n] for cut B."""
    text: Floats
    """[1, 512, n] for cut C."""

    @property
    def frames(self) -> NDArray[np.int64]:
        """[n] whole frames of each symbol, at least one."""
        return np.maximum(1, np.round(self.durations)).astype(np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Curves:
    """Pitch and energy over time, two values for each frame."""

    pitch: Floats
    """[1, 2·frames] in hertz; below 10 is unvoiced."""
    energy: Floats
    """[1, 2·frames]."""


class Network:
    """The cuts, loaded once; one call at a time."""

    def __init__(self, folder: Path, threads: int) -> None:
        if not assets.is_ready(folder):
            raise MissingPart("model_not_prepared", f"Build the model folder {folder} first.")
        # A window of 10 s peaks at 0.3 GiB with the arena and 0.9 without: freed blocks of odd sizes fit nothing else.
        # It does not grow past the longest window (docs/decisions/0008-memory-arena-and-decoding-windows.md).
        self._text = open_session(folder / assets.TEXT, threads)
        self._prosody = open_session(folder / assets.PROSODY, threads)
        self._decoder = open_session(folder / assets.DECODER, threads)

    def read(self, tokens: NDArray[np.int64], style: Floats) -> Features:
        """Run cut A: token ids [1, n] and style [256] to durations and features."""
        feed = {"tokens": tokens, "style": style[None]}
        durations, prosody, text = _run(self._text, [graph.DURATIONS, graph.PROSODY_TEXT, graph.DECODER_TEXT], feed)
        return Features(durations.ravel(), prosody.transpose(0, 2, 1), text)

    def intone(self, features: Features, frames: NDArray[np.int64], style: Floats) -> Curves:
        """Run cut B: the curves, each symbol lasting its `frames` [n]."""
        stretched = np.repeat(features.prosody, frames, axis=2)
        feed = {graph.PROSODY_FRAMES: stretched, graph.PROSODY_STYLE: style[None, 128:]}
        pitch, energy = _run(self._prosody, [graph.PITCH, graph.ENERGY], feed)
        return Curves(pitch, energy)

    def decode(self, text: Floats, curves: Curves, styles: Floats) -> Floats:
        """Run cut C: features [1, 512, frames], curves and one style a layer [58, 128] to samples [600·frames]."""
        feed = {
            graph.DECODER_FRAMES: text,
            graph.PITCH: curves.pitch,
            graph.ENERGY: curves.energy,
            graph.STYLES: styles,
        }
        return _run(self._decoder, [graph.AUDIO], feed)[0].ravel()


def _run(session: Any, outputs: list[str], feed: dict[str, Any]) -> list[Floats]:
    return cast(list[Floats], session.run(outputs, feed))
