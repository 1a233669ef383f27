"""Train the second judge (benchmarks/judges.py) on the training speakers only; it is in no loss and in no feature of the encoder.

usage: PYTHONPATH=src:benchmarks:training python training/judge.py SPEAKERS_DIR
Linear discriminant with a shrunk within-speaker scatter; each clip also comes with a tilted spectrum and added noise, so that rooms and
microphones matter less.  Prints the error rate on the test speakers.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from judges import WEIGHTS, cepstral_statistics, speech_of
from scipy.signal import lfilter
from split import speaker_of, test_speakers

from voicechanger.tts.audio.canonical import read_canonical

AXES, SHRINK = 48, 0.1


def pieces(path: Path, rng: np.random.Generator, augment: bool) -> list[np.ndarray]:
    x, rate = read_canonical(path)
    parts = [x[: len(x) // 2], x[len(x) // 2 :]] if len(x) > 9 * rate else [x]
    out = []
    for part in parts:
        speech = speech_of(part, rate)
        out.append(cepstral_statistics(speech))
        if augment:
            tilted = lfilter([1, rng.uniform(-0.3, 0.3)], [1], speech).astype(np.float32)
            tilted += rng.normal(0, 0.06 * 10 ** -rng.uniform(1, 1.75), len(tilted)).astype(np.float32)
            out.append(cepstral_statistics((tilted * 0.06 / np.sqrt(np.mean(tilted**2))).astype(np.float32)))
    return out


def main(speakers: Path) -> None:
    rng, away = np.random.default_rng(0), test_speakers()
    groups: dict[str, list[np.ndarray]] = {}
    for path in sorted(speakers.glob("*/*.flac")):
        who = speaker_of(str(path))
        groups.setdefault(who, []).extend(pieces(path, rng, who not in away))
    train = {k: np.array(v) for k, v in groups.items() if k not in away and len(v) > 1}
    test = {k: np.array(v) for k, v in groups.items() if k in away and len(v) > 1}
    means = np.array([v.mean(0) for v in train.values()])
    inner = np.cov(np.concatenate([v - v.mean(0) for v in train.values()]).T)
    scale = np.sqrt(np.diag(inner))
    inner = (1 - SHRINK) * inner + SHRINK * np.diag(scale**2)
    root = np.linalg.inv(np.linalg.cholesky(inner))
    _, vectors = np.linalg.eigh(root @ np.cov(means.T) @ root.T)
    axes, mean = (root.T @ vectors)[:, ::-1][:, :AXES], means.mean(0)
    np.savez_compressed(WEIGHTS, mean=mean.astype(np.float32), axes=axes.astype(np.float32))
    unit = lambda v: v / np.linalg.norm(v)  # noqa: E731
    first = np.array([unit((v[0] - mean) @ axes) for v in test.values()])
    second = np.array([unit((v[1] - mean) @ axes) for v in test.values()])
    scores = first @ second.T
    same, other = np.diag(scores), scores[~np.eye(len(scores), dtype=bool)]
    edge = np.sort(same)
    equal = min(max((same < t).mean(), (other >= t).mean()) for t in edge)
    print(
        f"{len(train)} speakers; test {len(test)}: same {same.mean():.3f}, stranger {other.mean():.3f}, equal error {equal:.3f}"
    )
    print(f"right speaker first among {len(test)}: {(scores.argmax(1) == np.arange(len(test))).mean():.2f}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
