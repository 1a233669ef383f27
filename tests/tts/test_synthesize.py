"""A narration at the engine's seam: bounded memory, true progress, and going on where it stopped.  No model needed."""

from __future__ import annotations

import asyncio
import threading
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
import soundfile

from voicechanger.domains.jobs import parts as stored_parts
from voicechanger.domains.jobs.parts import StoredParts
from voicechanger.infra.storage.links import LinkSigner
from voicechanger.infra.storage.objects import Storage
from voicechanger.tts.audio.formats import FORMATS
from voicechanger.tts.audio.loudness import Leveller
from voicechanger.tts.engine import SAMPLE_RATE, Engine, Plan, SpeechChunk, SpeedTarget, TimedWord
from voicechanger.tts.synthesize import synthesize
from voicechanger.tts.utterances import Script, Utterance
from voicechanger.tts.voice import DECODER_LAYERS, STYLE_SIZE, Voice

VOICE = Voice(np.zeros(STYLE_SIZE, np.float32), np.zeros((DECODER_LAYERS, 128), np.float32), 0.0, 0.0, 1.0, "1")


class Tones:
    """An engine that says each utterance as a tone of its own length and loudness, levelled as the real one does."""

    def __init__(self, *seconds: float) -> None:
        self.sizes = [round(s * SAMPLE_RATE) for s in seconds]
        self.began: tuple[int, float | None] | None = None

    def plan(self, script: Script, voice: Voice, target: SpeedTarget, going: Any = None) -> Plan:
        """Lengths as given."""
        none = tuple(np.ones(1, np.int64) for _ in self.sizes)
        return Plan(script, voice, none, (0,) * len(self.sizes), sum(self.sizes), sum(self.sizes) / SAMPLE_RATE)

    def speak(self, plan: Plan, first: int = 0, gain: float | None = None) -> Iterator[SpeechChunk]:
        """Tones, each softer or louder than the one before."""
        self.began = (first, gain)
        leveller = Leveller(gain=gain)
        for index in range(first, len(self.sizes)):
            tone = np.sin(np.arange(self.sizes[index]) * 0.1).astype(np.float32) * (0.02 + 0.1 * (index % 3))
            yield SpeechChunk(index, leveller.level(tone), (TimedWord(f"w{index}", 0, 1, index),), leveller.gain)


class Dying(Tones):
    """Stops after some utterances, as a worker does whose machine goes down."""

    def __init__(self, *seconds: float, after: int) -> None:
        super().__init__(*seconds)
        self._after = after

    def speak(self, plan: Plan, first: int = 0, gain: float | None = None) -> Iterator[SpeechChunk]:
        """The first tones, then an error."""
        for chunk in super().speak(plan, first, gain):
            if chunk.utterance == self._after:
                raise OSError("the machine went down")
            yield chunk


class Kept:
    """Parts in memory; dies once, after some."""

    def __init__(self, dies: int = 10**9) -> None:
        self.chunks: list[SpeechChunk] = []
        self._dies = dies

    def load(self, plan: Plan) -> Iterator[SpeechChunk]:
        """What was kept."""
        yield from list(self.chunks)

    def save(self, plan: Plan, chunk: SpeechChunk) -> None:
        """Keep, or die."""
        if len(self.chunks) == self._dies:
            self._dies = 10**9
            raise OSError("the machine went down")
        self.chunks.append(chunk)


def script(count: int) -> Script:
    return Script(tuple(Utterance(f"w{i}", "en-us", "a", (), i) for i in range(count)))


def told(engine: Tones, path: Path, form: str = "wav", **how: Any) -> list[float]:
    """The progress that was told."""
    shares: list[float] = []
    synthesize(cast(Engine, engine), script(len(engine.sizes)), VOICE, SpeedTarget(), path, form, shares.append, **how)
    return shares


def test_progress_is_the_share_of_the_sound_not_of_the_sentences(tmp_path: Path) -> None:
    seconds = [0.3] * 10 + [12.0, 0.5, 20.0]
    engine = Tones(*seconds)
    shares = told(engine, tmp_path / "a.wav")
    made = np.cumsum(seconds) / sum(seconds)
    assert np.abs(np.array(shares) - made).max() < 0.02
    assert shares[9] < 0.1 and shares[-1] == 1.0  # ten of thirteen sentences, a twelfth of the sound


def test_progress_goes_on_after_a_resumption(tmp_path: Path) -> None:
    kept = Kept(dies=3)
    with pytest.raises(OSError, match="went down"):
        told(Tones(1, 5, 2, 2), tmp_path / "a.wav", parts=kept)
    shares = told(Tones(1, 5, 2, 2), tmp_path / "a.wav", parts=kept)
    assert shares == pytest.approx([0.1, 0.6, 0.8, 1.0])


def test_a_resumed_recording_is_the_one_that_was_interrupted(tmp_path: Path) -> None:
    """The loudness of the first part is carried over the seam; levelled anew the third tone would jump."""
    lengths = (3, 1, 1, 1)
    told(Tones(*lengths), tmp_path / "whole.wav")
    kept = Kept(dies=2)
    with pytest.raises(OSError, match="went down"):
        told(Tones(*lengths), tmp_path / "first.wav", parts=kept)
    second = Tones(*lengths)
    told(second, tmp_path / "second.wav", parts=kept)
    assert second.began == (2, kept.chunks[1].gain)
    whole, resumed = (soundfile.read(tmp_path / name)[0] for name in ("whole.wav", "second.wav"))
    assert np.array_equal(whole, resumed)


@pytest.fixture
def stored(tmp_path: Path) -> Iterator[StoredParts]:
    """Parts in a folder of files."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    storage = Storage(f"file://{tmp_path / 'storage'}", LinkSigner(b"x" * 32, "http://localhost"), 60)
    yield StoredParts(cast(Any, SimpleNamespace(storage=storage)), loop, "parts")
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


@pytest.mark.parametrize("form", FORMATS)
def test_resuming_from_stored_parts_does_not_change_one_sample(form: str, tmp_path: Path, stored: StoredParts) -> None:
    """Scaled back by 32767 after 32768, one sample in thirteen differed."""
    lengths = (1.0, 0.5, 0.7, 0.4)
    whole, resumed = tmp_path / "whole", tmp_path / "resumed"
    told(Tones(*lengths), whole, form)
    with pytest.raises(OSError, match="went down"):
        told(Dying(*lengths, after=3), resumed, form, parts=stored)
    second = Tones(*lengths)
    told(second, resumed, form, parts=stored)
    assert second.began is not None and second.began[0] == 3
    if form == "opus":  # its pages carry a random number
        assert np.array_equal(soundfile.read(whole)[0], soundfile.read(resumed)[0])
    else:
        assert whole.read_bytes() == resumed.read_bytes()


def test_a_plan_is_hashed_once_however_many_parts_it_has(
    tmp_path: Path, stored: StoredParts, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: list[Plan] = []
    fingerprint = stored_parts.fingerprint

    def counted(plan: Plan) -> str:
        hashed.append(plan)
        return fingerprint(plan)

    monkeypatch.setattr(stored_parts, "fingerprint", counted)
    told(Tones(*[0.1] * 20), tmp_path / "a.wav", parts=stored)
    assert len(hashed) == 1


def test_parts_of_another_plan_are_ignored(tmp_path: Path, stored: StoredParts) -> None:
    with pytest.raises(OSError, match="went down"):
        told(Dying(0.2, 0.2, after=1), tmp_path / "a.wav", parts=stored)
    other = Tones(0.2, 0.3, 0.2)
    told(other, tmp_path / "a.wav", parts=stored)
    assert other.began == (0, None)


@pytest.mark.parametrize("form", FORMATS)
def test_memory_does_not_grow_with_the_length(tmp_path: Path, form: str) -> None:
    def peak(count: int) -> int:
        tracemalloc.start()
        told(Tones(*[2.0] * count), tmp_path / f"a.{form}", form)
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    peak(2)  # what is loaded once
    short, long = peak(5), peak(60)
    # the samples of the longer one are 11 MB
    assert long - short < 1_000_000, (short, long)


@pytest.mark.parametrize("audio_format", sorted(FORMATS))
def test_emitted_bytes_carry_the_share_that_they_complete(tmp_path: Path, audio_format: str) -> None:
    shares: list[float] = []

    def emit(data: bytes, share: float) -> None:
        shares.append(share)

    engine = cast(Engine, Tones(1.0, 2.0, 1.0))
    synthesize(engine, script(3), VOICE, SpeedTarget(), tmp_path / "out", audio_format, lambda _: None, emit=emit)
    assert shares == sorted(shares) and shares[-1] == 1.0
    assert set(shares) <= {0.0, 0.25, 0.75, 1.0} and 0.25 in shares
