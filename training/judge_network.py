"""Train the third judge: a small network that hears a speaker without the long-term spectrum; it is in no loss of the encoder.

    log mels, their mean over the clip taken out ─▶ 4 convolutions ─▶ attentive statistics ─▶ 128 numbers

Additive angular margin (Deng et al., 2019) over the training speakers; each speed of a speaker counts as a speaker of its own.
Test speakers are in nothing but the printed error rate.

usage: PYTHONPATH=src:benchmarks:training python training/judge_network.py SPEAKERS_DIR [STEPS]
Writes benchmarks/judge.onnx.
"""

from __future__ import annotations

import multiprocessing
import sys
import zlib
from pathlib import Path

import augment
import numpy as np
import soxr
import torch
from judges import NETWORK, network_mels, speech_of
from split import speaker_of, test_speakers
from torch import Tensor, nn
from torch.nn import functional as F

from voicechanger.tts.audio.canonical import read_canonical

SPEEDS = (1.0, 0.89, 1.12)
FRAMES, BATCH, RATE, MARGIN, SCALE = 200, 64, 1e-3, 0.2, 30.0


class Network(nn.Module):
    """[B, frames, 64] → [B, 128] of length 1."""

    def __init__(self, width: int = 192, size: int = 128) -> None:
        super().__init__()
        shapes = ((64, 5, 1), (width, 3, 2), (width, 3, 3), (width, 3, 4))
        self.convs = nn.ModuleList(nn.Conv1d(i, width, k, padding=d * (k // 2), dilation=d) for i, k, d in shapes)
        self.norms = nn.ModuleList(nn.BatchNorm1d(width) for _ in shapes)
        self.attention = nn.Sequential(nn.Conv1d(width, 64, 1), nn.Tanh(), nn.Conv1d(64, width, 1))
        self.last = nn.Linear(2 * width, size)
        self.out = nn.BatchNorm1d(size)

    def forward(self, mels: Tensor) -> Tensor:
        x = mels.transpose(1, 2)
        for i, (conv, norm) in enumerate(zip(self.convs, self.norms, strict=True)):
            y = norm(torch.relu(conv(x)))
            x = y if i == 0 else x + y
        weight = torch.softmax(self.attention(x), 2)
        mean = (weight * x).sum(2)
        spread = ((weight * x**2).sum(2) - mean**2).clamp(min=1e-5).sqrt()
        out = self.out(self.last(torch.cat([mean, spread], 1)))
        return out / out.norm(dim=1, keepdim=True)


def versions(path: Path) -> list[tuple[int, np.ndarray]]:
    """(index of the speed, mels) of one clip: each speed clean and once more through something."""
    rng = np.random.default_rng(zlib.crc32(path.name.encode()))
    x, rate = read_canonical(path)
    out = []
    for i, speed in enumerate(SPEEDS):
        faster = x if speed == 1 else soxr.resample(x, rate * speed, rate).astype(np.float32)
        for y in (faster, augment.anything(faster, rng)):
            out.append((i, network_mels(speech_of(y, rate)).astype(np.float16)))
    return out


def crops(clips: list[tuple[int, np.ndarray]], rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    mels, who = np.zeros((BATCH, FRAMES, 64), np.float32), np.zeros(BATCH, np.int64)
    for row in range(BATCH):
        who[row], mel = clips[rng.integers(len(clips))]
        at = int(rng.integers(max(1, len(mel) - FRAMES)))
        part = np.resize(mel[at : at + FRAMES], (FRAMES, 64)).astype(np.float32)
        band, time = int(rng.integers(56)), int(rng.integers(FRAMES - 20))
        part[:, band : band + int(rng.integers(8))] = 0
        part[time : time + int(rng.integers(20))] = 0
        mels[row] = part - part.mean(0)
    return torch.tensor(mels), torch.tensor(who)


def train(clips: list[tuple[int, np.ndarray]], classes: int, steps: int) -> Network:
    rng, network = np.random.default_rng(0), Network()
    centres = nn.Parameter(torch.randn(classes, 128) * 0.1)
    optimiser = torch.optim.AdamW([*network.parameters(), centres], lr=RATE, weight_decay=0.02)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 3 * RATE, steps)
    for step in range(steps):
        mels, who = crops(clips, rng)
        cosine = network(mels) @ F.normalize(centres, dim=1).T
        angle = torch.acos(cosine.clamp(-1 + 1e-5, 1 - 1e-5))
        own = F.one_hot(who, classes).bool()
        logits = SCALE * torch.where(own, torch.cos(angle + MARGIN * min(1, step / (0.3 * steps))), cosine)
        loss = F.cross_entropy(logits, who)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
        if step % 200 == 0:
            right = (cosine.argmax(1) == who).float().mean()
            print(step, f"loss {loss.item():.2f}, right {right.item():.2f}", flush=True)
    return network.eval()


def report(network: Network, paths: list[Path]) -> None:
    """Error rate over the test speakers: two clips, or the two halves of one."""
    pairs: dict[str, list[np.ndarray]] = {}
    for path in paths:
        x, rate = read_canonical(path)
        for part in (x[: len(x) // 2], x[len(x) // 2 :]) if len(x) > 9 * rate else (x,):
            with torch.no_grad():
                heard = network(torch.tensor(network_mels(speech_of(part, rate)))[None])[0].numpy()
            pairs.setdefault(speaker_of(str(path)), []).append(heard)
    usable = [v for v in pairs.values() if len(v) > 1]
    scores = np.array([v[0] for v in usable]) @ np.array([v[1] for v in usable]).T
    same, other = np.diag(scores), scores[~np.eye(len(scores), dtype=bool)]
    equal = min(max((same < t).mean(), (other >= t).mean()) for t in np.sort(same))
    first = (scores.argmax(1) == np.arange(len(usable))).mean()
    print(f"test {len(usable)}: same {same.mean():.3f}, stranger {other.mean():.3f}, equal error {equal:.3f}")
    print(f"right speaker first among {len(usable)}: {first:.2f}")


def main(speakers: Path, steps: int = 3000) -> None:
    torch.manual_seed(0)
    torch.set_num_threads(1)
    away = test_speakers()
    paths = sorted(speakers.glob("*/*.flac"))
    known = [p for p in paths if speaker_of(str(p)) not in away]
    with multiprocessing.Pool() as pool:
        made = pool.map(versions, known, chunksize=8)
    names = sorted({speaker_of(str(p)) for p in known})
    number = {name: i for i, name in enumerate(names)}
    clips = [
        (number[speaker_of(str(path))] * len(SPEEDS) + speed, mel)
        for path, found in zip(known, made, strict=True)
        for speed, mel in found
    ]
    print(f"{len(names)} speakers, {len(clips)} clips", flush=True)
    network = train(clips, len(names) * len(SPEEDS), steps)
    report(network, [p for p in paths if speaker_of(str(p)) in away])
    example = torch.zeros(1, 300, 64)
    torch.onnx.export(
        network, (example,), str(NETWORK), input_names=["mels"], output_names=["speaker"],
        dynamic_axes={"mels": {1: "frames"}}, opset_version=17, dynamo=False,
    )  # fmt: skip


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:3]))
