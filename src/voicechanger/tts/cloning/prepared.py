"""A clip prepared for refinement, kept between its rounds."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np

from voicechanger.tts.audio.pcm import from_pcm16, to_pcm16
from voicechanger.tts.audio.resample import resample
from voicechanger.tts.cloning import reference as voice_reference
from voicechanger.tts.cloning import signal as voice_signal
from voicechanger.tts.cloning.autodiff.example import Example, timed
from voicechanger.tts.cloning.clip_analysis import LONGEST
from voicechanger.tts.cloning.encoder import Floats, VoiceEncoder
from voicechanger.tts.kokoro.network import Network


class PreparedClip:
    """A clip searched for speech, denoised and encoded; ClipError when no voice can be encoded from it."""

    def __init__(self, encoder: VoiceEncoder, clip: Floats, rate: int) -> None:
        self.key = clip_key(clip, rate)
        self.speech = voice_reference.prepare_speech(clip, rate)
        """Its speech at 16 kHz, without pauses."""
        self.features = encoder.extract_features(self.speech)
        self.voice = encoder.voice(self.features)
        """The unrefined voice."""
        sound = resample(clip[: int(LONGEST * rate)], rate, voice_signal.RATE)
        self.sound = voice_reference.denoise(sound)
        """The whole clip at 16 kHz, pauses included."""
        self._examples: tuple[list[dict[str, Any]], list[Example]] | None = None

    def examples(self, network: Network, segments: list[dict[str, Any]]) -> list[Example]:
        """Return segments as the gradient takes them; those of the last call are kept."""
        if self._examples is None or self._examples[0] != segments:
            style = self.voice.style
            made = [
                timed(
                    network, style, self.sound[s["first"] : s["last"]], s["phonemes"], np.array(s["frames"], np.int64)
                )
                for s in segments
            ]
            self._examples = segments, made
        return self._examples[1]


def clip_key(clip: Floats, rate: int) -> tuple[str, int]:
    """Return a key that two clips share only when they hold the same samples at the same rate.

    For a canonical clip it is the SHA-256 of its 16-bit samples: the hash in the upload check's report.
    """
    if np.isfinite(clip).all():
        canonical = to_pcm16(clip)
        if np.array_equal(from_pcm16(canonical), clip):
            return hashlib.sha256(canonical.tobytes()).hexdigest(), rate
    return hashlib.sha256(clip.tobytes()).hexdigest(), rate
