"""The voice encoder: a reference clip in, a voice profile out, in one pass, without torch.

    clip ─▶ speech ─▶ typical windows ─▶ speaker embedding, long-term spectrum, pitch, timbre ─▶ encoder.onnx ─▶ voice

How it was trained and what it measures: training/README.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Final, cast

import numpy as np
from numpy.typing import NDArray

from voicechanger.tts.cloning import reference as voice_reference
from voicechanger.tts.cloning import signal as voice_signal
from voicechanger.tts.cloning import timbre as voice_timbre
from voicechanger.tts.cloning.ge2e import SpeakerNetwork
from voicechanger.tts.cloning.windows import select_typical_windows
from voicechanger.tts.errors import ClipError
from voicechanger.tts.onnx_session import open_session
from voicechanger.tts.voice import DECODER_LAYERS, Voice

WEIGHTS: Final = "encoder.onnx"
STATISTICS: Final = 256 + 2 * 40 + 2
"""Speaker embedding; mean and spread of 40 log-mel bands; pitch and its spread in octaves."""
FEATURES: Final = STATISTICS + voice_timbre.KINDS * voice_timbre.CEPSTRA
_OUTPUTS = ("decoder", "offsets", "nearness")
_BANDS = 40
_LEVEL = 0.05
"""Root mean square of the louder samples."""
_QUIET_SHARE = 30
"""Per cent of the frames, the quietest, that the long-term spectrum leaves out."""
_MIDDLE_PITCH = 150.0

Floats = NDArray[np.float32]


def feature_vector(speech: Floats, network: SpeakerNetwork) -> tuple[Floats, float, float]:
    """Return [658] features of prepared 16 kHz speech, its median pitch in hertz and its spread in semitones."""
    even = normalise_level(speech)
    given, median, spread = statistics(even, network)
    timbre = voice_timbre.mixture().supervector(voice_timbre.cepstra(even))
    return np.concatenate([given, timbre]), median, spread


def normalise_level(speech: Floats) -> Floats:
    """Return speech at one level, on which the features of the spectrum depend."""
    loud = np.abs(speech) > 0.02 * np.abs(speech).max()
    level = float(np.sqrt(np.mean(np.square(speech[loud], dtype=np.float64))))
    return (speech * np.float32(_LEVEL / max(level, 1e-6))).astype(np.float32)


def statistics(speech: Floats, network: SpeakerNetwork) -> tuple[Floats, float, float]:
    """Return [338] features of levelled speech without its timbre; pitch as in `feature_vector`."""
    mels = voice_signal.log_mels(speech, _BANDS)
    height = mels.mean(axis=1)
    mels = mels[height > np.percentile(height, _QUIET_SHARE)]
    median, spread = voice_signal.pitch_statistics(voice_signal.pitch(speech))
    pitch = np.array([np.log2(median / _MIDDLE_PITCH) if median else 0.0, spread / 12], np.float32)
    parts = [network.embed(speech), mels.mean(axis=0), mels.std(axis=0), pitch]
    return np.concatenate(parts).astype(np.float32), median, spread


@dataclass(frozen=True, slots=True)
class SpeakerFeatures:
    """What is measured of a speaker, before it becomes a voice."""

    features: Floats
    """[658]"""
    pitch_median: float
    """Hertz."""
    pitch_range: float
    """Semitones."""

    @property
    def speaker(self) -> Floats:
        """[256] of length 1: the speaker embedding."""
        return self.features[:256]


class VoiceEncoder:
    """The encoder, loaded once a process from the model folder; `trained` replaces the weights of the package."""

    def __init__(self, models: Path, threads: int = 1, trained: bytes | None = None) -> None:
        self._network = SpeakerNetwork(models, threads)
        self._session = open_session(trained or weights(), threads)
        with np.load(models / "voices.npz") as packs:
            self._stock = {name: packs[name][_STOCK_ROW] for name in packs.files}
        self._names: list[str] = self._meta("stock_names").split(",")
        self.version = self._meta("version")
        self.features = int(self._session.get_inputs()[0].shape[1])
        """How many features the encoder takes."""

    def _meta(self, name: str) -> str:
        return cast(str, self._session.get_modelmeta().custom_metadata_map[name])

    def encode(self, clip: Floats, rate: int) -> Voice:
        """Return the voice of the speaker in a mono clip; ClipError when no voice can be encoded from it."""
        return self.voice(self.extract_features(voice_reference.prepare_speech(clip, rate)))

    def extract_features(self, speech: Floats) -> SpeakerFeatures:
        """Measure the speaker of prepared 16 kHz speech; ClipError when the features are not finite."""
        given, median, spread = feature_vector(select_typical_windows(speech, self._network), self._network)
        if not np.isfinite(given).all():
            raise ClipError("clip_no_speech", "The recording holds no usable speech; send one person speaking clearly.")
        return SpeakerFeatures(given, median, spread)

    def voice(self, measured: SpeakerFeatures) -> Voice:
        """Return the voice of a speaker."""
        run = self._session.run
        decoder, offsets, nearness = cast("list[Floats]", run(list(_OUTPUTS), {"features": measured.features[None]}))
        prosody = self._stock[self._names[int(np.argmax(nearness[0]))]][128:]
        return Voice(
            style=np.concatenate([decoder[0], prosody]).astype(np.float32),
            offsets=np.asarray(offsets[0], np.float32).reshape(DECODER_LAYERS, 128),
            pitch_median=measured.pitch_median,
            pitch_range=measured.pitch_range,
            rate=1.0,
            encoder_version=self.version,
        )


_STOCK_ROW = 100


def weights() -> bytes:
    """Return the trained encoder that comes with the package."""
    return (resources.files("voicechanger.tts.cloning") / "weights" / WEIGHTS).read_bytes()
