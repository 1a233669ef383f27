"""Refine a saved voice: speak, hear, and correct by what is missing, a few rounds, without gradients or torch.

    position heard in the clip ──────────────┐
    shift ─▶ voice ─▶ speech ─▶ position ─▶ difference ─▶ next shift

The one-pass map is learned from a few hundred speakers and so shrinks what it is unsure of.  Heard again, the
cloned voice stands nearer to the middle than the clip does; moving the position by the difference makes up for that.
It stays within the directions that reconstruction has taught the encoder, and a guard refuses a voice that
became rougher (decision 0026).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from voicechanger.inference.engine import SAMPLE_RATE
from voicechanger.inference.kokoro.voice_encoder import AXES, Floats, Heard, VoiceEncoder
from voicechanger.inference.kokoro.voice_reference import loud_parts
from voicechanger.inference.refinement import Refinement
from voicechanger.inference.voice import Voice

STEP = 0.5
"""Share of the difference that a round makes up for; more overshoots, for an axis also moves its neighbours."""
REACH = 3.0
"""Farthest shift along one axis, in units of the speakers' spread."""

Say = Callable[[Voice], Floats]
"""Speaks some seconds of a fixed text, at 24 kHz."""


def refine(encoder: VoiceEncoder, heard: Heard, so_far: Refinement | None, say: Say) -> Refinement:
    """One more round."""
    state = so_far or Refinement(encoder.version)
    shift = np.array(state.shift or [0.0] * AXES, np.float32)
    speech = loud_parts(say(encoder.voice(heard, shift)), SAMPLE_RATE)
    spoken = encoder.hear_speech(speech).position - encoder.echo
    found = likeness(heard.position, spoken)
    state = replace(state, rounds=state.rounds + 1)
    if state.rounds == 1:
        state = replace(state, likeness_before=found, likeness_after=found)
    elif found > state.likeness_after:
        state = replace(state, likeness_after=found, best=tuple(float(v) for v in shift))
    moved = np.clip(shift + STEP * (heard.position - spoken), -REACH, REACH)
    return replace(state, shift=tuple(float(v) for v in moved))


def likeness(wanted: Floats, heard: Floats) -> float:
    """Cosine of two positions; the axes are centred on the mean of all speakers."""
    return float(wanted @ heard / max(float(np.linalg.norm(wanted) * np.linalg.norm(heard)), 1e-9))
