"""Settings of a try of `loosen.py`, and the batches that it trains on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from loosen_corpus import Corpus
from torch import Tensor


@dataclass
class Settings:
    """Settings of one try; each can be given as NAME=VALUE."""

    rank: int = 32
    decoder_rate: float = 5e-4
    encoder_rate: float = 5e-4
    real: int = 14
    clones: int = 6
    stock: int = 4
    frames: int = 96
    speaker: float = 0.4
    right: float = 0.06
    sharp: float = 20.0
    tone: float = 0.5
    penalty: float = 0.03
    words: float = 0.6
    hiss: float = 0.3
    keep_stock: float = 1.0
    slack: int = 1
    average: float = 0.998
    seed: int = 0
    compile: int = 0
    warm: int = 60
    """Steps."""
    most: int = 10**9
    """Steps."""
    half_data: int = 0
    first: int = 1
    """Whether to measure before training."""
    measured: int = 32
    """Validation speakers, and as many training speakers."""


class Batches:
    """Draws the items of a batch: inputs of the decoder, and targets."""

    def __init__(self, corpus: Corpus, settings: Settings) -> None:
        self.corpus, self.settings = corpus, settings
        self.trained = np.array([s for s in corpus.of_speaker if 0 <= s < corpus.trained and len(corpus.rows[s])])
        self.validation = [s for s in corpus.of_speaker if s >= corpus.trained and len(corpus.rows[s])]
        self.found: dict[int, np.ndarray] = {}

    def target(self, speaker: int) -> tuple[float, float]:
        """Return the speaker's pitch in hertz and its spread in semitones."""
        return float(150 * 2 ** self.corpus.pitch_of[speaker]), float(12 * self.corpus.spread_of[speaker])

    def english_for(self, speaker: int) -> np.ndarray:
        """Return the English items of stock voices with a pitch near the speaker's."""
        if speaker not in self.found:
            pitch = self.target(speaker)[0]
            of = [
                i for i in self.corpus.english if 0.7 < pitch / self.corpus.own[self.corpus.segments[i].clip][0] < 1.4
            ]
            self.found[speaker] = np.array(of or self.corpus.english)
        return self.found[speaker]

    def draw(self, rng: np.random.Generator) -> dict[str, Tensor]:
        c, s = self.corpus, self.settings
        speakers = rng.choice(self.trained, s.real + s.clones)
        segments = [int(rng.choice(c.of_speaker[k])) for k in speakers[: s.real]]
        segments += [int(rng.choice(self.english_for(k))) for k in speakers[s.real :]]
        segments += [int(rng.choice(c.said)) for _ in range(s.stock)]
        starts = np.array([int(rng.choice(c.segments[i].starts)) for i in segments])
        rows = [
            c.row_for(k, c.segments[i], at, rng) for k, i, at in zip(speakers, segments[: s.real], starts, strict=False)
        ]
        rows += [int(rng.choice(c.rows[k])) for k in speakers[s.real :]]
        batch = c.gather(np.array(segments), starts)
        batch["pitch"] = self.in_pitch(batch["pitch"], segments, speakers, s.real)
        voices = [c.segments[i].clip for i in segments[len(speakers) :]]
        return batch | self.targets(speakers, rows, voices, rng)

    def targets(
        self, speakers: np.ndarray, rows: list[int], voices: list[int], rng: np.random.Generator
    ) -> dict[str, Tensor]:
        c = self.corpus
        share = np.where(rng.random(len(voices)) < 0.5, rng.random(len(voices)), 0)
        share = torch.tensor(share, dtype=torch.float32).to(c.device)[:, None]
        others = c.styles[torch.tensor(rng.integers(len(c.styles), size=len(voices))).to(c.device)]
        who = torch.tensor(speakers).to(c.device)
        return {
            "features": c.features[torch.tensor(rows).to(c.device)],
            "who": who,
            "folder": c.folder[who],
            "styles": torch.lerp(c.styles[torch.tensor(voices).to(c.device)], others, share),
        }

    def in_pitch(self, pitch: Tensor, segments: list[int], speakers: np.ndarray, real: int) -> Tensor:
        """Return the pitch with the clones' curves moved to the speaker's median and range."""
        lines = range(real, len(speakers))
        own = np.array([self.corpus.own[self.corpus.segments[segments[i]].clip] for i in lines])
        want = np.array([self.target(int(speakers[i])) for i in lines])
        put = lambda x: torch.tensor(x, dtype=torch.float32).to(pitch.device)[:, None]  # noqa: E731
        wide = put(np.clip(want[:, 1] / own[:, 1], 0.6, 1.6))
        part = pitch[real : len(speakers)]
        moved = put(want[:, 0]) * torch.exp2(
            torch.log2(torch.clamp(part, min=1) / put(own[:, 0])) * torch.where(part < 40, 1.0, wide)
        )
        pitch = pitch.clone()
        pitch[real : len(speakers)] = torch.where(part > 10, torch.clamp(moved, 30, 600), part)
        return pitch
