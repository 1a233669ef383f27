"""Train the voice encoder by reconstruction through the frozen decoder (way 3).

For two random seconds of random speakers: the encoder sees another part of the same speaker, perhaps through a room or a line, and
gives the decoder's style for each of its 58 layers; the decoder gets the real words, timing, pitch and energy; the loss asks for
the real log-mel spectrogram.

    loss = log mel, three resolutions + TONE · long-term spectrum + PENALTY · size of the offsets
         + SPEAKER · (1 - GE2E cosine) + RIGHT · cross entropy of the right speaker among all (GE2E; validation speakers are wrong answers)

Each folder of recordings also has an offset of its own, common to its speakers.  It takes up what is true of the recordings and of
the alignment and not of a voice (band limits, codec, blur), and is thrown away.

usage: PYTHONPATH=src:training python training/train.py MODELS_DIR PREPARED_DIR FEATURES.npz RIDGE.onnx CHECKPOINT.pt
environment: STEPS=3000 BATCH=2 FRAMES=48 PENALTY=0.05 SPEAKER=0.2 RIGHT=0 TONE=0.5 RATE=0.0006 KEEP=0.99 SEED=0 THREADS=1.
Continues from CHECKPOINT.pt when it exists.  Runs on a GPU when there is one.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import numpy as np
import onnx
import torch
from decoder import Decoder
from losses import LogMels, Speaker, distances
from onnx import numpy_helper
from split import validation_speakers
from torch import Tensor

from voicechanger.tts.cloning import ge2e
from voicechanger.tts.cloning.encoder import STATISTICS

LAYERS = 58
LOUDER = 1.7
"""From the level of `prepare` to that of the model's speech."""
ENERGY_SHIFT = 2 * np.log(LOUDER) - 0.45
"""The same for the energy, and 0.45 that the model's own energy lies below that of its speech (seen on two voices)."""
EVERY = 25
"""Steps between reports."""


def setting(name: str, default: float) -> float:
    return float(os.environ.get(name, default))


DEVICE = "cuda" if torch.cuda.is_available() else "cpu"
STEPS, BATCH, FRAMES = int(setting("STEPS", 3000)), int(setting("BATCH", 2)), int(setting("FRAMES", 48))
PENALTY, SPEAKER, TONE = setting("PENALTY", 0.05), setting("SPEAKER", 0.2), setting("TONE", 0.5)
RIGHT, SHARP = setting("RIGHT", 0), 15.0
"""SHARP times the cosine is the logit: strangers and the same speaker lie 0.3 apart."""
RATE, SEED = setting("RATE", 6e-4), int(setting("SEED", 0))
KEEP = setting("KEEP", 0.99)
"""Of the running mean of the weights, at each step: what is exported."""


class Encoder(torch.nn.Module):
    """Features → style of each layer.  Linear in the discriminant axes: 400 speakers leave little to overfit."""

    def __init__(self, feats: dict[str, np.ndarray], ridge: Path) -> None:
        super().__init__()
        base = {i.name: numpy_helper.to_array(i) for i in onnx.load(ridge).graph.initializer}
        for name in ("mean", "spread", "weights", "centre"):
            self.register_buffer(f"base_{name}", torch.tensor(base[name]))
        for name in ("mean", "std", "axes"):
            self.register_buffer(name, torch.tensor(feats[name], dtype=torch.float32))
        self.layers = torch.nn.Parameter(torch.zeros(self.axes.shape[1], LAYERS * 128))
        self.folders = torch.nn.Parameter(torch.zeros(2, LAYERS, 128))
        self.gain = torch.nn.Parameter(torch.zeros(2))

    def forward(self, f: Tensor, folder: Tensor) -> tuple[Tensor, Tensor]:
        """Features [B, 658] → styles [B, 58, 128] and the speaker's offsets in them."""
        base = (
            self.base_centre
            + torch.clamp((f[:, :STATISTICS] - self.base_mean) / self.base_spread, -4, 4) @ self.base_weights
        )
        h = torch.clamp(((f - self.mean) / self.std) @ self.axes, -6, 6)
        offsets = (h @ self.layers).reshape(-1, LAYERS, 128)
        return base[:, None] + self.folders[folder] + offsets, offsets


class Data:
    """Crops of the prepared clips, with features of another part of the same speaker."""

    def __init__(self, prepared: Path, feats: dict[str, np.ndarray], decoder: Decoder) -> None:
        self.clips = {p.stem: dict(np.load(p)) for p in sorted(prepared.glob("*.npz"))}
        self.x = torch.tensor(feats["F"], dtype=torch.float32)
        self.names, self.clean = feats["clips"], feats["clean"]
        self.decoder = decoder
        self.rows: dict[str, np.ndarray] = {w: np.flatnonzero(feats["who"] == w) for w in np.unique(feats["who"])}
        self.by_speaker: dict[str, list[str]] = {}
        for name, clip in self.clips.items():
            self.by_speaker.setdefault(str(clip["speaker"]), []).append(name)
        known = sorted(s for s in self.by_speaker if s in self.rows)
        self.dev = [s for s in validation_speakers() if s in known]
        self.train = [s for s in known if s not in self.dev]
        self.centroids = {
            s: torch.nn.functional.normalize(self.x[self._clean(r)][:, :256].mean(0), dim=0)
            for s, r in self.rows.items()
        }
        self.place = {s: i for i, s in enumerate([*self.train, *self.dev])}
        self.everybody = torch.stack([self.centroids[s] for s in self.place])

    def _clean(self, rows: np.ndarray) -> np.ndarray:
        """Those that nothing was added to; all of them where checks refused the clean ones."""
        return rows[self.clean[rows]] if self.clean[rows].any() else rows

    def crop(self, speaker: str, rng: np.random.Generator, clean: bool = False) -> dict[str, Tensor] | None:
        """None when the second found holds too little speech."""
        name = self.by_speaker[speaker][rng.integers(len(self.by_speaker[speaker]))]
        clip = self.clips[name]
        place = np.repeat(np.arange(len(clip["frames"])), clip["frames"])
        if len(place) <= FRAMES:
            return None
        at = int(rng.integers(len(place) - FRAMES))
        energy, pitch = (clip[k][2 * at : 2 * (at + FRAMES)].astype(np.float32) for k in ("energy", "pitch"))
        if (pitch > 0).mean() < 0.3 or (energy > np.percentile(clip["energy"], 40)).mean() < 0.55:
            return None
        rows = self._clean(self.rows[speaker]) if clean else self.rows[speaker]
        other = rows[self.names[rows] != name]
        return {
            "features": self.x[rng.choice(other if len(other) else rows)],
            "folder": torch.tensor(int(speaker.startswith("speechocean"))),
            "text": torch.tensor(clip["text"][:, place[at : at + FRAMES]].astype(np.float32)),
            "pitch": torch.tensor(pitch),
            "energy": torch.tensor(energy) + ENERGY_SHIFT,
            "source": self.decoder.source(pitch),
            "speech": LOUDER * torch.tensor(clip["speech"][600 * at : 600 * (at + FRAMES)].astype(np.float32)),
            "centroid": self.centroids[speaker],
            "who": torch.tensor(self.place[speaker]),
        }

    def batch(self, speakers: list[str], size: int, rng: np.random.Generator, clean: bool = False) -> dict[str, Tensor]:
        found: list[dict[str, Tensor]] = []
        while len(found) < size:
            one = self.crop(speakers[rng.integers(len(speakers))], rng, clean)
            found += [one] if one else []
        return {k: torch.stack([one[k] for one in found]).to(DEVICE) for k in found[0]}


class Loss:
    """The whole loss of a batch, and its parts for the log."""

    def __init__(self, decoder: Decoder, speaker: Speaker, everybody: Tensor) -> None:
        self.decoder, self.mels, self.speaker = decoder, LogMels().to(DEVICE), speaker
        self.everybody = everybody.to(DEVICE)

    def __call__(self, encoder: Encoder, b: dict[str, Tensor]) -> tuple[Tensor, list[float]]:
        styles, offsets = encoder(b["features"], b["folder"])
        energy = b["energy"] + encoder.gain[b["folder"]][:, None]
        y = self.decoder(b["text"], b["pitch"], energy, b["source"], styles)
        near, tone = distances(self.mels(y), self.mels(b["speech"]))
        with torch.no_grad():
            goal = torch.nn.functional.normalize(self.speaker(b["speech"]) + b["centroid"], dim=1)
        heard = self.speaker(y)
        alike = (heard * goal).sum(1).mean()
        right = torch.nn.functional.cross_entropy(SHARP * heard @ self.everybody.T, b["who"])
        size = offsets.pow(2).sum((1, 2)).mean() / LAYERS
        loss = near + TONE * tone + SPEAKER * (1 - alike) + RIGHT * right + PENALTY * size
        return loss, [part.item() for part in (near, tone, alike, right, size)]


def main(models: Path, prepared: Path, features: Path, ridge: Path, checkpoint: Path) -> None:
    torch.set_num_threads(int(setting("THREADS", 1)))
    torch.manual_seed(SEED)
    decoder = Decoder(models).to(DEVICE)
    feats = dict(np.load(features))
    data, encoder = Data(prepared, feats, decoder), Encoder(feats, ridge).to(DEVICE)
    loss_of = Loss(decoder, Speaker(ge2e.PRETRAINED.read_bytes()).to(DEVICE), data.everybody)
    groups = [
        {"params": [encoder.layers], "lr": RATE, "base": RATE},
        {"params": [encoder.folders, encoder.gain], "lr": 3 * RATE, "base": 3 * RATE},
    ]
    optimiser = torch.optim.Adam(groups, betas=(0.9, 0.98))
    average, step, seen = {k: v.clone() for k, v in encoder.state_dict().items()}, 0, []
    if checkpoint.exists():
        saved = torch.load(checkpoint, map_location=DEVICE)
        encoder.load_state_dict(saved["encoder"])
        if "optimiser" in saved:
            optimiser.load_state_dict(saved["optimiser"])
        average, step = saved["average"], saved["step"]
    rng, began = np.random.default_rng(SEED + step), time.time()
    fixed = [data.batch(data.dev, 4, np.random.default_rng(i), clean=True) for i in range(8)]
    while step < STEPS:
        if step % (8 * EVERY) == 0:
            now = {k: v.clone() for k, v in encoder.state_dict().items()}
            encoder.load_state_dict(average)
            with torch.no_grad():
                told = np.mean([loss_of(encoder, b)[1] for b in fixed], 0).round(4)
            encoder.load_state_dict(now)
            print(f"dev after {step}: {told}", flush=True)
        loss, parts = loss_of(encoder, data.batch(data.train, BATCH, rng))
        optimiser.zero_grad()
        loss.backward()
        length = torch.nn.utils.clip_grad_norm_(encoder.parameters(), 1.0)
        if not torch.isfinite(length):
            # half precision overflows once in a while; one such step would spoil every weight for good
            print(f"left out after {step}: {parts}, gradient {length.item()}", flush=True)
            step += 1
            continue
        for group in optimiser.param_groups:
            group["lr"] = group["base"] * min(1.0, (step + 1) / 20) * max(0.05, 1 - step / STEPS)
        optimiser.step()
        step += 1
        keep = min(KEEP, step / (step + 10))
        for k, v in encoder.state_dict().items():
            average[k].mul_(keep).add_(v, alpha=1 - keep)
        seen.append(parts)
        if step % EVERY == 0:
            print(step, np.mean(seen[-EVERY:], 0).round(3), f"{time.time() - began:.0f} s", flush=True)
            state = {"encoder": encoder.state_dict(), "optimiser": optimiser.state_dict()}
            torch.save(state | {"average": average, "step": step}, f"{checkpoint}.new")
            Path(f"{checkpoint}.new").replace(checkpoint)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:6]))
