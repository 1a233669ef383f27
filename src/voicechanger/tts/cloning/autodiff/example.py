"""A recording of known words as the decoder takes it: features, timing, pitch, energy, and the wanted speech."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final, cast

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from voicechanger.tts.audio.resample import resample
from voicechanger.tts.cloning import signal as voice_signal
from voicechanger.tts.cloning.autodiff.alignment import Symbols, align
from voicechanger.tts.cloning.autodiff.decoder_gradient import Crop
from voicechanger.tts.engine import SAMPLE_RATE
from voicechanger.tts.kokoro.network import CURVE_RATE, SAMPLES_PER_FRAME, Network
from voicechanger.tts.kokoro.vocabulary import token_ids
from voicechanger.tts.voice import DECODER_LAYERS

Floats = NDArray[np.float32]
Counts = NDArray[np.int64]

LEVEL: Final = 0.085
"""Root mean square of the louder samples of the model's own speech."""
_LOUD = 0.02
"""Share of the peak above which a sample counts for the level."""
_VOICED = 0.35
"""Least certainty of the pitch: lower than in the encoder, for here the words are known."""
_LEAST_VOICED = 0.35
"""Share of a crop that should be voiced, if the recording has such places."""
_TRIES = 200


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """An aligned part of a recording."""

    text: Floats
    """[512, symbols]"""
    frames: Counts
    """[symbols], each of 25 ms."""
    pitch: Floats
    """[2 · frames] in hertz, 0 where unvoiced."""
    energy: Floats
    """[2 · frames], as high as the model's own."""
    speech: Floats
    """[600 · frames] at 24 kHz, without steady noise."""

    @property
    def length(self) -> int:
        """Frames."""
        return int(self.frames.sum())

    def crop(self, first: int, count: int) -> Crop:
        """Return `count` frames from `first` on."""
        place = np.repeat(np.arange(len(self.frames)), self.frames)[first : first + count]
        curve = slice(CURVE_RATE * first, CURVE_RATE * (first + count))
        speech = self.speech[SAMPLES_PER_FRAME * first : SAMPLES_PER_FRAME * (first + count)]
        return Crop(self.text[:, place], self.pitch[curve], self.energy[curve], speech)

    def voiced_crop(self, count: int, rng: np.random.Generator) -> Crop:
        """Return the first random crop that is voiced enough, or the middle of the recording."""
        for _ in range(_TRIES):
            crop = self.crop(int(rng.integers(self.length - count + 1)), count)
            if (crop.pitch > 0).mean() > _LEAST_VOICED:
                break
        else:
            crop = self.crop((self.length - count) // 2, count)
        return crop


def aligned(network: Network, style: Floats, sound: Floats, phonemes: str) -> Counts:
    """Return the frames of each symbol, edges included, in 16 kHz sound of `phonemes`; `style` [256] speaks them first.

    ValueError when the sound is too short for them; TextError when the model does not support them.
    """
    ids = token_ids(phonemes)
    features = network.read(ids, style)
    own = features.frames
    curves = network.intone(features, own, style)
    styles = np.repeat(style[None, :128], DECODER_LAYERS, axis=0)
    read = network.decode(np.repeat(features.text, own, axis=2), curves, styles)
    return align(sound, ids[0], resample(read, SAMPLE_RATE, voice_signal.RATE), own, Symbols.load())


def timed(network: Network, style: Floats, sound: Floats, phonemes: str, frames: Counts) -> Example:
    """Return the example of denoised 16 kHz sound of `phonemes`, each symbol lasting its `frames`, edges included."""
    features, count = network.read(token_ids(phonemes), style), int(frames.sum())
    speech = resample(sound, voice_signal.RATE, SAMPLE_RATE)
    loud = np.abs(speech) > _LOUD * np.abs(speech).max()
    speech = speech * np.float32(LEVEL / max(1e-6, float(np.sqrt(np.mean(speech[loud] ** 2)))))
    speech = _fitted(speech, count * SAMPLES_PER_FRAME)
    pitch = _fitted(voice_signal.pitch(sound, voiced=_VOICED), CURVE_RATE * count)
    own = network.intone(features, frames, style).energy[0]
    real = _fitted(energy(speech), CURVE_RATE * count)
    voiced = pitch > 0
    if voiced.any():
        # Bring it to the model's level: the two differ by a constant that is not for the loss to find
        real = real + (own[voiced].mean() - real[voiced].mean())
    return Example(features.text[0], frames, pitch, real.astype(np.float32), speech)


def energy(speech: Floats) -> Floats:
    """Return two values a frame of 24 kHz speech, as in the model's training: the log of the norm over 80 mels."""
    size, window, hop = 2048, 1200, 300
    framed = voice_signal.frames(speech, size, hop)
    hann = np.pad(voice_signal.hann(window), (size - window) // 2)
    power = np.abs(cast("NDArray[np.complex64]", fft.rfft(framed * hann, axis=1))) ** 2
    return np.log(np.linalg.norm(1e-5 + power @ _training_mels().T, axis=1)).astype(np.float32)


@lru_cache(maxsize=1)
def _training_mels() -> Floats:
    """Return [80, 1025] triangles of height 1 on the HTK scale, made for 16 kHz but used at 24, as in its training."""
    bins = np.linspace(0, 8_000, 1025)
    top = float(np.log10(1 + 8_000 / 700))
    edges = 700 * (np.power(10.0, np.linspace(0, top, 82)) - 1)
    return voice_signal.triangles(bins, edges).astype(np.float32)


def _fitted(values: Floats, count: int) -> Floats:
    return np.pad(values, (0, max(0, count - len(values))))[:count]
