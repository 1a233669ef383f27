"""Features of the training clips (two halves of long ones) and of the mixtures, and the axes that tell speakers apart.

usage: PYTHONPATH=src:training python training/features.py PREPARED_DIR MIXTURES.npz MODELS_DIR OUT.npz [CLIPS]
OUT.npz: F, who, clips (real); S, W, G (mixtures: styles, weights, features); x = F standardised; mean, std, axes, style, centre.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import soxr

from voicechanger.inference.errors import ClipError
from voicechanger.inference.kokoro import voice_ge2e, voice_reference
from voicechanger.inference.kokoro.voice_encoder import features

AXES = 24
RIDGE = 300.0
_SHRINK = 0.3


def of(speech: np.ndarray, network: voice_ge2e.SpeakerNetwork) -> np.ndarray | None:
    try:
        return features(voice_reference.prepare(speech, 16_000).speech, network)[0]
    except ClipError:
        return None


def real(
    prepared: Path, network: voice_ge2e.SpeakerNetwork, clips: int | None
) -> tuple[np.ndarray, list[str], list[str]]:
    rows, who, names = [], [], []
    for path in sorted(prepared.glob("*.npz"))[:clips]:
        clip = np.load(path)
        x = soxr.resample(clip["speech"].astype(np.float32), 24_000, 16_000).astype(np.float32)
        parts = [x] if len(x) < 8 * 16_000 else [x[: len(x) // 2], x[len(x) // 2 :]]
        for found in (f for f in (of(p, network) for p in parts) if f is not None):
            rows.append(found)
            who.append(str(clip["speaker"]))
            names.append(path.stem)
    return np.array(rows), who, names


def discriminant(x: np.ndarray, who: list[str]) -> np.ndarray:
    """[features, AXES]: within-speaker scatter whitened, then the widest; wide axes stay wider, so that they learn faster."""
    names = sorted(set(who))
    of_who = np.array([names.index(w) for w in who])
    means = np.array([x[of_who == i].mean(0) for i in range(len(names))])
    within = np.cov((x - means[of_who]).T)
    within += _SHRINK * np.eye(len(within)) * np.trace(within) / len(within)
    root = np.linalg.inv(np.linalg.cholesky(within))
    values, vectors = np.linalg.eigh(root @ np.cov(means.T) @ root.T)
    axes = (root.T @ vectors)[:, ::-1][:, :AXES]
    return axes / (means @ axes).std(0) * (np.maximum(values[::-1][:AXES], 1e-6) / values[-1]) ** 0.25


def main(prepared: Path, mixtures: Path, models: Path, out: Path, clips: int | None = None) -> None:
    network = voice_ge2e.SpeakerNetwork(models)
    rows, who, names = real(prepared, network, clips)
    with np.load(mixtures, allow_pickle=True) as made:  # our own file: speech of several lengths is kept as objects
        found = [of(y, network) for y in made["Y"]]
        known = [i for i, f in enumerate(found) if f is not None]
        styles, weights, stock = made["S"][known], made["W"][known], made["names"]
    mixed = np.array([found[i] for i in known])
    mean, std = rows.mean(0), rows.std(0) + 1e-3
    fake = (mixed - mixed.mean(0)) / (mixed.std(0) + 1e-3)
    centre = styles[:, :128].mean(0)
    style = np.linalg.solve(fake.T @ fake + RIDGE * np.eye(fake.shape[1]), fake.T @ (styles[:, :128] - centre))
    x = (rows - mean) / std
    axes = discriminant(x, who) if len(set(who)) > AXES else np.zeros((x.shape[1], AXES))
    real_part = {"F": rows, "x": x, "who": who, "clips": names, "mean": mean, "std": std}
    np.savez(out, **real_part, S=styles, W=weights, G=mixed, stock=stock, axes=axes, style=style, centre=centre)
    print(rows.shape, mixed.shape)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:5]), *map(int, sys.argv[5:6]))
