"""Move the pitch curve to the speaker's pitch, between cut B and cut C.

    hertz ─▶ semitones about the model's own median for this voice ─▶ × spread ─▶ about the speaker's median

The model's median is measured on a few fixed sentences, not on the utterance: a question or a short exclamation stays
as far above the speaker's median as the model put it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from voicechanger.tts.kokoro.network import Curves, Floats

VOICED = 10.0
"""Hertz below which the decoder treats a value as unvoiced."""
LOWEST, HIGHEST = 50.0, 600.0
"""Hertz; a voiced value stays within them."""
_GLIDE = 40.0
"""Hertz below which a voiced value is the edge of a voiced stretch, which says nothing about the voice."""
_SPREAD_LIMITS = (0.6, 1.6)
"""Larger factors sound sung, smaller ones monotonous."""


@dataclass(frozen=True, slots=True)
class PitchMap:
    """A map from the model's pitch to the speaker's."""

    centre: float
    """The model's median for this voice, in hertz."""
    target: float
    """The speaker's median, in hertz."""
    spread: float
    """Factor on the distance from the median, in semitones."""

    def apply(self, curves: Curves, semitones: float = 0.0) -> Curves:
        """Return the curves in the speaker's pitch, `semitones` higher; unvoiced values do not change."""
        pitch = curves.pitch.copy()
        voiced = pitch > VOICED
        away = np.log2(pitch[voiced] / self.centre)
        # The glides at the edges of a voiced stretch keep their shape: widened, they would become unvoiced
        factor = np.where(pitch[voiced] < _GLIDE, 1.0, self.spread)
        moved = self.target * np.exp2(away * factor + semitones / 12)
        floor = np.minimum(pitch[voiced], LOWEST)
        pitch[voiced] = np.clip(moved, floor, HIGHEST)
        return Curves(pitch, curves.energy)


def pitch_statistics(curves: list[Curves]) -> tuple[float, float]:
    """Return median (hertz) and standard deviation (semitones) of the voiced part; (0, 0) when nothing is voiced."""
    heard = [c.pitch[c.pitch > _GLIDE] for c in curves]
    values = np.concatenate(heard) if heard else np.zeros(0, np.float32)
    if not values.size:
        return 0.0, 0.0
    median = float(np.median(values))
    return median, float(np.std(12 * np.log2(values / median)))


def pitch_map(own: tuple[float, float], median: float, spread: float) -> PitchMap:
    """Return the map from the model's `own` (median, spread) to the speaker's; a zero keeps the model's."""
    own_median, own_spread = own
    if own_median <= 0:
        return PitchMap(1.0, 1.0, 1.0)
    factor = spread / own_spread if spread > 0 and own_spread > 0 else 1.0
    target = median if median > 0 else own_median
    return PitchMap(own_median, target, float(np.clip(factor, *_SPREAD_LIMITS)))


def layer_styles(style: Floats, offsets: Floats) -> Floats:
    """Return one decoder style for each AdaIN layer, [58, 128]."""
    return (style[:128] + offsets).astype(np.float32)
