"""The decoder with trainable changes, of low rank or of full rank, added to the frozen weights.

    W' = W + A · B     (small weights, biases and the Snakes' alphas: W' = W + D)

The harmonic source is computed here too, for whole batches.

usage: PYTHONPATH=src:training python training/loosen_decoder.py MODELS_DIR
Prints how far the source is from the product's, and how far the speech of an unchanged decoder is from that of `decoder.Decoder`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import onnx
import torch
from decoder import Decoder, TorchLayers
from onnx import numpy_helper
from torch import Tensor
from torch.nn import functional as F

from voicechanger.tts.kokoro import decoder_layers
from voicechanger.tts.kokoro.decoder_layers import BINS, WINDOW, decoder_spectrum

HOP = 300
"""Samples of a value of the pitch curve."""
VOICED = 10.0
EPS = 1e-5


class Source(torch.nn.Module):
    """Nine harmonics of the pitch, mixed, as magnitude and phase: [B, 2T] hertz → [B, 22, 120T + 1]."""

    def __init__(self, models: Path) -> None:
        super().__init__()
        known = {i.name: numpy_helper.to_array(i) for i in onnx.load(models / "source-1.onnx").graph.initializer}
        mix = next(v for v in known.values() if v.shape == (9, 1))
        bias = next(v for k, v in known.items() if k.endswith("l_linear.bias"))
        self.register_buffer("mix", torch.tensor(mix))
        self.register_buffer("bias", torch.tensor(bias))
        self.register_buffer("window", torch.hann_window(20))

    @torch.no_grad()
    def forward(self, pitch: Tensor) -> Tensor:
        harmonics = torch.arange(1, 10, device=pitch.device, dtype=torch.float64)[:, None]
        turns = torch.cumsum(torch.remainder(pitch.double()[:, None] * harmonics / 24_000, 1), -1) * HOP
        fine = F.interpolate(turns, scale_factor=float(HOP), mode="linear")
        waves = 0.1 * torch.sin(2 * torch.pi * torch.remainder(fine, 1)).float()
        voiced = (pitch > VOICED).float().repeat_interleave(HOP, 1)[:, None]
        mixed = torch.tanh((waves * voiced).transpose(1, 2) @ self.mix + self.bias)[..., 0]
        spectrum = torch.stft(mixed, 20, 5, 20, self.window, pad_mode="reflect", return_complex=True)
        return torch.cat([spectrum.abs(), spectrum.angle()], 1)


def modulated(x: Tensor, gamma: Tensor, beta: Tensor) -> Tensor:
    """Each channel to a mean of 0 and a spread of 1 over time, then to the style's scale and shift."""
    wide = x.float()
    mean = wide.mean(-1, keepdim=True)
    rest = wide - mean
    scale = torch.rsqrt(rest.square().mean(-1, keepdim=True) + EPS)
    return ((1 + gamma.float()) * (rest * scale) + beta.float()).to(x.dtype)


def snaked(x: Tensor, gamma: Tensor, beta: Tensor, alpha: Tensor) -> Tensor:
    """The same, then the Snake activation."""
    wide = x.float()
    mean = wide.mean(-1, keepdim=True)
    rest = wide - mean
    scale = torch.rsqrt(rest.square().mean(-1, keepdim=True) + EPS)
    y = (1 + gamma.float()) * (rest * scale) + beta.float()
    wave = torch.sin(alpha * y)
    return (y + wave * wave / alpha).to(x.dtype)


def inverse_waves() -> tuple[Tensor, Tensor]:
    """[22, 1, 20]: what the real and imaginary part of a bin add to a windowed frame; and the window's square."""
    bins, window = torch.arange(11)[:, None], torch.hann_window(20)
    angle = 2 * torch.pi * bins * torch.arange(20) / 20
    share = torch.where((bins == 0) | (bins == 10), 1.0, 2.0) / 20
    waves = torch.cat([share * torch.cos(angle), -share * torch.sin(angle)]) * window
    return waves[:, None], (window**2)[None, None]


class _LooseLayers(TorchLayers):
    """AdaIN in single precision; in a residual block it includes the Snake that follows, so that both compile into one kernel."""

    decoder: LooseDecoder

    def adain(self, x: Tensor, place: str) -> Tensor:
        gamma, beta = self.gamma_beta(place)
        if "/adain" not in place:
            return modulated(x, gamma, beta)
        return self.decoder.snaked(x, gamma, beta, self.decoder.buffer(place.replace("/adain", "/alpha")))

    def snake(self, x: Tensor, place: str) -> Tensor:
        return x


class LooseDecoder(Decoder):
    """`rank` of the changes; 0 for changes of full rank."""

    def __init__(self, models: Path, rank: int, half: bool = True) -> None:
        super().__init__(models, half)
        self.pulse = Source(models)
        waves, squared = inverse_waves()
        self.changes = torch.nn.ParameterDict()
        self.plain = False
        self.snaked: Callable[[Tensor, Tensor, Tensor, Tensor], Tensor] = snaked
        for name, value in list(self.named_buffers(recurse=False)):
            rows, rest = value.shape[0], value[0].numel()
            if rank and value.ndim > 1 and min(rows, rest) > 2 * rank:
                self.changes[f"{name}~a"] = torch.nn.Parameter(torch.randn(rank, rest) / rest**0.5)
                self.changes[f"{name}~b"] = torch.nn.Parameter(torch.zeros(rows, rank))
            else:
                self.changes[f"{name}~d"] = torch.nn.Parameter(torch.zeros_like(value))
        self.register_buffer("waves", waves)
        self.register_buffer("squared", squared)

    @contextmanager
    def unchanged(self) -> Iterator[None]:
        """Inside, the decoder is the product's."""
        self.plain = True
        try:
            yield
        finally:
            self.plain = False

    def change(self, name: str) -> Tensor:
        """Return what is added to the weight of that name; its dots are written as `·`."""
        changes = self.changes
        if f"{name}~d" in changes:
            return changes[f"{name}~d"]
        return (changes[f"{name}~b"] @ changes[f"{name}~a"]).view_as(getattr(self, name))

    def buffer(self, name: str) -> Tensor:
        """Return weights by their name in the graph, changed unless inside `unchanged`."""
        stored = name.replace(".", "·")
        weight = getattr(self, stored)
        return weight if self.plain else weight + self.change(stored)

    def of(self, place: str) -> tuple[Tensor, Tensor | None]:
        has_bias = hasattr(self, f"{place}.bias".replace(".", "·"))
        return self.buffer(f"{place}.weight"), self.buffer(f"{place}.bias") if has_bias else None

    def forward(self, text: Tensor, pitch: Tensor, energy: Tensor, source: Tensor, styles: Tensor) -> Tensor:
        """As `Decoder.forward`; the inverse transform needs no synchronisation, so the processor can run ahead of the GPU."""
        with torch.autocast(text.device.type, torch.bfloat16, enabled=self.half):
            layers = _LooseLayers(self, styles)
            spectrum = decoder_spectrum(layers, text, pitch[:, None], energy[:, None], source).float()
        magnitude, phase = torch.exp(spectrum[:, :BINS]), torch.sin(spectrum[:, BINS:])
        parts = torch.cat([magnitude * torch.cos(phase), magnitude * torch.sin(phase)], 1)
        with torch.autocast(text.device.type, enabled=False):
            return self.inverse(parts)

    def inverse(self, parts: Tensor) -> Tensor:
        """Return the samples of real and imaginary parts [B, 22, n]."""
        hop, edge = decoder_layers.HOP, WINDOW // 2
        total = F.conv_transpose1d(parts, self.waves, stride=hop)[:, 0, edge:-edge]
        flat = torch.ones(1, 1, parts.shape[2], device=parts.device)
        return total / F.conv_transpose1d(flat, self.squared, stride=hop)[:, 0, edge:-edge]

    def speak(self, text: Tensor, pitch: Tensor, energy: Tensor, styles: Tensor) -> Tensor:
        """text [B, 512, T], pitch and energy [B, 2T], styles [B, 58, 128] → [B, 600T]."""
        return self(text, pitch, energy, self.pulse(pitch), styles)


def main(models: Path) -> None:
    rng, frames = np.random.default_rng(0), 80
    plain, loose = Decoder(models, half=False), LooseDecoder(models, 8, half=False)
    pitch = np.where(np.arange(2 * frames) % 40 < 30, 180 + np.arange(2 * frames) / 4, 0).astype(np.float32)
    given, found = plain.source(pitch), loose.pulse(torch.tensor(pitch)[None])[0]
    print("source, magnitudes:", float((given[:11] - found[:11]).abs().max()), "of", float(given[:11].max()))
    turn = torch.remainder(given[11:] - found[11:] + torch.pi, 2 * torch.pi) - torch.pi
    print("source, phases where loud:", float(turn[given[:11] > 0.01].abs().mean()))
    text = torch.tensor(rng.normal(size=(1, 512, frames)).astype(np.float32)) * 0.3
    energy, styles = (
        torch.full((1, 2 * frames), -1.0),
        torch.tensor(rng.normal(size=(1, 58, 128)).astype(np.float32)) * 0.1,
    )
    with torch.no_grad():
        old = plain(text, torch.tensor(pitch)[None], energy, given[None], styles)
        new = loose(text, torch.tensor(pitch)[None], energy, given[None], styles)
    print("speech differs by", float((old - new).abs().max()), "of", float(old.abs().max()))
    print(sum(p.numel() for p in loose.parameters()) / 1e6, "M numbers")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
