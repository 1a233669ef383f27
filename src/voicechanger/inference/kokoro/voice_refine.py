"""Refine a saved voice by hearing it speak: bend its spectrum to the clip's, if that makes it more like the speaker.

    clip ─────────────▶ spectrum ─┐
    voice ─▶ speech ──▶ spectrum ─┴▶ difference, smooth and bounded ─▶ colour of the voice
                                     heard again: kept only if the speaker embedding is nearer to the clip's

The embedding that decides is not what the colour was made from.  Other ways were tried (decision 0026).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import cast

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage, signal

from voicechanger.inference.engine import SAMPLE_RATE
from voicechanger.inference.kokoro import voice_signal
from voicechanger.inference.kokoro.voice_encoder import Floats, Heard, VoiceEncoder
from voicechanger.inference.kokoro.voice_reference import loud_parts
from voicechanger.inference.refinement import Refinement
from voicechanger.inference.voice import COLOUR_BANDS, Voice

LIMIT = 6.0
"""Decibels: more would make a thin microphone out of a thin voice."""
_SIZE, _HOP = 1024, 256
_TOP = 7_600.0
_QUIET_SHARE = 40
"""Per cent of the frames, the quietest, that tell more of the room than of the voice."""
_TAPS = 257

Say = Callable[[Voice], Floats]
"""Speaks some seconds of a fixed text, at 24 kHz."""


def refine(encoder: VoiceEncoder, clip: Floats, heard: Heard, so_far: Refinement | None, say: Say) -> Refinement:
    """One more round for the prepared 16 kHz speech of a clip, and what the encoder heard in it."""
    state = so_far or Refinement(encoder.version)
    spoken = loud_parts(say(replace(encoder.voice(heard), colour=state.colour)), SAMPLE_RATE)
    likeness = float(heard.speaker @ encoder.hear(spoken).speaker)
    if state.rounds == 0:
        missing = smooth(spectrum(clip) - spectrum(spoken))
        return replace(state, rounds=1, colour=missing, likeness_before=likeness, likeness_after=likeness)
    return replace(state, rounds=state.rounds + 1, likeness_after=likeness)


def spectrum(speech: Floats) -> NDArray[np.float64]:
    """[28] decibels of the long-term power of 16 kHz speech, by mel bands."""
    power = np.square(voice_signal.spectrum(speech, _SIZE, _HOP), dtype=np.float64)
    level = power.sum(axis=1)
    loud = power[level > np.percentile(level, _QUIET_SHARE)]
    return 10 * np.log10((loud @ _bands().T).mean(axis=0) + 1e-9)


def smooth(missing: NDArray[np.float64]) -> tuple[float, ...]:
    """A colour: without its mean, for level is none of its business, smooth over the bands, within LIMIT."""
    even = ndimage.gaussian_filter1d(missing, 1.0)
    return tuple(float(v) for v in np.clip(even - even.mean(), -LIMIT, LIMIT))


@lru_cache(maxsize=1)
def _bands() -> NDArray[np.float64]:
    filters = voice_signal.mel_filters(voice_signal.RATE, _SIZE, COLOUR_BANDS, _TOP).astype(np.float64)
    return filters / filters.sum(axis=1, keepdims=True)


def coloured(samples: Floats, colour: tuple[float, ...]) -> Floats:
    """24 kHz speech with its spectrum bent, as long as before and not delayed."""
    if not colour:
        return samples
    bent = signal.fftconvolve(samples, _kernel(colour))[_TAPS // 2 : _TAPS // 2 + samples.size]
    return np.asarray(bent, np.float32)


@lru_cache(maxsize=16)
def _kernel(colour: tuple[float, ...]) -> NDArray[np.float64]:
    """A symmetric filter; above the highest band, where clips hold nothing, half of its last gain."""
    centres = _bands() @ np.linspace(0, voice_signal.RATE / 2, _SIZE // 2 + 1)
    places = [0.0, *centres, _TOP + 300, SAMPLE_RATE / 2]
    gains = np.array([colour[0], *colour, colour[-1], colour[-1] / 2])
    return cast("NDArray[np.float64]", signal.firwin2(_TAPS, places, 10 ** (gains / 20), fs=SAMPLE_RATE))
