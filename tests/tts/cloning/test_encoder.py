"""Encoding real clips: determinism, the speaker's own pitch, and voices that tell speakers apart."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

from voicechanger.tts.cloning import encoder as voice_encoder
from voicechanger.tts.cloning import signal as voice_signal
from voicechanger.tts.errors import ClipError
from voicechanger.tts.voice import Voice

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def encoder(models: Path) -> voice_encoder.VoiceEncoder:
    return voice_encoder.VoiceEncoder(models)


@pytest.fixture(scope="module")
def clip() -> tuple[np.ndarray, int]:
    samples, rate = sf.read(ROOT / "examples" / "reference.wav", dtype="float32")
    return samples, rate


def test_the_halves_of_a_recording_give_the_same_speaker(encoder: voice_encoder.VoiceEncoder) -> None:
    """Each first half is nearest to its own second half, by what the trained weights make of them."""
    paths = [ROOT / "examples" / "reference.wav", *sorted((ROOT / "examples" / "speakers").glob("*.flac"))]
    clips = [sf.read(path, dtype="float32") for path in paths]
    halves = [[(x[: x.size // 2], rate), (x[x.size // 2 :], rate)] for x, rate in clips]
    first, second = (np.array([encoder.encode(*pair[i]).offsets.ravel() for pair in halves]) for i in (0, 1))
    unit = [offsets / np.linalg.norm(offsets, axis=1, keepdims=True) for offsets in (first, second)]
    assert (unit[0] @ unit[1].T).argmax(axis=1).tolist() == list(range(len(clips)))


def test_a_clip_gives_the_same_voice_twice_at_any_rate(encoder: voice_encoder.VoiceEncoder, clip: tuple) -> None:
    import soxr

    samples, rate = clip
    first, again = encoder.encode(samples, rate), encoder.encode(samples, rate)
    assert first.to_bytes() == again.to_bytes()
    higher = encoder.encode(soxr.resample(samples, rate, 44_100).astype(np.float32), 44_100)
    apart = np.linalg.norm(higher.style[:128] - first.style[:128]) / np.linalg.norm(first.style[:128])
    assert apart < 0.15
    assert first.encoder_version == encoder.version


def test_the_voice_carries_the_speakers_pitch(encoder: voice_encoder.VoiceEncoder, clip: tuple) -> None:
    samples, rate = clip
    assert rate == 16_000 or rate == 24_000
    voice = encoder.encode(samples, rate)
    import soxr

    sound = soxr.resample(samples, rate, 16_000).astype(np.float32)
    median = voice_signal.pitch_statistics(voice_signal.pitch(sound))[0]
    assert 12 * abs(np.log2(voice.pitch_median / median)) < 0.5
    assert 0.5 < voice.pitch_range < 8


def test_two_speakers_get_two_voices(encoder: voice_encoder.VoiceEncoder, clip: tuple) -> None:
    samples, rate = clip
    lower = encoder.encode(samples, int(rate * 0.8))  # the same samples, read slower: a deeper, larger speaker
    voice: Voice = encoder.encode(samples, rate)
    assert lower.pitch_median < 0.9 * voice.pitch_median
    assert np.linalg.norm(lower.style[:128] - voice.style[:128]) > 0.1


def test_a_clip_too_short_is_refused(encoder: voice_encoder.VoiceEncoder, clip: tuple) -> None:
    samples, rate = clip
    with pytest.raises(ClipError) as refused:
        encoder.encode(samples[: rate // 2], rate)
    assert refused.value.code == "clip_too_little_speech"
