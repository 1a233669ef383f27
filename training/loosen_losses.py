"""Losses of the loosened decoder: log mels with slack for the timing, long-term spectrum, words."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from voicechanger.tts.cloning.signal import mel_filters

SIZES = ((512, 150, 40), (1024, 300, 80), (2048, 600, 100))
"""Window, hop and bands at 24 kHz."""
FLOOR = 2e-3
SLACK = 600
"""Samples (25 ms) by which a stretch of speech may be earlier or later than in the recording."""
STRETCH = 3600
"""Samples that are shifted together."""


class Mels(torch.nn.Module):
    """Speech [B, n] at 24 kHz to log mels from `low` to `top` hertz at three resolutions."""

    def __init__(self, top: float = 7600.0, low: float = 0.0) -> None:
        super().__init__()
        self.first: list[int] = []
        for i, (size, _, bands) in enumerate(SIZES):
            filters = torch.tensor(mel_filters(24_000, size, bands, top))
            peaks = filters.argmax(1) * 24_000 / size
            kept = filters[peaks >= low]
            self.register_buffer(f"mel{i}", kept)

    def forward(self, y: Tensor) -> list[Tensor]:
        out = []
        with torch.autocast(y.device.type, enabled=False):
            for i, (size, hop, _) in enumerate(SIZES):
                window = torch.hann_window(size, device=y.device)
                spectrum = torch.stft(y.float(), size, hop, size, window, return_complex=True)
                size_of = torch.sqrt(spectrum.real.square() + spectrum.imag.square() + 1e-12)
                out.append(torch.log(getattr(self, f"mel{i}") @ size_of + FLOOR))
        return out


def near(ours: list[Tensor], real: list[Tensor]) -> Tensor:
    """Return the mean distance of the log mels, [B]."""
    return sum(((a - b).abs().mean((1, 2)) for a, b in zip(ours, real, strict=True)), start=torch.zeros(())) / len(ours)  # type: ignore[return-value]


def near_with_slack(ours: list[Tensor], real: list[Tensor]) -> Tensor:
    """Return the distance with each stretch at its best shift within SLACK, [B]: the timing is accurate to a frame or two only."""
    total = torch.zeros((), device=ours[0].device)
    for a, b, (_, hop, _) in zip(ours, real, SIZES, strict=True):
        most, width = SLACK // hop, STRETCH // hop
        step = max(1, most // 2)
        far = [_beside(a, b, shift) for shift in range(-most, most + 1, step)]
        pooled = torch.stack([F.avg_pool1d(f[:, None], width, width // 2, ceil_mode=True)[:, 0] for f in far])
        total = total + pooled.amin(0).mean(-1)
    return total / len(ours)


def _beside(a: Tensor, b: Tensor, shift: int) -> Tensor:
    """Return the distance of a's frame t to b's frame t + shift, at the edges to b's frame t, [B, frames]."""
    moved = torch.roll(b, -shift, -1)
    if shift > 0:
        moved = torch.cat([moved[..., :-shift], b[..., -shift:]], -1)
    elif shift < 0:
        moved = torch.cat([b[..., :-shift], moved[..., -shift:]], -1)
    return (a - moved).abs().mean(1)


def tone(ours: list[Tensor], real: list[Tensor]) -> Tensor:
    """Return the distance of the long-term spectra, [B]."""
    pairs = list(zip(ours, real, strict=True))
    return sum(((a.mean(-1) - b.mean(-1)).abs().mean(1) for a, b in pairs), start=torch.zeros(())) / len(pairs)  # type: ignore[return-value]


def words(ours: list[Tensor], real: list[Tensor]) -> Tensor:
    """Return the distance of the log mels with each band at mean 0 and spread 1, [B]: the words without the speaker."""
    even = lambda m: (m - m.mean(-1, keepdim=True)) / (m.std(-1, keepdim=True) + 0.3)  # noqa: E731
    return near([even(m) for m in ours], [even(m) for m in real])
