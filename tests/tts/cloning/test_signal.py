"""Pitch, mel bands and reference preparation on sounds whose answers are known."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from voicechanger.tts.cloning import reference as voice_reference
from voicechanger.tts.cloning import signal as voice_signal
from voicechanger.tts.errors import ClipError


def buzz(hertz: float, seconds: float = 1.0) -> NDArray[np.float32]:
    t = np.arange(int(seconds * 16_000)) / 16_000
    top = int(7000 / hertz)
    return (0.1 * sum(np.sin(2 * np.pi * hertz * k * t) / k for k in range(1, top))).astype(np.float32)


@pytest.mark.parametrize("hertz", [75.0, 120.0, 210.0, 330.0])
def test_pitch_of_a_buzz(hertz: float) -> None:
    median, spread = voice_signal.pitch_statistics(voice_signal.pitch(buzz(hertz)))
    assert 12 * abs(np.log2(median / hertz)) < 0.2
    assert spread < 0.3


def test_noise_has_no_pitch() -> None:
    noise = np.random.default_rng(0).normal(0, 0.1, 16_000).astype(np.float32)
    assert (voice_signal.pitch(noise) > 0).mean() < 0.1


def test_mel_filters_are_those_of_librosa() -> None:
    librosa = pytest.importorskip("librosa")
    wanted = librosa.filters.mel(sr=16_000, n_fft=400, n_mels=40)
    assert np.abs(voice_signal.mel_filters(16_000, 400, 40, 8000.0) - wanted).max() < 1e-7


def test_denoising_takes_noise_and_leaves_sound() -> None:
    rng = np.random.default_rng(0)
    sound = np.concatenate([np.zeros(8_000, np.float32), buzz(140, 1.5), np.zeros(8_000, np.float32)])
    noisy = sound + rng.normal(0, 0.01, sound.size).astype(np.float32)
    cleaned = voice_reference.denoise(noisy)
    assert np.std(cleaned[2_000:6_000]) < 0.35 * np.std(noisy[2_000:6_000])
    assert np.corrcoef(cleaned[10_000:30_000], sound[10_000:30_000])[0, 1] > 0.97
    assert cleaned.size == noisy.size


@pytest.mark.parametrize(
    ("clip", "code"),
    [
        (np.zeros(48_000, np.float32), "clip_silent"),
        (np.full(48_000, np.nan, np.float32), "clip_unreadable"),
        (np.zeros(0, np.float32), "clip_unreadable"),
    ],
)
def test_hopeless_clips_are_refused_with_a_code(clip: NDArray[np.float32], code: str) -> None:
    with pytest.raises(ClipError) as refused:
        voice_reference.prepare_speech(clip, 16_000)
    assert refused.value.code == code
