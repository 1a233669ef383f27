"""Features of the training speakers' clips, clean and as they come through rooms and lines, and the axes that tell speakers apart.

usage: PYTHONPATH=src:training python training/features.py SPEAKERS_DIR MODELS_DIR OUT.npz
OUT.npz: F [n, 338], who, clips (file), clean (whether nothing was added), mean, std, axes.
"""

from __future__ import annotations

import multiprocessing
import sys
import zlib
from pathlib import Path

import augment
import numpy as np
import soundfile as sf
from split import heldout, speaker_of

from voicechanger.inference.errors import ClipError
from voicechanger.inference.kokoro import voice_ge2e, voice_reference
from voicechanger.inference.kokoro.voice_encoder import features

AXES, SHRINK = 64, 0.2
VERSIONS = {"librispeech": 5, "speechocean": 2}


def of(speech: np.ndarray, network: voice_ge2e.SpeakerNetwork) -> np.ndarray | None:
    """None when the checks of a reference refuse it."""
    try:
        return features(voice_reference.prepare(speech, 16_000).speech, network)[0]
    except ClipError:
        return None


def versions(x: np.ndarray, count: int, rng: np.random.Generator) -> list[np.ndarray]:
    """Clean parts of at most 10 s, then `count` crops of 3 to 10 s with something added."""
    half = len(x) // 2
    out = [x] if len(x) < 9 * 16_000 else [x[:half], x[half:]]
    for _ in range(count):
        size = min(len(x), int(rng.uniform(3, 10) * 16_000))
        at = int(rng.integers(len(x) - size + 1))
        out.append(augment.anything(x[at : at + size], rng))
    return out


def discriminant(x: np.ndarray, who: np.ndarray) -> np.ndarray:
    """[features, AXES]: within-speaker scatter whitened, then the widest; wide axes stay wider, so that they learn faster."""
    names, of_who = np.unique(who, return_inverse=True)
    means = np.array([x[of_who == i].mean(0) for i in range(len(names))])
    within = np.cov((x - means[of_who]).T)
    # dimensions of the embedding that are always zero have no scatter at all: the floor keeps it invertible
    within = (1 - SHRINK) * within + SHRINK * np.diag(np.diag(within)) + 0.02 * np.eye(len(within))
    root = np.linalg.inv(np.linalg.cholesky(within))
    values, vectors = np.linalg.eigh(root @ np.cov(means.T) @ root.T)
    axes = (root.T @ vectors)[:, ::-1][:, :AXES]
    return axes / (means @ axes).std(0) * (np.maximum(values[::-1][:AXES], 1e-6) / values[-1]) ** 0.25


def rows_of(path: Path, models: Path) -> list[tuple[np.ndarray, bool]]:
    """Features of every usable version of one clip, and whether it is clean."""
    network = voice_ge2e.SpeakerNetwork(models)
    rng = np.random.default_rng(zlib.crc32(path.name.encode()))
    made = versions(sf.read(path, dtype="float32")[0], VERSIONS[path.parent.name], rng)
    found = [(of(part, network), i < len(made) - VERSIONS[path.parent.name]) for i, part in enumerate(made)]
    return [(row, clean) for row, clean in found if row is not None]


def main(speakers: Path, models: Path, out: Path) -> None:
    away = heldout()
    paths = [p for p in sorted(speakers.glob("*/*.flac")) if speaker_of(str(p)) not in away]
    with multiprocessing.Pool() as pool:
        all_rows = pool.starmap(rows_of, [(p, models) for p in paths], chunksize=8)
    kept = [(p, row, clean) for p, rows in zip(paths, all_rows, strict=True) for row, clean in rows]
    found = np.array([row for _, row, _ in kept])
    who = np.array([speaker_of(str(p)) for p, _, _ in kept])
    named = {"who": who, "clips": [f"{p.parent.name}_{p.stem}" for p, _, _ in kept], "clean": [c for *_, c in kept]}
    mean, std = found.mean(0), found.std(0) + 1e-3
    np.savez(out, F=found, **named, mean=mean, std=std, axes=discriminant((found - mean) / std, who))
    print(found.shape)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]))
