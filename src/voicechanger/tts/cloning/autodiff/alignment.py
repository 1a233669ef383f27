"""Find when each symbol of a recording is spoken.

    synthetic speech, its durations known ─DTW─▶ first timing ─Viterbi, one Gaussian a symbol─▶ timing

The Gaussians were estimated from the training speakers (training/prepare.py).  Frames last 12.5 ms in the first
step and 25 ms, as in the model, after it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import fft, ndimage

from voicechanger.tts.cloning import signal as voice_signal

Floats = NDArray[np.float32]
Counts = NDArray[np.int64]

WEIGHTS: Final = "symbols.npz"
_BANDS, _CEPSTRA = 40, 14
_BAND = 0.25
"""Share of the length by which the two may be apart, in addition to the difference of their lengths."""
_REACH = 12
"""Frames by which an edge may move from the first timing."""
_SHARPNESS = 0.4
"""Weight of the Gaussians: neighbouring frames are not independent."""


@dataclass(frozen=True, slots=True, eq=False)
class Symbols:
    """How each of the 178 numbers of the vocabulary sounds; those absent from training are like the mean of all."""

    mean: Floats
    """[178, 28]"""
    variance: Floats
    """[178, 28]"""
    length: Floats
    """[178] mean frames of 25 ms."""

    @classmethod
    @lru_cache(maxsize=1)
    def load(cls) -> Symbols:
        """Return the symbols that come with the package."""
        path = resources.files("voicechanger.tts.cloning") / "weights" / WEIGHTS
        with path.open("rb") as file, np.load(file) as kept:
            return cls(kept["mean"], kept["variance"], kept["length"])


def cepstra(speech: Floats) -> Floats:
    """Return [frames of 12.5 ms, 28] of 16 kHz speech: 14 cepstra and their slopes, normalised over the whole."""
    mels = voice_signal.log_mels(speech, _BANDS)
    static = fft.dct(mels, norm="ortho")[:, :_CEPSTRA]
    slope = ndimage.correlate1d(static, np.arange(-2, 3) / 10, axis=0, mode="nearest")
    both = np.concatenate([static, slope], axis=1)
    return ((both - both.mean(axis=0)) / (both.std(axis=0) + 1e-6)).astype(np.float32)


def align(speech: Floats, ids: Counts, own: Floats, own_frames: Counts, symbols: Symbols) -> Counts:
    """Return the frames (25 ms) of each symbol in 16 kHz `speech`, at least one each.

    `own` is 16 kHz speech by the model of the symbols `ids`, which last `own_frames` in it.  ValueError when the
    recording is too short to hold them.
    """
    real = cepstra(speech)
    real = real[: len(real) // 2 * 2]
    if len(real) // 2 <= len(ids):
        raise ValueError(f"{len(ids)} symbols in {len(real) // 2} frames")
    first = first_timing(cepstra(own), 2 * np.cumsum(own_frames), real)
    return viterbi_realign(real, ids, viterbi_realign(real, ids, first, symbols), symbols)


def first_timing(own: Floats, ends: Counts, real: Floats) -> Counts:
    """Return frames (25 ms) of each symbol in `real`; the symbols end at frames `ends` (12.5 ms) of `own`."""
    place = dtw_path(own, real)
    edges = place[np.minimum(ends, len(own))].astype(np.float64)
    edges[-1] = len(real)
    return _whole_frames(edges, len(real))


def dtw_path(own: Floats, real: Floats) -> Counts:
    """Return [len(own) + 1]: the frame of `real` at which each of `own` begins, by dynamic time warping (cosine)."""
    n, m = len(own), len(real)
    even = [x / (np.linalg.norm(x, axis=1, keepdims=True) + 1e-9) for x in (own, real)]
    band = min(0.9, _BAND + abs(n - m) / max(n, m))
    away = np.abs(np.arange(n)[:, None] / n - np.arange(m)[None] / m)
    cost = np.where(away <= band, 1 - even[0] @ even[1].T, np.inf)
    total, place = _totals(cost), np.zeros(n + 1, np.int64)
    i, j = n - 1, m - 1
    place[n] = m
    while i > 0 or j > 0:
        before = (
            total[i - 1, j - 1] if i and j else np.inf,
            total[i - 1, j] if i else np.inf,
            total[i, j - 1] if j else np.inf,
        )
        move = int(np.argmin(before))
        if move in (0, 1):
            place[i] = j
            i -= 1
        if move in (0, 2):
            j -= 1
    return place


def _totals(cost: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the least cost of a path from the start to each pair, computed diagonal by diagonal."""
    n, m = cost.shape
    total = np.full((n + 1, m + 1), np.inf)
    total[0, 0] = 0
    for d in range(n + m - 1):
        i: Counts = np.arange(max(0, d - m + 1), min(n, d + 1), dtype=np.int64)
        j: Counts = d - i
        total[i + 1, j + 1] = cost[i, j] + np.minimum(np.minimum(total[i, j], total[i, j + 1]), total[i + 1, j])
    return total[1:, 1:]


def _whole_frames(edges: NDArray[np.float64], total: int) -> Counts:
    """Convert ends in frames of 12.5 ms to whole frames of 25 ms for each symbol, at least one each."""
    ends = np.round(edges / 2).astype(np.int64)
    ends[-1] = total // 2
    count = np.arange(1, len(ends) + 1)
    # Each symbol before it, and each after it, needs at least one frame
    ends = np.maximum.accumulate(np.maximum(ends, count) - count) + count
    last = ends[-1] if ends[-1] <= total // 2 else total // 2
    ends = np.minimum(ends, last - count[::-1] + 1)
    return np.diff(np.concatenate([[0], ends]))


def viterbi_realign(real: Floats, ids: Counts, frames: Counts, symbols: Symbols) -> Counts:
    """Return a better timing by the Viterbi algorithm; no edge moves further than `_REACH`."""
    halves = real[: len(real) // 2 * 2].reshape(len(real) // 2, 2, -1).mean(axis=1)
    n, m = len(halves), len(ids)
    mean, variance, length = symbols.mean[ids], symbols.variance[ids], symbols.length[ids]
    off = (halves[:, None] - mean[None]) ** 2 / variance[None] + np.log(variance)[None]
    fit = -0.5 * _SHARPNESS * off.sum(axis=2)
    ends = np.cumsum(frames)
    t = np.arange(n)[:, None]
    fit = np.where((t >= (ends - frames)[None] - _REACH) & (t <= ends[None] + _REACH), fit, -1e6)
    stay = np.log(np.clip(1 - 1 / np.maximum(length, 1.05), 0.05, 0.98))
    leave = np.log(1 - np.exp(stay))
    score, moved = np.full(m, -1e9), np.zeros((n, m), np.bool_)
    score[0] = fit[0, 0]
    for k in range(1, n):
        hold, move = score + stay, np.concatenate([[-1e9], score[:-1] + leave[:-1]])
        moved[k] = move > hold
        score = np.maximum(hold, move) + fit[k]
    counts, j = np.zeros(m, np.int64), m - 1
    for k in range(n - 1, -1, -1):
        counts[j] += 1
        j -= int(moved[k, j])
    return counts if counts.min() > 0 else frames
