"""The decoder (cut C) described once: its layers, their names and order, and how they are connected.

The cut gives each layer its style by `layer_names`.  `decoder_spectrum` computes with any `Layers`: a tape for the
gradient (cloning/autodiff/decoder_gradient.py) or PyTorch for training (training/decoder.py).

    text, pitch, energy ─▶ encode, decode.0 … 3 ─▶ two stages of upsampling with the harmonic source ─▶ spectrum

Architecture: StyleTTS 2's decoder with an iSTFTNet generator.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar

STYLE_WIDTH: Final = 128
"""Numbers of the style of one layer."""
BLOCKS: Final = ("encode", "decode.0", "decode.1", "decode.2", "decode.3")
UPSAMPLED_BLOCK: Final = "decode.3"
"""The block that doubles the frame rate."""
DILATIONS: Final = (1, 3, 5)
"""Of the convolutions in a residual block of the generator."""
BLOCKS_A_STAGE: Final = 3
"""Residual blocks of the generator whose mean is taken in each stage."""
WINDOW, HOP = 20, 5
"""Samples of the generator's inverse Fourier transform."""
BINS: Final = WINDOW // 2 + 1


@dataclass(frozen=True, slots=True)
class Stage:
    """One upsampling of the generator."""

    rate: int
    source_stride: int
    """Of the convolution that brings the harmonic source to the rate of this stage."""
    source_padding: int


STAGES: Final = (Stage(10, 6, 3), Stage(6, 1, 0))


def layer_names() -> tuple[str, ...]:
    """Return the 58 AdaIN layers in the order of the PyTorch model, which is that of `Voice.offsets`."""
    plain = [f"{block}/norm{n}" for block in BLOCKS for n in (1, 2)]
    stages = range(len(STAGES))
    parts = [*(f"noise_res.{i}" for i in stages), *(f"resblocks.{i}" for i in range(len(STAGES) * BLOCKS_A_STAGE))]
    snake = [f"generator/{part}/adain{n}.{i}" for part in parts for n in (1, 2) for i in range(len(DILATIONS))]
    return (*plain, *snake)


T = TypeVar("T")


class Layers(Protocol[T]):
    """The operations of the decoder on values [batch, channels, time]; `place` names a layer's weights."""

    def conv(self, x: T, place: str, stride: int = 1, padding: int | None = None, dilation: int = 1) -> T:
        """Convolve; a padding of None keeps the length."""
        ...

    def upsample(self, x: T, place: str, rate: int) -> T:
        """Convolve transposed: `rate` times as long."""
        ...

    def double(self, x: T, place: str) -> T:
        """Convolve each channel transposed: twice as long."""
        ...

    def adain(self, x: T, place: str) -> T:
        """Normalise over time, then scale and shift by the layer's style."""
        ...

    def snake(self, x: T, place: str) -> T:
        """Return x + sin²(αx) / α."""
        ...

    def leaky(self, x: T, slope: float) -> T:
        """Return x where positive, else `slope` times x."""
        ...

    def add(self, a: T, b: T) -> T:
        """Add."""
        ...

    def scale(self, x: T, factor: float) -> T:
        """Multiply by a number."""
        ...

    def concat(self, parts: Sequence[T]) -> T:
        """Concatenate channels."""
        ...

    def repeat2(self, x: T) -> T:
        """Repeat every step twice."""
        ...

    def mirror_first(self, x: T) -> T:
        """Pad by the second step in front (reflection)."""
        ...


def decoder_spectrum(layers: Layers[T], text: T, pitch: T, energy: T, source: T) -> T:
    """Return the log magnitude and phase [batch, 2 · BINS, time] of the speech.

    text: [batch, 512, frames]; pitch and energy: [batch, 1, 2 · frames]; source: [batch, 2 · BINS, 120 · frames + 1].
    """
    pitch = layers.conv(pitch, "F0_conv", stride=2, padding=1)
    energy = layers.conv(energy, "N_conv", stride=2, padding=1)
    first, *rest = BLOCKS
    x = _block(layers, layers.concat([text, pitch, energy]), first)
    short = layers.conv(text, "asr_res.0")
    for block in rest:
        x = _block(layers, layers.concat([x, short, pitch, energy]), block)
    return _generator(layers, x, source)


def _block(layers: Layers[T], x: T, place: str) -> T:
    y = layers.leaky(layers.adain(x, f"{place}/norm1"), 0.2)
    if place == UPSAMPLED_BLOCK:
        y = layers.double(y, f"{place}/pool")
        x = layers.repeat2(x)
    y = layers.conv(y, f"{place}/conv1")
    y = layers.conv(layers.leaky(layers.adain(y, f"{place}/norm2"), 0.2), f"{place}/conv2")
    return layers.scale(layers.add(y, layers.conv(x, f"{place}/conv1x1")), 0.5**0.5)


def _generator(layers: Layers[T], x: T, source: T) -> T:
    last = len(STAGES) - 1
    for i, stage in enumerate(STAGES):
        place = f"generator/noise_convs.{i}"
        noise = layers.conv(source, place, stride=stage.source_stride, padding=stage.source_padding)
        noise = _residual(layers, noise, f"generator/noise_res.{i}")
        x = layers.upsample(layers.leaky(x, 0.1), f"generator/ups.{i}", stage.rate)
        x = layers.add(layers.mirror_first(x) if i == last else x, noise)
        blocks = range(BLOCKS_A_STAGE * i, BLOCKS_A_STAGE * (i + 1))
        one, *others = (_residual(layers, x, f"generator/resblocks.{block}") for block in blocks)
        for other in others:
            one = layers.add(one, other)
        x = layers.scale(one, 1 / BLOCKS_A_STAGE)
    return layers.conv(layers.leaky(x, 0.01), "generator/conv_post")


def _residual(layers: Layers[T], x: T, place: str) -> T:
    for i, dilation in enumerate(DILATIONS):
        y = x
        for n, d in ((1, dilation), (2, 1)):
            y = layers.adain(y, f"{place}/adain{n}.{i}")
            y = layers.snake(y, f"{place}/alpha{n}.{i}")
            y = layers.conv(y, f"{place}/convs{n}.{i}", dilation=d)
        x = layers.add(x, y)
    return x
