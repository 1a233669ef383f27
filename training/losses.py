"""What training asks of speech: the mel spectrogram of the recording, its long-term spectrum, and the speaker in it."""

from __future__ import annotations

import librosa
import numpy as np
import torch
from scipy.signal import firwin
from torch import Tensor
from torch.nn import functional as F

from voicechanger.tts.cloning import ge2e as voice_ge2e

SIZES = ((512, 150, 40), (1024, 300, 80), (2048, 600, 100))
"""Window, hop and bands at 24 kHz."""
FLOOR = 2e-3
"""Of a mel magnitude: what lies below is noise of the recording, not voice."""


class LogMels(torch.nn.Module):
    """[B, n] at 24 kHz → log mels up to 7.6 kHz at three resolutions, [B, bands, frames] each."""

    def __init__(self) -> None:
        super().__init__()
        for i, (size, _, bands) in enumerate(SIZES):
            filters = librosa.filters.mel(sr=24_000, n_fft=size, n_mels=bands, fmax=7_600)
            self.register_buffer(f"mel{i}", torch.tensor(filters))

    def forward(self, y: Tensor) -> list[Tensor]:
        out = []
        for i, (size, hop, _) in enumerate(SIZES):
            window = torch.hann_window(size, device=y.device)
            spectrum = torch.stft(y, size, hop, size, window, return_complex=True).abs()
            out.append(torch.log(getattr(self, f"mel{i}") @ spectrum + FLOOR))
        return out


def distances(ours: list[Tensor], real: list[Tensor]) -> tuple[Tensor, Tensor]:
    """Mean distance of the log mels, and of their means over time."""
    pairs = list(zip(ours, real, strict=True))
    near = sum((a - b).abs().mean() for a, b in pairs) / len(pairs)
    tone = sum((a.mean(-1) - b.mean(-1)).abs().mean() for a, b in pairs) / len(pairs)
    return near, tone


class Speaker(torch.nn.Module):
    """GE2E of 24 kHz speech, differentiable: the network of `voice_ge2e`, in torch."""

    def __init__(self, pretrained: bytes) -> None:
        super().__init__()
        weights = voice_ge2e.read_weights(pretrained)
        self.lstm = torch.nn.LSTM(40, 256, 3, batch_first=True)
        self.linear = torch.nn.Linear(256, 256)
        state = {k: torch.tensor(np.array(v)) for k, v in weights.items() if k.startswith(("lstm.", "linear."))}
        self.load_state_dict(state)
        self.requires_grad_(False)
        self.register_buffer("low", torch.tensor(firwin(161, 1 / 3) * 2, dtype=torch.float32)[None, None])
        self.register_buffer("mel", torch.tensor(librosa.filters.mel(sr=16_000, n_fft=400, n_mels=40)))

    def forward(self, y: Tensor) -> Tensor:
        """[B, n] → [B, 256] of length 1."""
        up = torch.zeros(y.shape[0], 2 * y.shape[1], device=y.device)
        up[:, ::2] = y
        x = F.conv1d(up[:, None], self.low, padding=80)[:, 0, ::3]
        x = x * (10 ** (-30 / 20) / x.pow(2).mean(1, keepdim=True).sqrt()).clamp(min=1.0)
        window = torch.hann_window(400, device=y.device)
        power = torch.stft(x, 400, 160, 400, window, return_complex=True).abs() ** 2
        out = F.relu(self.linear(self.lstm((self.mel @ power).transpose(1, 2))[1][0][-1]))
        return F.normalize(out, dim=1)
