"""Move the pitch curve to where a speaker's voice lies, between cut B and cut C.

    hertz ─▶ semitones about the model's own median for this voice ─▶ × spread ─▶ about the speaker's median

The model's own median is taken over a few fixed sentences, not over the utterance: a question or a short exclamation
stays as far above the speaker's middle as the model put it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from voicechanger.tts.kokoro.network import Curves, Floats

VOICED = 10.0
"""Hertz; the decoder takes anything lower for unvoiced."""
LOWEST, HIGHEST = 50.0, 600.0
"""Hertz; a voiced value stays within them."""
_GLIDE = 40.0
"""Hertz; below it a voiced value is the edge of a voiced stretch and says nothing about the voice."""
_SPREAD_LIMITS = (0.6, 1.6)
"""More than that sounds sung, less sounds read by a machine."""


@dataclass(frozen=True, slots=True)
class PitchMap:
    """From the model's pitch to the speaker's."""

    centre: float
    """The model's median for this voice, in hertz."""
    target: float
    """The speaker's median, in hertz."""
    spread: float
    """Factor on the distance from the median, in semitones."""

    def apply(self, curves: Curves, semitones: float = 0.0) -> Curves:
        """The curves in the speaker's pitch, `semitones` higher; unvoiced values stay as they are."""
        pitch = curves.pitch.copy()
        voiced = pitch > VOICED
        away = np.log2(pitch[voiced] / self.centre)
        # The glides at the edges of a voiced stretch keep their shape: widened, they would fall out of it.
        factor = np.where(pitch[voiced] < _GLIDE, 1.0, self.spread)
        moved = self.target * np.exp2(away * factor + semitones / 12)
        floor = np.minimum(pitch[voiced], LOWEST)
        pitch[voiced] = np.clip(moved, floor, HIGHEST)
        return Curves(pitch, curves.energy)


def pitch_statistics(curves: list[Curves]) -> tuple[float, float]:
    """Median in hertz and standard deviation in semitones of the voiced part; (0, 0) when nothing is voiced."""
    heard = [c.pitch[c.pitch > _GLIDE] for c in curves]
    values = np.concatenate(heard) if heard else np.zeros(0, np.float32)
    if not values.size:
        return 0.0, 0.0
    median = float(np.median(values))
    return median, float(np.std(12 * np.log2(values / median)))


def pitch_map(own: tuple[float, float], median: float, spread: float) -> PitchMap:
    """How to bring a voice from its `own` (median, spread) to the speaker's; a zero keeps the model's own."""
    own_median, own_spread = own
    if own_median <= 0:
        return PitchMap(1.0, 1.0, 1.0)
    factor = spread / own_spread if spread > 0 and own_spread > 0 else 1.0
    target = median if median > 0 else own_median
    return PitchMap(own_median, target, float(np.clip(factor, *_SPREAD_LIMITS)))


def layer_styles(style: Floats, offsets: Floats) -> Floats:
    """One decoder style for each AdaIN layer, [58, 128]."""
    return (style[:128] + offsets).astype(np.float32)
