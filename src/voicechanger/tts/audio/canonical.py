"""Read the canonical reference clips that `clip_child` wrote: FLAC, mono, 24 kHz, trusted."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import numpy as np
import soundfile  # pyright: ignore[reportMissingTypeStubs]  # it ships none
from numpy.typing import NDArray


def read_canonical(path: Path) -> tuple[NDArray[np.float32], int]:
    """Return samples [n] in [-1, 1] and their rate in hertz."""
    read = cast(Any, soundfile).read
    samples, rate = read(str(path), dtype="float32")
    return np.ascontiguousarray(samples, dtype=np.float32), int(rate)
