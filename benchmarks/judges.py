"""Who is speaking, told by three judges that know nothing of each other.

* GE2E: the speaker network of `resemblyzer` (an LSTM on mels).  The voice encoder looks through it.
* cepstra: statistics of linear-frequency cepstra and a linear discriminant trained on the 437 training speakers
  (training/judge.py).  In no loss, in no feature.  It is small and simple: it hears long-term timbre, no more.

* network: a small convolutional network on mels whose mean is taken out, trained on the same speakers with an angular margin
  (training/judge_network.py).  In no loss, in no feature; it hears what the cepstra do not.

None of them uses torch.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime as ort
import soxr
from numpy.typing import NDArray
from scipy import fft

from voicechanger.tts.cloning import reference as voice_reference
from voicechanger.tts.cloning import signal as voice_signal
from voicechanger.tts.cloning.ge2e import SpeakerNetwork

WEIGHTS = Path(__file__).with_name("judge.npz")
NETWORK = Path(__file__).with_name("judge.onnx")
CEPSTRA = 24
BLOCK, PAUSE = 512, 0.04
"""Blocks of 32 ms, 28 dB below the loud ones, are pauses."""
TOP = 7_600
Floats = NDArray[np.float32]


def speech_of(samples: Floats, rate: int) -> Floats:
    """16 kHz speech as both judges take it: denoised, pauses dropped by level (no network), levelled."""
    sound = samples if rate == 16_000 else soxr.resample(samples, rate, 16_000)
    sound = voice_reference.denoise(sound.astype(np.float32))
    blocks = sound[: len(sound) // BLOCK * BLOCK].reshape(-1, BLOCK)
    level = np.sqrt(np.mean(blocks**2, axis=1))
    loud = level > PAUSE * np.percentile(level, 95)
    speech = blocks[np.convolve(loud, np.ones(5), "same") > 0].ravel()
    return (speech * (0.06 / np.sqrt(np.mean(speech**2)))).astype(np.float32)


def cepstral_statistics(speech: Floats) -> Floats:
    """Mean, spread and slope's spread of 24 linear-frequency cepstra over the louder frames, in two halves of loudness."""
    power = voice_signal.spectrum(speech, 512, 160)[:, : int(TOP / 8000 * 257)]
    bands = np.stack([b.mean(axis=1) for b in np.array_split(power, 48, axis=1)], axis=1)
    log = np.log(bands + 1e-5)
    cepstra = np.asarray(fft.dct(log, norm="ortho", axis=1))[:, : CEPSTRA + 1]
    slope = np.gradient(cepstra, axis=0)
    level = cepstra[:, 0]
    loud = level > np.percentile(level, 30)
    strong = level > np.percentile(level, 65)
    parts = [cepstra[loud].mean(0)[1:], cepstra[strong].mean(0)[1:], cepstra[loud].std(0), slope[loud].std(0)]
    return np.concatenate(parts).astype(np.float32)


def network_mels(speech: Floats) -> Floats:
    """[frames, 64] log mels of trimmed speech, their mean taken out: what the third judge looks at."""
    mels = voice_signal.log_mels(speech, 64)
    return (mels - mels.mean(axis=0)).astype(np.float32)


class Judge:
    """Embeds speech; `score` is a cosine."""

    name = ""

    def embed(self, speech: Floats) -> Floats:
        """A vector of length 1 from trimmed 16 kHz speech."""
        raise NotImplementedError


class Ge2e(Judge):
    """The network that the encoder also looks through: easily flattered."""

    name = "GE2E"

    def __init__(self, models: Path) -> None:
        self._network = SpeakerNetwork(models, threads=2)

    def embed(self, speech: Floats) -> Floats:
        return self._network.embed(speech)


class Cepstra(Judge):
    """Ours, kept out of every loss."""

    name = "cepstra"

    def __init__(self) -> None:
        with np.load(WEIGHTS) as arrays:
            self._mean, self._axes = arrays["mean"], arrays["axes"]

    def embed(self, speech: Floats) -> Floats:
        vector = (cepstral_statistics(speech) - self._mean) @ self._axes
        return (vector / np.linalg.norm(vector)).astype(np.float32)


class Network(Judge):
    """Ours, kept out of every loss."""

    name = "network"

    def __init__(self) -> None:
        self._session = ort.InferenceSession(str(NETWORK), providers=["CPUExecutionProvider"])

    def embed(self, speech: Floats) -> Floats:
        return np.asarray(self._session.run(None, {"mels": network_mels(speech)[None]})[0], np.float32)[0]
