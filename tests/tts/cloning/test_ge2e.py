"""The speaker network is read without torch, and refuses anything but arrays."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest

from voicechanger.tts.cloning import ge2e as voice_ge2e


def test_a_checkpoint_that_would_run_code_is_refused() -> None:
    class Bomb:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return print, ("ran",)

    with pytest.raises(pickle.UnpicklingError):
        voice_ge2e.read_weights(pickle.dumps(Bomb()))


def test_embeddings_are_unit_length_and_tell_sounds_apart(models: Path) -> None:
    network = voice_ge2e.SpeakerNetwork(models)
    t = np.arange(32_000) / 16_000
    low = sum(np.sin(2 * np.pi * 110 * k * t) / k for k in range(1, 30)).astype(np.float32) * 0.05
    high = sum(np.sin(2 * np.pi * 260 * k * t) / k**2 for k in range(1, 25)).astype(np.float32) * 0.05
    first, second = network.embed(low), network.embed(high)
    assert np.linalg.norm(first) == pytest.approx(1, abs=1e-4)
    assert first.min() >= 0
    assert float(first @ second) < 0.95
    assert float(first @ network.embed(low * 0.5)) > 0.9
