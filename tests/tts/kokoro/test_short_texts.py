"""Very short texts in a cloned voice: the word is heard whole, and dies away into silence."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from tests.support.recogniser import recognise, spoken_words
from voicechanger.tts.engine import SAMPLE_RATE, SpeedTarget
from voicechanger.tts.kokoro.engine import KokoroEngine
from voicechanger.tts.kokoro.layout import last_sound
from voicechanger.tts.text.script_writer import write_script
from voicechanger.tts.voice import Voice

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "reference.wav"
QUIET = 0.5
"""Seconds of silence about the word, which the recogniser wants."""


@pytest.fixture(scope="module")
def voice(engine: KokoroEngine) -> Voice:
    """The voice of the shipped recording."""
    samples, rate = soundfile.read(EXAMPLE, dtype="float32")
    return engine.encode(samples, rate)


def spoken(engine: KokoroEngine, voice: Voice, text: str, language: str) -> NDArray[np.float32]:
    plan = engine.plan(write_script(text, language), voice, SpeedTarget())
    return np.concatenate([chunk.samples for chunk in engine.speak(plan)])


def decibels(samples: NDArray[np.float32]) -> NDArray[np.float64]:
    """Levels of 10 ms each, under the loudest."""
    power = np.array([np.mean(part**2) for part in np.array_split(samples, samples.size // (SAMPLE_RATE // 100))])
    return 10 * np.log10(power / power.max() + 1e-12)


HEARD = [
    ("Hi!", "en-us", {"hi"}),
    ("x", "en-us", {"x"}),
    ("7", "en-us", {"7", "seven"}),
    ("HELLO", "en-us", {"hello"}),
    ("Yes?", "en-us", {"yes"}),
    ("Dr.", "en-us", {"doctor", "dr"}),
    ("WWW", "en-us", {"www", "w w w"}),
    ("Oui", "fr", {"oui"}),
    ("好", "zh", {"好"}),
    ("はい", "ja", {"はい", "ハイ"}),
]


@pytest.mark.slow
@pytest.mark.parametrize(("text", "language", "words"), HEARD)
def test_a_short_text_is_heard_and_dies_away(
    engine: KokoroEngine, voice: Voice, text: str, language: str, words: set[str]
) -> None:
    samples = spoken(engine, voice, text, language)
    levels = decibels(samples)
    # decoded alone, x, Oui and 好 broke off at 14, 21 and 9 decibels under their loudest; the vowel of Hi! falls to 23
    assert levels[-1] < -22, levels[-10:]
    quiet = np.zeros(round(QUIET * SAMPLE_RATE), np.float32)
    heard = recognise(np.concatenate([quiet, samples, quiet]), SAMPLE_RATE, language[:2])
    assert " ".join(spoken_words(heard)) in words


@pytest.mark.slow
@pytest.mark.parametrize("text", ["x", "Hi!", "No."])
def test_what_carries_a_short_text_is_not_heard_and_takes_no_time(
    engine: KokoroEngine, voice: Voice, text: str
) -> None:
    plan = engine.plan(write_script(text, "en-us"), voice, SpeedTarget())
    first, second = (np.concatenate([c.samples for c in engine.speak(plan)]) for _ in range(2))
    assert first.size == plan.samples < 1.2 * SAMPLE_RATE
    assert np.array_equal(first, second)
    assert decibels(first)[0] < -20


@pytest.mark.parametrize(("phonemes", "last"), [("bˈiː.", 4), ("xau↓.", 4), ("hˈa\u0303.", 4), ("kˈæt.", 4), ("A", 1)])
def test_marks_of_length_and_tone_belong_to_the_last_sound(phonemes: str, last: int) -> None:
    assert last_sound(phonemes) == last
