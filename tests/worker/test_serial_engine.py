"""Calls of several threads on one engine: one at a time, in order, and with the same results as alone."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
import soundfile

from voicechanger.tts.engine import Engine, Plan, SpeechChunk, SpeedTarget
from voicechanger.tts.kokoro.engine import KokoroEngine
from voicechanger.tts.text.script_writer import write_script
from voicechanger.worker.serial_engine import SerialEngine

EXAMPLES = Path(__file__).parents[2] / "examples"


class Watched:
    """An engine that records which calls ran, and fails when two overlap."""

    encoder_version = "1"

    def __init__(self) -> None:
        self._busy = threading.Lock()
        self.calls: list[str] = []

    def _work(self, name: str) -> None:
        assert self._busy.acquire(blocking=False), f"{name} ran beside another call"
        time.sleep(0.002)
        self.calls.append(name)
        self._busy.release()

    def neutral_voice(self) -> str:
        return "neutral"

    def encode(self, clip: Any, rate: int) -> None:
        self._work("encode")

    def refine(self, clip: Any, rate: int, so_far: Any) -> None:
        self._work("refine")

    def refine_prepared(self, clip_sha256: str, so_far: Any) -> None:
        self._work("refine_prepared")

    def plan(self, script: Any, voice: Any, pace: Any, going: Callable[[], None] | None) -> None:
        for _ in range(3):
            assert going is not None
            going()
            self._work("plan")

    def speak(self, plan: Any, first: int, gain: float | None) -> Iterator[SpeechChunk]:
        for index in range(first, 20):
            self._work("speak")
            yield SpeechChunk(index, np.zeros(1, np.float32), ())


def serial(engine: Any) -> SerialEngine:
    return SerialEngine(cast(Engine, engine))


def test_calls_of_threads_never_overlap() -> None:
    watched = Watched()
    engine, nothing = serial(watched), cast(Any, None)
    calls: list[Callable[[], object]] = [
        lambda: engine.encode(nothing, 1),
        lambda: engine.refine(nothing, 1, None),
        lambda: engine.refine_prepared("", None),
        lambda: engine.plan(nothing, nothing, nothing),
        lambda: list(engine.speak(nothing)),
    ]
    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(call) for call in calls * 4]:
            done.result()
    assert len(watched.calls) == 4 * (3 + 3 + 20)


@pytest.mark.parametrize("long", ["speak", "plan"])
def test_a_short_call_runs_between_the_utterances_of_a_long_one(long: str) -> None:
    watched = Watched()
    engine, nothing, begun = serial(watched), cast(Any, None), threading.Event()

    def speak() -> None:
        for _ in engine.speak(nothing):
            begun.set()

    def plan() -> None:
        engine.plan(nothing, nothing, nothing, begun.set)

    with ThreadPoolExecutor(2) as pool:
        running = pool.submit(speak if long == "speak" else plan)
        assert begun.wait(10)
        engine.encode(nothing, 1)
        running.result()
    assert watched.calls.index("encode") < len(watched.calls) - 1


def test_the_event_loop_never_waits_for_a_running_call() -> None:
    """What tasks read outside a thread answers while another thread holds the engine."""
    engine, nothing = serial(Watched()), cast(Any, None)
    inside, leave = threading.Event(), threading.Event()

    def hold() -> None:
        inside.set()
        assert leave.wait(10)

    with ThreadPoolExecutor(1) as pool:
        held = pool.submit(lambda: engine.plan(nothing, nothing, nothing, hold))
        assert inside.wait(10)
        assert (engine.encoder_version, engine.neutral_voice()) == ("1", "neutral")
        leave.set()
        held.result()


def test_a_call_that_fails_leaves_the_engine_free() -> None:
    def fail() -> None:
        raise InterruptedError

    engine, nothing = serial(Watched()), cast(Any, None)
    with pytest.raises(InterruptedError):
        engine.plan(nothing, nothing, nothing, fail)
    assert len(list(engine.speak(nothing, 18))) == 2


@pytest.mark.slow
def test_threads_get_what_one_thread_gets(engine: KokoroEngine) -> None:
    """Encodes, plans and speech at once, byte for byte as one after the other."""
    clips = [soundfile.read(path, dtype="float32") for path in sorted((EXAMPLES / "speakers").glob("*.flac"))]
    script = write_script("Stop it, please. Nobody knew why. It was a cold year.", "en-us")
    voice = engine.stock_voice("af_heart")

    def plan() -> Plan:
        return shared.plan(script, voice, SpeedTarget())

    shared = SerialEngine(engine)
    voices = [engine.encode(*clip).to_bytes() for clip in clips]
    chunks = [chunk.samples.tobytes() for chunk in engine.speak(engine.plan(script, voice, SpeedTarget()))]
    with ThreadPoolExecutor(8) as pool:
        speaking = pool.submit(lambda: [chunk.samples.tobytes() for chunk in shared.speak(plan())])
        planning = [pool.submit(plan) for _ in range(4)]
        encoding = [pool.submit(lambda c=clip: shared.encode(*c).to_bytes()) for clip in clips * 2]
        assert [done.result() for done in encoding] == voices * 2
        assert speaking.result() == chunks
        assert len({done.result().samples for done in planning}) == 1
