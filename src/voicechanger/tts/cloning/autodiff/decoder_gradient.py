"""The decoder (cut C) in floats with its gradient by the style of each layer.

    text, pitch, energy, one style a layer ─▶ speech ─▶ distance to the recording's log mels
                              ▲                                    │
                              └────────────── gradient ────────────┘

The harmonic source depends on the pitch alone and needs no gradient: that part of the graph runs
unchanged.  The layers are those of kokoro/decoder_layers.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper

from voicechanger.tts.cloning.autodiff import speaker
from voicechanger.tts.cloning.autodiff.layers import LayerTape
from voicechanger.tts.cloning.autodiff.spectra import log_mels, tape_distance, tape_log_mels
from voicechanger.tts.cloning.autodiff.weights import float_weights
from voicechanger.tts.cloning.signal import hann
from voicechanger.tts.errors import MissingPart
from voicechanger.tts.kokoro import assets
from voicechanger.tts.kokoro.decoder_layers import BINS, HOP, STYLE_WIDTH, WINDOW, decoder_spectrum, layer_names
from voicechanger.tts.kokoro.graph import PITCH, cut
from voicechanger.tts.kokoro.network import CURVE_RATE, SAMPLES_PER_FRAME
from voicechanger.tts.once import once
from voicechanger.tts.onnx_session import open_session

Floats = NDArray[np.float32]

FRAMES: Final = 48
"""Of a crop: 1.2 s."""
STEP_FILE, SOURCE_FILE = "gradient-2.onnx", "source-1.onnx"
"""File names in the model folder; raise the number when the content changes."""
LOSS, GRADIENT, SPEECH = "loss", "gradient", "speech"
SOURCE: Final = "/decoder/decoder/generator/Concat_3_output_0"
"""Magnitude and phase of the harmonic source, [1, 22, 120 · frames + 1]."""
TONE: Final = 0.5
"""Weight of the long-term spectrum."""
SPEAKER: Final = 0.2
"""Weight of one less the cosine of the speaker embeddings."""


@dataclass(frozen=True, slots=True, eq=False)
class Crop:
    """Some frames of a recording, as the decoder takes them."""

    text: Floats
    """[512, frames]"""
    pitch: Floats
    """[2 · frames] in hertz, 0 where unvoiced."""
    energy: Floats
    """[2 · frames]"""
    speech: Floats
    """[600 · frames] at 24 kHz, which the decoder should reproduce."""


class DecoderGradient:
    """The gradient, loaded: about 0.3 GiB, and as much again during a step; one call at a time."""

    def __init__(self, models: Path, threads: int) -> None:
        prepare(models)
        # As fast without a second copy of the weights; without an arena memory is freed after a step, between jobs
        self._step = open_session(models / STEP_FILE, threads, arena=False, packed=False)
        self._source = open_session(models / SOURCE_FILE, 1, arena=False, packed=False)

    def __call__(self, crop: Crop, goal: Floats, styles: Floats) -> tuple[float, Floats, Floats]:
        """Return loss, gradient by the styles [58, 128] and speech [600 · frames]; `goal` [256] is the speaker."""
        pitch = crop.pitch[None].astype(np.float32)
        feed = {
            "text": crop.text[None],
            "pitch": pitch[None],
            "energy": crop.energy[None, None],
            "source": self._source.run([SOURCE], {PITCH: pitch})[0],
            "styles": styles[None],
            "speaker": goal[None, :, None],
        }
        feed |= {f"real.{i}": mels for i, mels in enumerate(log_mels(crop.speech))}
        loss, gradient, speech = self._step.run([LOSS, GRADIENT, SPEECH], feed)
        return float(loss.ravel()[0]), cast(Floats, gradient[0]), cast(Floats, speech.ravel())


class _TapeLayers:
    """The layers of the decoder on a tape, under the names of the original (see `decoder_layers.Layers`)."""

    def __init__(self, tape: LayerTape, weights: dict[str, Floats]) -> None:
        self.tape, self.weights = tape, weights
        self.rows = {name: i for i, name in enumerate(layer_names())}
        self.styles = tape.input("styles", (1, len(self.rows), STYLE_WIDTH), requires_grad=True)

    def conv(self, x: str, place: str, stride: int = 1, padding: int | None = None, dilation: int = 1) -> str:
        weight, bias = self._of(place)
        if padding is None:
            padding = dilation * (self.tape.shapes[weight][2] - 1) // 2
        return self.tape.conv(x, weight, bias, stride=stride, padding=padding, dilation=dilation)

    def upsample(self, x: str, place: str, rate: int) -> str:
        weight, bias = self._of(place)
        padding = (self.tape.shapes[weight][2] - rate) // 2
        return self.tape.conv_transpose(x, weight, bias, stride=rate, padding=padding)

    def double(self, x: str, place: str) -> str:
        weight, bias = self._of(place)
        channels = self.tape.shapes[x][1]
        return self.tape.conv_transpose(x, weight, bias, stride=2, padding=1, extra=1, groups=channels)

    def adain(self, x: str, place: str) -> str:
        tape = self.tape
        weight, bias = self.weights[f"{place}/fc.weight"], self.weights[f"{place}/fc.bias"]
        row, half = self.rows[place], len(bias) // 2
        style = tape.transpose(tape.slice_channels(self.styles, row, row + 1))
        gamma, beta = (
            tape.shift(tape.matmul(weight[part], style), bias[part][None, :, None])
            for part in (slice(0, half), slice(half, None))
        )
        return tape.adain(x, gamma, beta)

    def snake(self, x: str, place: str) -> str:
        return self.tape.snake(x, self.weights[place])

    def leaky(self, x: str, slope: float) -> str:
        return self.tape.leaky(x, slope)

    def add(self, a: str, b: str) -> str:
        return self.tape.add(a, b)

    def scale(self, x: str, factor: float) -> str:
        return self.tape.scale(x, factor)

    def concat(self, parts: Sequence[str]) -> str:
        return self.tape.concat(parts)

    def repeat2(self, x: str) -> str:
        return self.tape.repeat2(x)

    def mirror_first(self, x: str) -> str:
        return self.tape.mirror_first(x)

    def _of(self, place: str) -> tuple[str, str | None]:
        names = (f"{place}.weight", f"{place}.bias")
        weight, bias = (self.tape.constant(self.weights[n], n) if n in self.weights else None for n in names)
        return cast(str, weight), bias


def _write_speech(tape: LayerTape, weights: dict[str, Floats], frames: int) -> str:
    """Write the decoder on a tape; return the name of the speech [1, 1, 600 · frames]."""
    layers = _TapeLayers(tape, weights)
    text = tape.input("text", (1, 512, frames))
    source = tape.input("source", (1, 2 * BINS, 120 * frames + 1))
    pitch, energy = (tape.input(name, (1, 1, CURVE_RATE * frames)) for name in ("pitch", "energy"))
    return _inverse(tape, decoder_spectrum(layers, text, pitch, energy, source))


def _write_distance(tape: LayerTape, speech: str, frames: int) -> str:
    """Write the distance [1, 1, 1] of the speech to the recording on a tape."""
    real = [
        tape.input(f"real.{i}", mels.shape)
        for i, mels in enumerate(log_mels(np.zeros(frames * SAMPLES_PER_FRAME, np.float32)))
    ]
    return tape_distance(tape, tape_log_mels(tape, speech), real, TONE)


def _inverse(tape: LayerTape, spectrum: str) -> str:
    """Convert log magnitude and phase [1, 22, n] to samples: inverse Fourier transforms of 20 samples every 5."""
    magnitude = tape.exp(tape.slice_channels(spectrum, 0, BINS))
    phase = tape.sin(tape.slice_channels(spectrum, BINS, 2 * BINS))
    parts = tape.concat([tape.multiply(magnitude, tape.cos(phase)), tape.multiply(magnitude, tape.sin(phase))])
    samples = tape.conv_transpose(parts, tape.constant(_inverse_waves()), stride=HOP, padding=WINDOW // 2)
    return tape.scale(samples, _evened(tape.shapes[parts][2]))


def _inverse_waves() -> Floats:
    """Return [22, 1, 20]: what a bin's real and imaginary part add to a windowed frame."""
    bins = np.arange(WINDOW // 2 + 1)[:, None]
    angle = 2 * np.pi * bins * np.arange(WINDOW) / WINDOW
    share = np.where((bins == 0) | (bins == WINDOW // 2), 1, 2) / WINDOW
    waves = np.concatenate([share * np.cos(angle), -share * np.sin(angle)]) * hann(WINDOW)
    return waves[:, None].astype(np.float32)


def _evened(frames: int) -> Floats:
    """Return [1, 1, samples]: one over the sum of the squared windows that overlap at each sample."""
    total = np.zeros((frames - 1) * HOP + WINDOW)
    for i in range(frames):
        total[i * HOP : i * HOP + WINDOW] += hann(WINDOW) ** 2
    inside = total[WINDOW // 2 : -WINDOW // 2]
    return (1 / inside)[None, None].astype(np.float32)


def prepare(models: Path) -> None:
    """Write the graphs into a model folder that holds the decoder, unless they are there; 0.2 GiB on disk.

    MissingPart when they are not there and cannot be written.
    """
    try:
        once(lambda: _is_written(models), models / f".{STEP_FILE}.lock", lambda: _write(models))
    except OSError as error:
        message = f"The gradient could not be written into {models}: run `voicechanger models` ({error})."
        raise MissingPart("gradient_not_prepared", message) from error


def _is_written(models: Path) -> bool:
    return all((models / name).exists() for name in (SOURCE_FILE, STEP_FILE))


def _write(models: Path) -> None:
    decoder: Any = onnx.load_from_string((models / assets.DECODER).read_bytes())
    pitch = helper.make_tensor_value_info(PITCH, TensorProto.FLOAT, [1, "F"])
    step = _step_model(decoder.graph, speaker.weights(models))
    for name, model in ((SOURCE_FILE, cut(decoder, [pitch], [SOURCE])), (STEP_FILE, step)):
        (models / f"{name}.part").write_bytes(model.SerializeToString())
        (models / f"{name}.part").replace(models / name)


def _step_model(graph: Any, network: dict[str, Floats]) -> Any:
    tape = LayerTape()
    speech = _write_speech(tape, float_weights(graph), FRAMES)
    distance = _write_distance(tape, speech, FRAMES)
    goal = tape.input("speaker", (1, speaker.EMBEDDING, 1))
    unlike = tape.shift(tape.scale(speaker.tape_cosine(tape, speech, goal, network), -1), 1)
    loss = tape.add(distance, tape.scale(unlike, SPEAKER))
    tape.backward(loss)
    return tape.model({LOSS: loss, GRADIENT: tape.gradient("styles"), SPEECH: speech})
