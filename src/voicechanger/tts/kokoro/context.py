"""Process a part of a long sentence in its context: rhythm and melody come from the sentence around it.

    sentence    … before │ part │ after …
    read wide   ├────────┴──────┴───────┤   durations and curves of the part are taken from this
    read alone           ├──────┤           its edges and its sound are those of a separate utterance

Alone, every part begins high and ends slowly, as a sentence does: in one cloned voice the second part of a sentence
began four semitones too high.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from voicechanger.tts.kokoro.layout import last_sound
from voicechanger.tts.kokoro.network import CURVE_RATE, Curves, Features, Floats, Network
from voicechanger.tts.kokoro.vocabulary import MAX_SYMBOLS, token_ids
from voicechanger.tts.utterances import Utterance

BEFORE, AFTER = 150, 60
"""Symbols of context before and after a part."""


@dataclass(frozen=True, slots=True, eq=False)
class InPlace:
    """An utterance and the features of its context."""

    features: Features
    """Its own, with the durations in context."""
    wide: Features | None = None
    """Of the utterance with its context; None when it has none."""
    start: int = 0
    """Index in `wide` of its first symbol."""

    def curves(self, network: Network, frames: NDArray[np.int64], style: Floats) -> Curves:
        """Return pitch and energy, each symbol lasting its `frames`, the edges included."""
        own = network.intone(self.features, frames, style)
        if self.wide is None:
            return own
        counts = self.wide.frames
        counts[self.start : self.start + frames.size - 2] = frames[1:-1]
        whole = network.intone(self.wide, counts, style)
        here, length = CURVE_RATE * int(frames[0]), CURVE_RATE * int(frames[1:-1].sum())
        there = CURVE_RATE * int(counts[: self.start].sum())
        pitch, energy = own.pitch.copy(), own.energy.copy()
        pitch[:, here : here + length] = whole.pitch[:, there : there + length]
        energy[:, here : here + length] = whole.energy[:, there : there + length]
        return Curves(pitch, energy)


def read_in_place(network: Network, utterances: Sequence[Utterance], index: int, style: Floats) -> InPlace:
    """Read one utterance in its context; TextError when the model does not support it."""
    phonemes = utterances[index].phonemes
    alone = network.read(token_ids(phonemes), style)
    before, after = around(utterances, index)
    if not before and not after:
        return InPlace(alone)
    wide = network.read(token_ids(before + phonemes + after), style)
    start = 1 + len(before)
    durations = alone.durations.copy()
    # The last sound keeps its own length: the share of it that is kept was measured on ends (see layout)
    last = last_sound(phonemes)
    durations[1:last] = wide.durations[start : start + last - 1]
    return InPlace(replace(alone, durations=durations), wide, start)


def around(utterances: Sequence[Utterance], index: int) -> tuple[str, str]:
    """Return the phonemes of the sentence before and after an utterance, whole words, with the joining space."""
    room = MAX_SYMBOLS - len(utterances[index].phonemes)
    before, after = "", ""
    if _joined(utterances, index - 1):
        before = _tail(utterances[index - 1].phonemes + " ", min(BEFORE, room))
    if _joined(utterances, index):
        after = _head(" " + utterances[index + 1].phonemes, min(AFTER, room - len(before)))
    return before, after


def _joined(utterances: Sequence[Utterance], index: int) -> bool:
    """Return whether an utterance and the next belong to one sentence, in one language, with no set pause between."""
    if not 0 <= index < len(utterances) - 1:
        return False
    one, two = utterances[index], utterances[index + 1]
    return one.sentence == two.sentence and one.language == two.language and not one.fixed_pause


def _tail(phonemes: str, most: int) -> str:
    return phonemes if len(phonemes) <= most else phonemes[-most:].partition(" ")[2]


def _head(phonemes: str, most: int) -> str:
    return phonemes if len(phonemes) <= most else phonemes[:most].rpartition(" ")[0]
