"""What is kept of a recording: the speaker, not the stranger in it, and no more than is needed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

from voicechanger.tts.cloning.ge2e import SpeakerNetwork
from voicechanger.tts.cloning.reference import prepare_speech
from voicechanger.tts.cloning.windows import LEAST, MOST, select_typical_windows

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"


@pytest.fixture(scope="module")
def network(models: Path) -> SpeakerNetwork:
    return SpeakerNetwork(models)


def speech(path: Path) -> np.ndarray:
    return prepare_speech(*sf.read(path, dtype="float32"))


@pytest.fixture(scope="module")
def own() -> np.ndarray:
    return speech(EXAMPLES / "reference.wav")


@pytest.fixture(scope="module")
def stranger() -> np.ndarray:
    """The one of the examples that is least like the reference."""
    return speech(sorted((EXAMPLES / "speakers").glob("*.flac"))[0])


def test_a_clean_clip_stays_as_it_is(network: SpeakerNetwork, own: np.ndarray) -> None:
    kept = select_typical_windows(own, network)
    assert kept.size > 0.8 * own.size
    assert float(network.embed(kept) @ network.embed(own)) > 0.97


def test_a_stranger_falls_out(network: SpeakerNetwork, own: np.ndarray, stranger: np.ndarray) -> None:
    mixed = np.concatenate([own, stranger[: own.size // 2]])
    alone, found = network.embed(own), network.embed(select_typical_windows(mixed, network))
    assert float(found @ alone) > float(network.embed(mixed) @ alone) + 0.02
    assert select_typical_windows(mixed, network).size < mixed.size - 0.6 * (mixed.size - own.size)


def test_a_long_recording_is_cut_to_its_best(network: SpeakerNetwork, own: np.ndarray) -> None:
    kept = select_typical_windows(np.tile(own, 6), network)
    assert LEAST <= kept.size / 16_000 <= MOST


def test_little_speech_is_kept_whole(network: SpeakerNetwork, own: np.ndarray) -> None:
    short = own[: 3 * 16_000]
    assert select_typical_windows(short, network) is short
