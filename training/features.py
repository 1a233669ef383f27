"""Features of the training speakers' clips, clean and as they come through rooms and lines, and the axes that tell speakers apart.

usage: PYTHONPATH=src:training python training/features.py SPEAKERS_DIR MODELS_DIR OUT.npz TIMBRE.npz
OUT.npz: F [n, 658], who, clips (file), clean (whether nothing was added), mean, std, axes.
TIMBRE.npz: the mixture of `voice_timbre` (the package ships it as weights/timbre.npz).  Validation speakers have rows, but no part
in the mixture, in mean and std, and in the axes.
"""

from __future__ import annotations

import multiprocessing
import sys
import zlib
from dataclasses import asdict
from pathlib import Path

import augment
import numpy as np
from split import speaker_of, test_speakers, validation_speakers

from voicechanger.tts.audio.canonical import read_canonical
from voicechanger.tts.cloning import ge2e as voice_ge2e
from voicechanger.tts.cloning import reference as voice_reference
from voicechanger.tts.cloning import timbre as voice_timbre
from voicechanger.tts.cloning.encoder import normalise_level, statistics
from voicechanger.tts.cloning.windows import select_typical_windows
from voicechanger.tts.errors import ClipError

AXES, SHRINK = 128, 0.7
"""Axes that tell speakers apart; how much of the covariance within speakers is taken for noise of its estimate."""
VERSIONS = {"librispeech": 5, "speechocean": 2}
EVERY, ROUNDS = 4, 8
"""Frames that the mixture is learned from, and rounds of its training."""
Sounds = tuple[np.ndarray, np.ndarray]
"""[338] statistics and [frames, 20] cepstra."""


def sounds(speech: np.ndarray, network: voice_ge2e.SpeakerNetwork) -> Sounds | None:
    """None when the checks of a reference refuse it."""
    try:
        speech = normalise_level(select_typical_windows(voice_reference.prepare_speech(speech, 16_000), network))
    except ClipError:
        return None
    return statistics(speech, network)[0], voice_timbre.cepstra(speech).astype(np.float16)


def learn_mixture(cepstra: list[np.ndarray], seed: int = 0) -> voice_timbre.Mixture:
    """Expectation and maximisation over every fourth frame; the kinds begin as frames drawn at random."""
    frames = np.concatenate([c[::EVERY].astype(np.float32) for c in cepstra])
    centre, scale = frames.mean(0), frames.std(0)
    rng, kinds = np.random.default_rng(seed), voice_timbre.KINDS
    frames = (frames - centre) / scale
    mean = frames[rng.choice(len(frames), kinds)]
    found = voice_timbre.Mixture(centre, scale, mean, np.ones_like(mean), np.full(kinds, 1 / kinds, np.float32))
    for _ in range(ROUNDS):
        share = found.kinds(frames)
        count = share.sum(0)[:, None] + 1e-3
        mean = share.T @ frames / count
        variance = np.maximum(share.T @ frames**2 / count - mean**2, 0.05)
        found = voice_timbre.Mixture(centre, scale, mean, variance, count[:, 0] / count.sum())
    return found


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


def sounds_of(path: Path, models: Path) -> list[tuple[Sounds, bool]]:
    """Every usable version of one clip, and whether it is clean."""
    network = voice_ge2e.SpeakerNetwork(models)
    rng = np.random.default_rng(zlib.crc32(path.name.encode()))
    made = versions(read_canonical(path)[0], VERSIONS[path.parent.name], rng)
    found = [(sounds(part, network), i < len(made) - VERSIONS[path.parent.name]) for i, part in enumerate(made)]
    return [(one, clean) for one, clean in found if one is not None]


def main(speakers: Path, models: Path, out: Path, timbre: Path) -> None:
    away = test_speakers()
    paths = [p for p in sorted(speakers.glob("*/*.flac")) if speaker_of(str(p)) not in away]
    with multiprocessing.Pool() as pool:
        all_sounds = pool.starmap(sounds_of, [(p, models) for p in paths], chunksize=8)
    save([(p, one, clean) for p, found in zip(paths, all_sounds, strict=True) for one, clean in found], out, timbre)


def save(kept: list[tuple[Path, Sounds, bool]], out: Path, timbre: Path) -> None:
    who = np.array([speaker_of(str(p)) for p, _, _ in kept])
    learned = ~np.isin(who, validation_speakers())
    mixture = learn_mixture([c for (_, (_, c), clean), use in zip(kept, learned, strict=True) if clean and use])
    np.savez(timbre, **{k: v.astype(np.float32) for k, v in asdict(mixture).items()})
    found = np.array([np.concatenate([s, mixture.supervector(c.astype(np.float32))]) for _, (s, c), _ in kept])
    named = {"who": who, "clips": [f"{p.parent.name}_{p.stem}" for p, _, _ in kept], "clean": [c for *_, c in kept]}
    mean, std = found[learned].mean(0), found[learned].std(0) + 1e-3
    axes = discriminant((found[learned] - mean) / std, who[learned])
    np.savez(out, F=found, **named, mean=mean, std=std, axes=axes)
    print(found.shape)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:5]))
