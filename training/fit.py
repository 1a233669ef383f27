"""What would gradient steps at enrolment gain?  Fit the layer offsets of kept-back speakers to their own clip, from the one-pass voice.

An experiment, not a part of the product: it needs torch and the words and timing of the clip (training/prepare.py).  Only the first
half of each clip is fitted; judges compare with the second half.

usage: PYTHONPATH=src:training:benchmarks python training/fit.py MODELS_DIR PREPARED_DIR SPEAKERS_DIR STEPS SPEAKER…
environment: PENALTY (of the change, 0.15), SPEAKER (weight of GE2E, 0.2), FIT_RATE (0.01).
"""

from __future__ import annotations

import sys
from dataclasses import replace
from importlib import util
from pathlib import Path

import numpy as np
import soundfile as sf
import soxr
import torch
from decoder import Decoder
from judges import Cepstra, Ge2e, Network, speech_of
from losses import LogMels, Speaker, distances
from train import ENERGY_SHIFT, FRAMES, LOUDER, SPEAKER, TONE, setting

from voicechanger.inference.kokoro.engine import KokoroEngine
from voicechanger.inference.voice import Voice


def crop(clip: dict[str, np.ndarray], last: int, rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    """Text, pitch, energy and speech of a voiced second within the first `last` frames."""
    place = np.repeat(np.arange(len(clip["frames"])), clip["frames"])
    for _ in range(200):
        at = int(rng.integers(max(1, min(last, len(place)) - FRAMES)))
        pitch, energy = (clip[k][2 * at : 2 * (at + FRAMES)].astype(np.float32) for k in ("pitch", "energy"))
        if (pitch > 0).mean() > 0.35:
            break
    speech = clip["speech"][600 * at : 600 * (at + FRAMES)].astype(np.float32)
    return clip["text"][:, place[at : at + FRAMES]].astype(np.float32), pitch, energy, speech


def fit(model: Decoder, losses: tuple, voice: Voice, clip: dict, steps: int, goal: torch.Tensor) -> Voice:
    mels, speaker = losses
    start = torch.tensor(voice.style[:128] + voice.offsets)
    change, gain = torch.zeros(58, 128, requires_grad=True), torch.zeros(1, requires_grad=True)
    optimiser = torch.optim.Adam(
        [{"params": [change], "lr": setting("FIT_RATE", 0.01)}, {"params": [gain], "lr": 0.02}]
    )
    rng, half = np.random.default_rng(0), int(clip["frames"].sum()) // 2
    for _ in range(steps):
        rows = [crop(clip, half, rng) for _ in range(2)]
        text, pitch, energy, speech = (torch.tensor(np.stack(part)) for part in zip(*rows, strict=True))
        source = torch.stack([model.source(p.numpy()) for p in pitch])
        styles = (start + change)[None].expand(2, -1, -1)
        y = model(text, pitch, energy + ENERGY_SHIFT + gain, source, styles)
        near, tone = distances(mels(y), mels(LOUDER * speech))
        size = change.pow(2).sum() / 58
        loss = near + TONE * tone + SPEAKER * (1 - (speaker(y) @ goal).mean()) + setting("PENALTY", 0.15) * size
        optimiser.zero_grad()
        loss.backward()
        if torch.isfinite(change.grad).all():
            optimiser.step()
    print(f"  mel {near.item():.3f}, change {size.item():.3f}", flush=True)
    return replace(voice, offsets=(voice.offsets + change.detach().numpy()).astype(np.float32))


def main(models: Path, prepared: Path, speakers: Path, steps: int, names: list[str]) -> None:
    from speechmos import dnsmos

    torch.set_num_threads(1)
    torch.manual_seed(0)
    engine, model = KokoroEngine.load(models, 1), Decoder(models)
    package = Path(next(iter(util.find_spec("resemblyzer").submodule_search_locations)))
    losses = (LogMels(), Speaker((package / "pretrained.pt").read_bytes()))
    judges = [Ge2e(models), Cepstra(), Network()]
    for name in names:
        path = sorted(speakers.glob(f"{name}-*.flac"))[0]
        x, rate = sf.read(path, dtype="float32")
        first, second = x[: len(x) // 2], x[len(x) // 2 :]
        clip = dict(np.load(prepared / f"{path.parent.name}_{path.stem}.npz"))
        goal = torch.tensor(judges[0].embed(speech_of(first, rate)))
        one = engine.encode(first, rate)
        print(name)
        for label, voice in (("one pass", one), (f"{steps} steps", fit(model, losses, one, clip, steps, goal))):
            said = engine.refinement_speech(voice)
            heard = speech_of(said, 24_000)
            scores = [float(j.embed(speech_of(second, rate)) @ j.embed(heard)) for j in judges]
            y = soxr.resample(said, 24_000, 16_000)
            mos = dnsmos.run((y / max(1.0, np.abs(y).max() * 1.01)).astype(np.float32), sr=16_000)["ovrl_mos"]
            print(
                f"  {label}: " + " ".join(f"{j.name} {s:.2f}" for j, s in zip(judges, scores, strict=True)),
                f"DNSMOS {mos:.2f}",
                flush=True,
            )


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]), int(sys.argv[4]), sys.argv[5:])
