"""The voice encoder: a reference clip in, a voiceprint out, in one pass, without torch.

    clip ─prepare─▶ speech ─typical─▶ speaker embedding, long-term spectrum, pitch, timbre ─▶ encoder.onnx ─▶ voice

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
from voicechanger.tts.cloning.windows import typical
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


def features(speech: Floats, network: SpeakerNetwork) -> tuple[Floats, float, float]:
    """[658] features of prepared 16 kHz speech, its median pitch in hertz and its spread in semitones."""
    even = levelled(speech)
    given, median, spread = statistics(even, network)
    timbre = voice_timbre.mixture().supervector(voice_timbre.cepstra(even))
    return np.concatenate([given, timbre]), median, spread


def levelled(speech: Floats) -> Floats:
    """At one level, for the spectrum's features are not free of it."""
    loud = np.abs(speech) > 0.02 * np.abs(speech).max()
    level = float(np.sqrt(np.mean(np.square(speech[loud], dtype=np.float64))))
    return (speech * np.float32(_LEVEL / max(level, 1e-6))).astype(np.float32)


def statistics(speech: Floats, network: SpeakerNetwork) -> tuple[Floats, float, float]:
    """[338]: the features of levelled speech without its timbre; pitch as in `features`."""
    mels = voice_signal.log_mels(speech, _BANDS)
    height = mels.mean(axis=1)
    mels = mels[height > np.percentile(height, _QUIET_SHARE)]
    median, spread = voice_signal.pitch_statistics(voice_signal.pitch(speech))
    pitch = np.array([np.log2(median / _MIDDLE_PITCH) if median else 0.0, spread / 12], np.float32)
    parts = [network.embed(speech), mels.mean(axis=0), mels.std(axis=0), pitch]
    return np.concatenate(parts).astype(np.float32), median, spread


@dataclass(frozen=True, slots=True)
class Heard:
    """What the encoder hears in a clip, before it becomes a voice."""

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
    """Loaded once a process; `models` is the prepared model folder, `trained` another encoder than the package's."""

    def __init__(self, models: Path, threads: int = 1, trained: bytes | None = None) -> None:
        self._network = SpeakerNetwork(models, threads)
        self._session = open_session(trained or weights(), threads)
        with np.load(models / "voices.npz") as packs:
            self._stock = {name: packs[name][_STOCK_ROW] for name in packs.files}
        self._names: list[str] = self._meta("stock_names").split(",")
        self.version = self._meta("version")
        self.features = int(self._session.get_inputs()[0].shape[1])
        """How many of them the encoder looks at."""

    def _meta(self, name: str) -> str:
        return cast(str, self._session.get_modelmeta().custom_metadata_map[name])

    def encode(self, clip: Floats, rate: int) -> Voice:
        """The voice of the speaker in a mono clip; ClipError when no voice can be told from it."""
        return self.voice(self.hear(voice_reference.prepare_speech(clip, rate)))

    def hear(self, speech: Floats) -> Heard:
        """What prepared 16 kHz speech says of its speaker; ClipError when no voice can be told from it."""
        given, median, spread = features(typical(speech, self._network), self._network)
        if not np.isfinite(given).all():
            raise ClipError("clip_no_speech", "No voice could be told from this recording.")
        return Heard(given, median, spread)

    def voice(self, heard: Heard) -> Voice:
        """The voice of a speaker."""
        run = self._session.run
        decoder, offsets, nearness = cast("list[Floats]", run(list(_OUTPUTS), {"features": heard.features[None]}))
        prosody = self._stock[self._names[int(np.argmax(nearness[0]))]][128:]
        return Voice(
            style=np.concatenate([decoder[0], prosody]).astype(np.float32),
            offsets=np.asarray(offsets[0], np.float32).reshape(DECODER_LAYERS, 128),
            pitch_median=heard.pitch_median,
            pitch_range=heard.pitch_range,
            rate=1.0,
            encoder_version=self.version,
        )


_STOCK_ROW = 100


def weights() -> bytes:
    """The trained encoder that comes with the package."""
    return (resources.files("voicechanger.tts.cloning") / "weights" / WEIGHTS).read_bytes()
