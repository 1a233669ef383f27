"""Select the windows of a recording that are most typical of its speaker, up to 15 s of them.

    speech ─▶ embedding of every 1.6 s ─▶ the centre of the half that is most alike ─▶ pieces near it, the nearest first

This removes other voices, music and shouts, and reduces a minute of speech to its best quarter.  Figures:
training/README.md.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from voicechanger.tts.cloning.ge2e import SpeakerNetwork

Floats = NDArray[np.float32]

MOST: Final = 15.0
"""Seconds that are kept at most."""
LEAST: Final = 3.0
"""Seconds below which nothing is left out."""
_PIECE = 12_800
"""0.8 s at 16 kHz: windows begin this far apart, and two of them lie over each piece."""
_FAR = 0.12
"""Cosine below that of the median window at which a piece counts as another person's."""


def select_typical_windows(speech: Floats, network: SpeakerNetwork) -> Floats:
    """Return the typical pieces of prepared 16 kHz speech, in their order."""
    if speech.size < (LEAST * 16_000) + _PIECE:
        return speech
    windows = network.windows(speech)
    alike = np.median(windows @ windows.T, axis=1)
    centre = windows[np.argsort(alike)[-max(2, len(windows) // 2) :]].mean(axis=0)
    near = windows @ (centre / np.linalg.norm(centre))
    # A piece counts as much as the better of its two windows: the other may hold another person
    pieces = np.maximum(np.concatenate([near, near[-1:]]), np.concatenate([near[:1], near]))
    kept = np.zeros(len(pieces), np.bool_)
    for piece in np.argsort(-pieces):
        seconds = kept.sum() * _PIECE / 16_000
        if seconds + _PIECE / 16_000 > MOST or (pieces[piece] < np.median(near) - _FAR and seconds >= LEAST):
            break
        kept[piece] = True
    if kept.all():
        return speech
    return np.concatenate([speech[i * _PIECE : (i + 1) * _PIECE] for i in np.flatnonzero(kept)])
