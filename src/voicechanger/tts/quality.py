"""Estimate the quality of speech with DNSMOS (Reddy et al. 2022, ITU-T P.835): an optional part, with the recogniser.

The network comes in the `speechmos` package (MIT), whose own code wants more packages than it names; only its weights
are used.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from voicechanger.tts.errors import MissingPart
from voicechanger.tts.onnx_session import open_session

Floats = NDArray[np.float32]

RATE: Final = 16_000
_WINDOW = round(9.01 * RATE)
_NETWORK = Path("dnsmos_models") / "sig_bak_ovr.onnx"
_OVERALL = 2
"""Index among the network's outputs: signal, background, overall."""
_CURVE = (-0.06766283, 1.11546468, 0.04602535)
"""From the network's overall figure to the mean opinion score, as published with it."""


def is_installed() -> bool:
    """Return whether the optional part is installed."""
    return find_spec("speechmos") is not None


def overall(speech: Floats) -> float:
    """Return the mean opinion score, 1 to 5, of mono 16 kHz speech: the mean over windows of 9 s, one a second."""
    if speech.size == 0:
        raise ValueError("no speech")
    speech = np.clip(speech, -1, 1).astype(np.float32)
    while speech.size < _WINDOW:
        speech = np.concatenate([speech, speech])
    starts = range(0, speech.size - _WINDOW + 1, RATE)
    windows = [speech[None, start : start + _WINDOW] for start in starts]
    raw = [float(_session().run(None, {"input_1": window})[0][0][_OVERALL]) for window in windows]
    return float(np.mean(np.polyval(_CURVE, raw)))


@lru_cache(maxsize=1)
def _session() -> Any:
    spec = find_spec("speechmos")
    if spec is None or not spec.submodule_search_locations:
        raise MissingPart("quality_missing", 'Install the quality model: pip install "voicechanger[refinement]"')
    path = Path(next(iter(spec.submodule_search_locations))) / _NETWORK
    return open_session(path, 1)
