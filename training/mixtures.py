"""Speak mixtures of the stock voices: the pairs of sound and style that way 1 learns from.

usage: PYTHONPATH=src python training/mixtures.py MODELS_DIR TRANSCRIPTS.tsv OUT.npz [COUNT=400]
The first 54 are the stock voices themselves; then mixtures of one to four, half of them pushed past the hull, within ±3 semitones.
Writes S [n, 256] styles, W [n, 54] weights, Y 16 kHz speech (objects), names.  Seed 7.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import soxr
from hibari.g2p import G2P

from voicechanger.tts.kokoro.network import Curves, Network
from voicechanger.tts.kokoro.vocabulary import token_ids


def weights(index: int, count: int, rng: np.random.Generator) -> np.ndarray:
    """How much of each stock voice: one, or a few, sometimes a little beyond them."""
    w = np.zeros(count)
    if index < count:
        w[index] = 1
        return w
    parts = int(rng.integers(1, 5))
    w[rng.choice(count, parts, replace=False)] = rng.dirichlet(np.ones(parts))
    if rng.random() < 0.5:
        w *= 1.3
        w[rng.integers(count)] -= 0.3
    return w


def speak(network: Network, phonemes: str, style: np.ndarray, prosody: np.ndarray, semitones: float) -> np.ndarray:
    whole = np.concatenate([style[:128], prosody[128:]]).astype(np.float32)
    features = network.read(token_ids(phonemes), whole)
    frames = np.maximum(1, np.round(features.durations)).astype(np.int64)
    curves = network.intone(features, frames, whole)
    curves = Curves(curves.pitch * np.float32(2 ** (semitones / 12)), curves.energy)
    styles = np.tile(whole[None, :128], (58, 1))
    speech = network.decode(np.repeat(features.text, frames, axis=2), curves, styles)
    return soxr.resample(speech, 24_000, 16_000).astype(np.float32)


def main(models: Path, transcripts: Path, out: Path, total: int = 400) -> None:
    rng, network, g2p = np.random.default_rng(7), Network(models, threads=1), G2P()
    with np.load(models / "voices.npz") as packs:
        stock = {name: packs[name] for name in sorted(packs.files)}
    names = list(stock)
    english = [n for n in names if n[0] in "ab"]
    rows = [row.split("\t") for row in transcripts.read_text().strip().split("\n")]
    long = [r[1] for r in rows if r[0].startswith("librispeech") and len(r[1].split()) > 12]
    texts = [" ".join(words.lower().split()[:11]) + "." for words in long]
    made: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
    for i in range(total):
        w = weights(i, len(names), rng)
        phonemes = g2p(texts[(i * 7) % len(texts)])
        row = min(len(phonemes), 509)
        style = np.sum([w[j] * stock[n][row] for j, n in enumerate(names) if w[j]], axis=0)
        male = sum(w[j] for j, n in enumerate(names) if n[1] == "m") > 0.5
        alike = [n for n in english if (n[1] == "m") == male]
        prosody = stock[alike[rng.integers(len(alike))]][row]
        shift = rng.uniform(-3, 3) if i >= len(names) else 0.0
        made.append((style, w, speak(network, phonemes, style, prosody, shift)))
        if i % 20 == 0:
            print(i, flush=True)
    speech = np.empty(len(made), dtype=object)
    speech[:] = [m[2] for m in made]
    np.savez(out, S=np.array([m[0] for m in made]), W=np.array([m[1] for m in made]), Y=speech, names=names)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), *map(int, sys.argv[4:5]))
