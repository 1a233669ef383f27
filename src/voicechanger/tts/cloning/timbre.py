"""Describe a speaker's timbre by kinds of sound: a supervector of a small Gaussian mixture over cepstra.

    speech ─▶ cepstra of its louder frames ─▶ which of 16 kinds each is ─▶ how the speaker's differ from the average

The mean of a whole clip depends on the words as well as the speaker; the means by kind of sound do so less.  Method:
Reynolds et al., "Speaker verification using adapted Gaussian mixture models", 2000.  The mixture is trained by
training/features.py; what it adds: training/README.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from voicechanger.tts.cloning import signal as voice_signal

Floats = NDArray[np.float32]

WEIGHTS: Final = "timbre.npz"
KINDS: Final = 16
CEPSTRA: Final = 20
_BANDS = 80
_QUIET_SHARE = 30
"""Per cent of the frames, the quietest, that are left out."""
_RELEVANCE = 16.0
"""Frames of a kind at which their mean gets a weight of one half."""


@dataclass(frozen=True, slots=True, eq=False)
class Mixture:
    """Kinds of sound, in cepstra that are standardised by `centre` and `scale` [20]."""

    centre: Floats
    scale: Floats
    mean: Floats
    """[16, 20]"""
    variance: Floats
    """[16, 20]"""
    weight: Floats
    """[16] share of each kind."""

    def standard(self, cepstra: Floats) -> Floats:
        """Return cepstra with a mean of 0 and a spread of 1 over all speakers."""
        return ((cepstra - self.centre) / self.scale).astype(np.float32)

    def kinds(self, standard: Floats) -> Floats:
        """Return [frames, 16]: the probability of each kind for each frame."""
        # (x - m)² written out: three products of matrices instead of an array of frames x kinds x cepstra
        precision = 1 / self.variance
        far = standard**2 @ precision.T - 2 * standard @ (self.mean * precision).T + (self.mean**2 * precision).sum(1)
        log = np.log(self.weight) - 0.5 * (far + np.log(self.variance).sum(axis=1))
        odds = np.exp(log - log.max(axis=1, keepdims=True))
        return (odds / odds.sum(axis=1, keepdims=True)).astype(np.float32)

    def supervector(self, cepstra: Floats) -> Floats:
        """Return [320]: how far a speaker's mean of each kind lies from the average; few frames count little."""
        standard = self.standard(cepstra)
        kinds = self.kinds(standard)
        count = kinds.sum(axis=0)[:, None]
        return ((kinds.T @ standard - count * self.mean) / (count + _RELEVANCE)).ravel().astype(np.float32)


def cepstra(levelled: Floats) -> Floats:
    """Return [frames, 20] cepstra of the louder frames of 16 kHz speech at the level of the mixture's training."""
    mels = voice_signal.log_mels(levelled, _BANDS)
    height = mels.mean(axis=1)
    loud = mels[height > np.percentile(height, _QUIET_SHARE)]
    return np.asarray(fft.dct(loud, norm="ortho", axis=1), np.float32)[:, :CEPSTRA]


@lru_cache(maxsize=1)
def mixture() -> Mixture:
    """Return the mixture that comes with the package."""
    path = resources.files("voicechanger.tts.cloning") / "weights" / WEIGHTS
    with path.open("rb") as file, np.load(file) as arrays:
        return Mixture(*(arrays[name] for name in ("centre", "scale", "mean", "variance", "weight")))
