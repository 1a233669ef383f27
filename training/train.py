"""Train the voice encoder by reconstruction through the frozen decoder (way 3).

For a random second of a random speaker: the encoder sees another clip of the same speaker and gives the decoder's style for each
of its 58 layers; the decoder gets the real words, timing, pitch and energy; the loss asks for the real log-mel spectrogram.

    loss = log mel, three resolutions + long-term spectrum + SPEAKER · (1 - GE2E cosine) + PENALTY · size of the offsets

usage: python train.py KOKORO.onnx VOCAB.json PREPARED_DIR FEATURES.npz CHECKPOINT.pt TOOLS_DIR
environment: STEPS=1500 PENALTY=0.1 SPEAKER=0.3 RATE=0.0006 SEED=0 THREADS=2.  Continues from CHECKPOINT.pt when it exists.
"""

from __future__ import annotations

import os
import sys
import time
import types
from pathlib import Path

import librosa
import numpy as np
import torch

STEPS, PENALTY = int(os.environ.get("STEPS", "1500")), float(os.environ.get("PENALTY", "0.1"))
SPEAKER, RATE = float(os.environ.get("SPEAKER", "0.3")), float(os.environ.get("RATE", "0.0006"))
FRAMES = int(os.environ.get("FRAMES", "48"))
"""Of 25 ms in a crop."""
LAYERS = 58
LOUDER = 1.7
"""From the level of `prepare` to that of the model's speech."""
ENERGY_SHIFT = 2 * np.log(LOUDER) - 0.45
"""The same for the energy, and 0.45 that the model's own energy lies below that of its speech (seen on two voices)."""
EVERY = 20


class Encoder(torch.nn.Module):
    """Features → style of each layer.  Linear: 24 discriminant axes leave little to overfit."""

    def __init__(self, feats: dict[str, np.ndarray]) -> None:
        super().__init__()
        for name in ("style", "centre", "axes"):
            self.register_buffer(name, torch.tensor(feats[name], dtype=torch.float32))
        axes = self.axes.shape[1]
        self.base = torch.nn.Parameter(torch.zeros(axes, 128))
        self.layers = torch.nn.Parameter(torch.zeros(axes, LAYERS * 128))
        self.gain = torch.nn.Parameter(torch.zeros(1))

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        h = torch.clamp(x @ self.axes, -3, 3)
        offsets = (h @ self.layers).reshape(LAYERS, 128)
        return self.centre + x @ self.style + h @ self.base + offsets, offsets


class LogMels(torch.nn.Module):
    """Log mels of 24 kHz speech up to 7.6 kHz at three resolutions."""

    def __init__(self) -> None:
        super().__init__()
        self.sizes = ((512, 150, 40), (1024, 300, 80), (2048, 600, 100))
        for i, (n, _, bands) in enumerate(self.sizes):
            self.register_buffer(
                f"mel{i}", torch.tensor(librosa.filters.mel(sr=24000, n_fft=n, n_mels=bands, fmax=7600))
            )

    def forward(self, y: torch.Tensor) -> list[torch.Tensor]:
        out = []
        for i, (n, hop, _) in enumerate(self.sizes):
            spectrum = torch.stft(y, n, hop, n, torch.hann_window(n), return_complex=True).abs()
            out.append(torch.log(getattr(self, f"mel{i}") @ spectrum + 1e-3))
        return out


class Speaker(torch.nn.Module):
    """GE2E of 24 kHz speech, differentiable."""

    def __init__(self) -> None:
        super().__init__()
        sys.modules.setdefault("webrtcvad", types.ModuleType("webrtcvad"))
        import scipy.ndimage.morphology  # noqa: F401  (resemblyzer asks for its old place)
        from resemblyzer import VoiceEncoder
        from scipy.signal import firwin

        self.network = VoiceEncoder("cpu", verbose=False).requires_grad_(False)
        self.low = torch.tensor(firwin(161, 1 / 3) * 2, dtype=torch.float32)[None, None]
        self.mel = torch.tensor(librosa.filters.mel(sr=16000, n_fft=400, n_mels=40))

    def forward(self, y: torch.Tensor) -> torch.Tensor:
        up = torch.zeros(2 * len(y))
        up[::2] = y
        x = torch.nn.functional.conv1d(up[None, None], self.low, padding=80)[0, 0, ::3]
        x = x * (10 ** (-30 / 20) / x.pow(2).mean().sqrt()).clamp(min=1.0)
        power = torch.stft(x, 400, 160, 400, torch.hann_window(400), return_complex=True).abs() ** 2
        return self.network((self.mel @ power).T[None])[0]


class Data:
    def __init__(self, prepared: Path, feats: dict[str, np.ndarray], seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.clips = {p.stem: dict(np.load(p)) for p in sorted(prepared.glob("*.npz"))}
        self.x = torch.tensor(feats["x"], dtype=torch.float32)
        self.rows: dict[str, list[int]] = {}
        for i, who in enumerate(feats["who"]):
            self.rows.setdefault(str(who), []).append(i)
        self.names = [str(c) for c in feats["clips"]]
        self.by_speaker: dict[str, list[str]] = {}
        for name, clip in self.clips.items():
            self.by_speaker.setdefault(str(clip["speaker"]), []).append(name)
        self.speakers = sorted(s for s in self.by_speaker if s in self.rows)

    def crop(self) -> tuple[torch.Tensor, ...]:
        """Features of another clip, text [1, 512, F], pitch and energy [1, 2F], speech [600 F]."""
        while True:
            speaker = self.speakers[self.rng.integers(len(self.speakers))]
            name = self.by_speaker[speaker][self.rng.integers(len(self.by_speaker[speaker]))]
            clip = self.clips[name]
            place = np.repeat(np.arange(len(clip["frames"])), clip["frames"])
            if len(place) <= FRAMES:
                continue
            at = int(self.rng.integers(len(place) - FRAMES))
            energy = clip["energy"][2 * at : 2 * (at + FRAMES)]
            voiced = (clip["pitch"][2 * at : 2 * (at + FRAMES)] > 0).mean()
            if voiced > 0.3 and (energy > np.percentile(clip["energy"], 40)).mean() > 0.55:
                break
        other = [i for i in self.rows[speaker] if self.names[i] != name] or self.rows[speaker]
        row = other[self.rng.integers(len(other))]
        part = lambda a, k: torch.tensor(a[k * at : k * (at + FRAMES)].astype(np.float32))  # noqa: E731
        text = torch.tensor(clip["text"][:, place[at : at + FRAMES]].astype(np.float32))[None]
        energy, speech = part(clip["energy"], 2)[None] + ENERGY_SHIFT, LOUDER * part(clip["speech"], 600)
        return self.x[row], text, part(clip["pitch"], 2)[None], energy, speech


def main(onnx: str, vocab: str, prepared: Path, features: Path, checkpoint: Path, tools: str) -> None:
    sys.path.insert(0, tools)
    import kokoro_torch as kt

    torch.set_num_threads(int(os.environ.get("THREADS", "2")))
    torch.manual_seed(0)
    model = kt.load(onnx, vocab)
    feats = dict(np.load(features, allow_pickle=False))
    encoder, mels, speaker = Encoder(feats), LogMels(), Speaker()
    optimiser = torch.optim.Adam(
        [{"params": [encoder.layers], "lr": RATE}, {"params": [encoder.base, encoder.gain], "lr": 2 * RATE}],
        betas=(0.9, 0.98),
    )
    average = {k: v.clone() for k, v in encoder.state_dict().items()}
    step, seen = 0, []
    if checkpoint.exists():
        saved = torch.load(checkpoint)
        encoder.load_state_dict(saved["encoder"])
        optimiser.load_state_dict(saved["optimiser"])
        average, step = saved["average"], saved["step"]
    data = Data(prepared, feats, seed=int(os.environ.get("SEED", "0")) + step)
    now: list[torch.Tensor] = []
    for i, layer in enumerate(kt.adain(model.decoder)):
        layer.forward = lambda h, s, plain=layer.forward, i=i: plain(h, now[0][i : i + 1])
    began = time.time()
    while step < STEPS:
        x, text, pitch, energy, speech = data.crop()
        styles, offsets = encoder(x)
        now[:] = [styles]
        y = model.decoder(text, pitch, energy + encoder.gain, styles[:1]).reshape(-1)
        ours, real = mels(y), mels(speech)
        near = sum((a - b).abs().mean() for a, b in zip(ours, real, strict=True)) / 3
        tone = sum((a.mean(1) - b.mean(1)).abs().mean() for a, b in zip(ours, real, strict=True)) / 3
        alike = (speaker(y) * speaker(speech)).sum()
        size = offsets.pow(2).sum() / LAYERS
        loss = near + 0.5 * tone + SPEAKER * (1 - alike) + PENALTY * size
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(encoder.parameters(), 1.0)
        for group, rate in zip(optimiser.param_groups, (RATE, 2 * RATE), strict=True):
            group["lr"] = rate * min(1.0, (step + 1) / 10) * max(0.1, 1 - step / STEPS)
        optimiser.step()
        step += 1
        keep = min(0.98, step / (step + 10))
        for k, v in encoder.state_dict().items():
            average[k].mul_(keep).add_(v, alpha=1 - keep)
        seen.append([near.item(), tone.item(), alike.item(), size.item()])
        if step % EVERY == 0:
            print(
                step,
                np.mean(seen[-EVERY:], 0).round(3),
                f"gain {encoder.gain.item():.2f} {time.time() - began:.0f} s",
                flush=True,
            )
            torch.save(
                {
                    "encoder": encoder.state_dict(),
                    "optimiser": optimiser.state_dict(),
                    "average": average,
                    "step": step,
                },
                f"{checkpoint}.new",
            )
            Path(f"{checkpoint}.new").replace(checkpoint)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4]), Path(sys.argv[5]), sys.argv[6])
