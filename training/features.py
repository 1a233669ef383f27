"""Features of every training clip (two halves of long ones), and their discriminant axes.

usage: python features.py SPEAKERS_DIR MODELS_DIR V0SET.npz OUT.npz
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import soundfile as sf
from split import heldout, speaker_of

from voicechanger.inference.errors import ClipError
from voicechanger.inference.kokoro import voice_features, voice_ge2e, voice_reference

AXES = 24
_RIDGE = 0.3


def collect(speakers: Path, models: Path) -> tuple[np.ndarray, list[str], list[str]]:
    network, away = voice_ge2e.SpeakerNetwork(models), heldout()
    rows, who, clips = [], [], []
    for path in sorted(speakers.glob("*/*.flac")):
        speaker = speaker_of(str(path))
        if speaker in away:
            continue
        x, rate = sf.read(path, dtype="float32")
        parts = [x[: len(x) // 2], x[len(x) // 2 :]] if len(x) > 9 * rate else [x]
        for part in parts:
            try:
                speech = voice_reference.prepare(part, rate).speech
            except ClipError:
                continue
            rows.append(voice_features.extract(speech, network).vector)
            who.append(speaker)
            clips.append(f"{path.parent.name}_{path.stem}")
    return np.array(rows), who, clips


def discriminant(x: np.ndarray, who: list[str]) -> np.ndarray:
    """[features, AXES] axes that tell speakers apart: within-speaker scatter whitened, then the widest."""
    names = sorted(set(who))
    means = {n: x[[w == n for w in who]].mean(0) for n in names}
    within = np.cov(np.array([x[i] - means[w] for i, w in enumerate(who)]).T)
    within += _RIDGE * np.eye(len(within)) * np.trace(within) / len(within)
    between = np.cov(np.array(list(means.values())).T)
    root = np.linalg.inv(np.linalg.cholesky(within))
    values, vectors = np.linalg.eigh(root @ between @ root.T)
    axes = (root.T @ vectors)[:, ::-1][:, :AXES]
    # Wide axes stay wider than narrow ones, so that they learn faster.
    return axes / (np.array([means[n] for n in names]) @ axes).std(0) * (values[::-1][:AXES] / values[-1]) ** 0.25


def style_map(synthetic: np.ndarray, styles: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Ridge from standardised features to the decoder style, learned on synthesised mixtures (way 1)."""
    centre = styles.mean(0)
    gram = synthetic.T @ synthetic + 300 * np.eye(synthetic.shape[1])
    return np.linalg.solve(gram, synthetic.T @ (styles - centre)), centre


def main(speakers: Path, models: Path, v0set: Path, out: Path) -> None:
    x, who, clips = collect(speakers, models)
    made = np.load(v0set)
    mean, std = x.mean(0), x.std(0) + 1e-3
    # Each domain by its own mean and spread: rooms and microphones are not part of the model's voices.
    fake = (made["X"] - made["X"].mean(0)) / (made["X"].std(0) + 1e-3)
    order = np.random.default_rng(0).permutation(len(fake))
    test, train = order[:80], order[80:]
    weights, centre = style_map(fake[train], made["S"][train, :128])
    left = np.square(fake[test] @ weights + centre - made["S"][test, :128]).sum()
    print("style explained on unseen mixtures:", 1 - left / np.square(made["S"][test, :128] - centre).sum())
    weights, centre = style_map(fake, made["S"][:, :128])
    z = (x - mean) / std
    axes = discriminant(z, who)
    np.savez(out, x=z, who=who, clips=clips, mean=mean, std=std, style=weights, centre=centre, axes=axes)
    print(x.shape, "axes' spread", (z @ axes).std(0).round(2))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), Path(sys.argv[4]))
