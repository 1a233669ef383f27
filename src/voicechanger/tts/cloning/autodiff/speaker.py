"""The GE2E speaker network on a tape: how similar the decoder's speech is to a speaker, with its gradient.

    speech at 24 kHz ─▶ 40 mels every 10 ms ─▶ LSTM, three layers, step by step ─▶ embedding of length 1

The same network and weights as in `ge2e`, which takes 16 kHz: a window of 600 samples at 24 kHz has the same bins.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper

from voicechanger.tts.cloning import ge2e as voice_ge2e
from voicechanger.tts.cloning.autodiff.layers import LayerTape
from voicechanger.tts.cloning.autodiff.spectra import tape_power
from voicechanger.tts.cloning.signal import mel_filters

Floats = NDArray[np.float32]

EMBEDDING: Final = 256
_WINDOW, _HOP, _BINS, _BANDS = 600, 240, 201, 40
_LAYERS = 3


def weights(models: Path) -> dict[str, Floats]:
    """Return the arrays of `ge2e.onnx`, gates in the order input, output, forget, cell."""
    model: Any = onnx.load_from_string((models / voice_ge2e.FILE_NAME).read_bytes())
    return {array.name: numpy_helper.to_array(array) for array in model.graph.initializer}


def tape_cosine(tape: LayerTape, speech: str, goal: str, arrays: dict[str, Floats]) -> str:
    """Return [1, 1, 1]: the cosine of speech [1, 1, n], as loud as the model's, and an embedding [1, 256, 1]."""
    power = tape_power(tape, speech, _WINDOW, _HOP, _BINS)
    # its windows are 400 samples long: two thirds of the magnitude
    mels = tape.matmul(mel_filters(16_000, 400, _BANDS, 8_000.0), tape.scale(power, (400 / _WINDOW) ** 2))
    for layer in range(_LAYERS):
        steps = _lstm(tape, mels, arrays, layer)
        mels = tape.join(steps) if layer + 1 < _LAYERS else steps[-1]
    raw = tape.shift(tape.matmul(arrays["linear"].T, mels), arrays["bias"][None, :, None])
    found = tape.relu(raw)
    size = tape.shift(tape.sum(tape.multiply(found, found)), 1e-12)
    return tape.multiply(tape.sum(tape.multiply(found, goal)), tape.reciprocal(tape.sqrt(size)))


def _lstm(tape: LayerTape, x: str, arrays: dict[str, Floats], layer: int) -> list[str]:
    """Return the state [1, 256, 1] of one layer after each frame of x [1, C, frames]."""
    bias = arrays[f"b{layer}"].reshape(2, -1).sum(axis=0)
    given = tape.shift(tape.matmul(arrays[f"w{layer}"][0], x), bias[None, :, None])
    states: list[str] = []
    cell: str | None = None
    for step in tape.split(given, axis=2):
        gates = (
            step if not states else tape.add(step, tape.matmul(arrays[f"r{layer}"][0], states[-1], f"ge2e.r{layer}"))
        )
        enter, leave, keep, new = tape.split(gates, axis=1, size=EMBEDDING)
        fresh = tape.multiply(tape.sigmoid(enter), tape.tanh(new))
        cell = fresh if cell is None else tape.add(tape.multiply(tape.sigmoid(keep), cell), fresh)
        states.append(tape.multiply(tape.sigmoid(leave), tape.tanh(cell)))
    return states
