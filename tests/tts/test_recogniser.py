"""What the recogniser hears in real recordings, and what it keeps silent about."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile as sf
import soxr

from tests.support.kokoro import models
from voicechanger.tts import recogniser
from voicechanger.tts.errors import MissingPart
from voicechanger.tts.kokoro.vocabulary import SYMBOLS
from voicechanger.tts.recogniser import Whisper, bare_words

__all__ = ["models"]

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


@pytest.fixture(scope="module")
def whisper(models: Path) -> Whisper:
    return Whisper(models, 2)


def sound() -> np.ndarray:
    samples, rate = sf.read(EXAMPLES / "reference.wav", dtype="float32")
    return np.asarray(soxr.resample(samples, rate, 16_000), np.float32)


def test_passages_say_what_is_heard_and_where(whisper: Whisper) -> None:
    segments = whisper.segments(sound())
    assert segments and all(0 <= p.start < p.end <= sound().size / 16_000 for p in segments)
    assert all(p.phonemes and set(p.phonemes) <= SYMBOLS.keys() for p in segments)
    assert sum(p.end - p.start for p in segments) > 4


def test_words_of_a_text(whisper: Whisper) -> None:
    assert len(whisper.words(sound(), "en")) > 8


def test_silence_and_noise_hold_no_segments(whisper: Whisper) -> None:
    rng = np.random.default_rng(0)
    assert whisper.segments(np.zeros(80_000, np.float32)) == []
    assert whisper.segments((0.05 * rng.normal(size=80_000)).astype(np.float32)) == []


def segment(start: float, end: float, text: str, logprob: float = -0.2, silence: float = 0.0) -> SimpleNamespace:
    return SimpleNamespace(start=start, end=end, text=text, avg_logprob=logprob, no_speech_prob=silence)


def test_sure_neighbours_are_joined_and_unsure_ones_left_out() -> None:
    segments = [
        segment(0.5, 4.0, " Good morning."),
        segment(4.0, 8.0, " How are you?"),
        segment(8.0, 9.0, " Mumble.", logprob=-1.5),
        segment(9.0, 15.0, " I am well."),
        segment(15.0, 29.0, " This one is long."),
    ]
    found = recogniser.joined(segments, "en-us", 30.0)
    assert [(round(p.start, 2), round(p.end, 2)) for p in found] == [(0.3, 8.0), (9.0, 15.0), (15.0, 29.3)]
    assert "mˈɔɹnɪŋ" in found[0].phonemes and found[0].phonemes.endswith("ju?")


def test_bare_words() -> None:
    assert bare_words("Don’t — stop, 42!") == ["don't", "stop", "42"]


def test_where_it_is_absent_the_command_is_told(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recogniser, "is_installed", lambda: False)
    with pytest.raises(MissingPart, match=r"voicechanger\[refinement\]"):
        Whisper(models)


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "whisper-base").write_text("in the way")
    with pytest.raises(MissingPart, match="voicechanger models"):
        recogniser.prepare(tmp_path)
