"""The quality estimate against the `speechmos` package, and with noise."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
import soxr
from speechmos import dnsmos

from voicechanger.tts import quality

pytestmark = pytest.mark.slow

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


def sound() -> np.ndarray:
    samples, rate = sf.read(EXAMPLES / "reference.wav", dtype="float32")
    return np.asarray(soxr.resample(samples, rate, 16_000), np.float32)


@pytest.mark.parametrize("repeated", [1, 3])
def test_it_is_what_the_package_says(repeated: int) -> None:
    speech = np.tile(sound(), repeated)
    assert quality.overall(speech) == pytest.approx(dnsmos.run(speech, sr=16_000)["ovrl_mos"], abs=0.02)


def test_noise_costs() -> None:
    noise = np.random.default_rng(0).normal(size=sound().size).astype(np.float32)
    assert quality.overall(sound() + 0.02 * noise) < quality.overall(sound()) - 0.3


def test_nothing_has_no_quality() -> None:
    with pytest.raises(ValueError, match="no speech"):
        quality.overall(np.zeros(0, np.float32))
