"""The supervector: what it says of a speaker, how much weight few frames get, and that it tells speakers apart."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from voicechanger.tts.cloning import timbre as voice_timbre
from voicechanger.tts.cloning.encoder import normalise_level
from voicechanger.tts.cloning.reference import prepare_speech
from voicechanger.tts.cloning.timbre import CEPSTRA, KINDS, Mixture

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"


@pytest.fixture
def two_kinds() -> Mixture:
    """Kinds five apart along the first cepstrum."""
    mean = np.zeros((2, CEPSTRA), np.float32)
    mean[1, 0] = 5
    ones, zeros = np.ones(CEPSTRA, np.float32), np.zeros(CEPSTRA, np.float32)
    return Mixture(zeros, ones, mean, np.ones_like(mean), np.array([0.5, 0.5], np.float32))


def test_the_halves_of_a_recording_have_one_timbre() -> None:
    """Each first half is nearest to its own second half, by the mixture that comes with the package."""
    mixture = voice_timbre.mixture()
    recordings = [prepare_speech(*soundfile.read(path, dtype="float32")) for path in sorted(EXAMPLES.rglob("*.flac"))]
    halves = [np.array_split(normalise_level(speech), 2) for speech in recordings]
    first, second = (np.array([mixture.supervector(voice_timbre.cepstra(pair[i])) for pair in halves]) for i in (0, 1))
    unit = [found / np.linalg.norm(found, axis=1, keepdims=True) for found in (first, second)]
    assert (unit[0] @ unit[1].T).argmax(axis=1).tolist() == list(range(len(recordings)))


def test_the_mixture_is_one_of_probabilities() -> None:
    mixture = voice_timbre.mixture()
    assert mixture.mean.shape == mixture.variance.shape == (KINDS, CEPSTRA)
    assert mixture.weight.sum() == pytest.approx(1, abs=1e-4)


def test_kinds_are_told_as_the_densities_of_gaussians_tell_them() -> None:
    mixture, rng = voice_timbre.mixture(), np.random.default_rng(0)
    frames = rng.normal(size=(50, CEPSTRA)).astype(np.float32)
    far = ((frames[:, None] - mixture.mean) ** 2 / mixture.variance).sum(2)
    density = mixture.weight * np.exp(-0.5 * far) / np.sqrt(mixture.variance.prod(axis=1))
    wanted = density / density.sum(axis=1, keepdims=True)
    assert np.allclose(mixture.kinds(frames), wanted, atol=2e-3)


def test_a_speaker_is_told_by_kind_and_not_by_how_much_of_it_was_said(two_kinds: Mixture) -> None:
    rng = np.random.default_rng(1)

    def clip(first: int, second: int) -> np.ndarray:
        frames = rng.normal(size=(first + second, CEPSTRA)).astype(np.float32) * 0.1
        frames[first:, 0] += 5
        frames[first:, 1] += 2  # this speaker's second kind lies elsewhere
        return frames

    for counts in ((400, 400), (200, 800)):
        found = two_kinds.supervector(clip(*counts)).reshape(2, CEPSTRA)
        assert np.abs(found[0]).max() < 0.1
        assert found[1, 1] == pytest.approx(2, abs=0.15)


def test_few_frames_of_a_kind_are_believed_little(two_kinds: Mixture) -> None:
    frames = np.zeros((16, CEPSTRA), np.float32)
    frames[:, 1] = 2
    found = two_kinds.supervector(frames).reshape(2, CEPSTRA)
    assert found[0, 1] == pytest.approx(1, abs=1e-3)  # as many frames as the relevance: half


def test_quiet_frames_are_left_out() -> None:
    rng = np.random.default_rng(2)
    speech = rng.normal(size=16_000).astype(np.float32) * 0.05
    pauses = np.concatenate([speech, np.zeros(4_000, np.float32)])
    assert len(voice_timbre.cepstra(pauses)) == pytest.approx(0.7 * len(pauses) / 200, abs=2)
    assert np.allclose(voice_timbre.cepstra(pauses).mean(0), voice_timbre.cepstra(speech).mean(0), atol=0.6)
