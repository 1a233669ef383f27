"""A hundred thousand characters: written and planned in bounded memory, spoken one utterance at a time."""

from __future__ import annotations

import random
import tracemalloc
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from voicechanger.tts.engine import Plan, SpeedTarget
from voicechanger.tts.kokoro.engine import KokoroEngine
from voicechanger.tts.kokoro.network import SAMPLES_PER_FRAME, Curves, Features, Network
from voicechanger.tts.text.script_writer import PARAGRAPH_PAUSE, write_script
from voicechanger.tts.voice import DECODER_LAYERS, STYLE_SIZE, Voice

STORY = (
    "the writer who was paid by the word had no reason at all to stop and so he went on, until Dr. Smith paid $12.50 "
    "at 7:30 pm for 221B Baker Street. Then they left! Nobody knew why? It was 1984, a cold year; the clocks struck."
)
VOICE = Voice(
    np.zeros(STYLE_SIZE, np.float32), np.zeros((DECODER_LAYERS, STYLE_SIZE // 2), np.float32), 0.0, 0.0, 1.0, "1"
)


class Numbers:
    """At the network's seam: features as large as the model's, durations alone that mean something."""

    def __init__(self) -> None:
        self.decoded = 0

    def read(self, tokens: Any, style: Any) -> Features:
        """Four frames a symbol."""
        n = tokens.size
        return Features(
            np.full(n, 4.0, np.float32), np.zeros((1, 640, n), np.float32), np.zeros((1, 512, n), np.float32)
        )

    def intone(self, features: Features, frames: Any, style: Any) -> Curves:
        """A level voice."""
        return Curves(np.full((1, 2 * frames.sum()), 120.0, np.float32), np.zeros((1, 2 * frames.sum()), np.float32))

    def decode(self, text: Any, curves: Curves, styles: Any) -> Any:
        """A tone."""
        self.decoded += 1
        return np.sin(np.arange(text.shape[2] * SAMPLES_PER_FRAME) * 0.05).astype(np.float32) / 2


def book(characters: int) -> str:
    """Sentences and paragraphs of different lengths, the same each time."""
    dice, parts, length, words = random.Random(7), list[str](), 0, STORY.split()
    while length < characters:
        part = dice.choice(words) + ("\n\n" if dice.random() < 0.01 else " ")
        parts.append(part)
        length += len(part)
    return "".join(parts)[:characters]


def planned(characters: int) -> tuple[KokoroEngine, Numbers, Plan]:
    numbers = Numbers()
    engine = KokoroEngine(cast(Network, numbers), Path("nowhere"), 1)
    return engine, numbers, engine.plan(write_script(book(characters), "auto"), VOICE, SpeedTarget())


@pytest.mark.slow
def test_memory_of_script_and_plan_stays_bounded() -> None:
    planned(1_000)  # what is loaded once

    def peak(characters: int) -> int:
        tracemalloc.start()
        plan = planned(characters)[2]
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert sum(len(u.words) for u in plan.script.utterances) > characters / 8
        return found

    short, long = peak(25_000), peak(100_000)
    # the features of all utterances would be 500 MB, their samples 700
    assert long < 12_000_000 and long < 6 * short, (short, long)


def test_planning_stops_when_nobody_wants_it_any_more() -> None:
    engine = KokoroEngine(cast(Network, Numbers()), Path("nowhere"), 1)
    asked = 0

    def going() -> None:
        nonlocal asked
        asked += 1
        if asked == 3:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        engine.plan(write_script(book(20_000), "en-us"), VOICE, SpeedTarget(), going)
    assert asked == 3


def test_utterances_are_decoded_one_by_one() -> None:
    engine, numbers, plan = planned(20_000)
    speaking = engine.speak(plan)
    assert numbers.decoded == 0
    for count in (1, 2, 3):
        chunk = next(speaking)
        before = numbers.decoded
        assert chunk.utterance == count - 1 and before <= 4 * count
    speaking.close()
    assert numbers.decoded == before


def test_paragraphs_are_followed_by_the_longest_silence() -> None:
    script = write_script("One here. Two here.\n\nThree here.", "en-us")
    assert [u.pause_after for u in script.utterances] == [0.3, PARAGRAPH_PAUSE, 0.0]
    engine = KokoroEngine(cast(Network, Numbers()), Path("nowhere"), 1)
    plan = engine.plan(script, VOICE, SpeedTarget())
    one, two, three = plan.pauses
    assert two - one == pytest.approx((PARAGRAPH_PAUSE - 0.3) * 24_000, abs=2)
    assert three < one
    first, second, _ = engine.speak(plan)
    for chunk, silence in ((first, one), (second, two)):
        assert not chunk.samples[-silence:].any() and np.abs(chunk.samples[:-silence]).max() > 0.01
