"""Melody and rhythm that carry over the joins of a long sentence."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.support.recogniser import recognise, spoken_words
from voicechanger.tts.engine import SAMPLE_RATE, SpeedTarget
from voicechanger.tts.kokoro.context import AFTER, BEFORE, around, read_in_place
from voicechanger.tts.kokoro.engine import KokoroEngine
from voicechanger.tts.kokoro.network import CURVE_RATE
from voicechanger.tts.kokoro.vocabulary import MAX_SYMBOLS, token_ids
from voicechanger.tts.text.script_writer import write_script
from voicechanger.tts.utterances import Script, Utterance

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "reference.wav"
LONG = (
    "When the old keeper had climbed the winding stairs for the last time that winter, and had lit the great lamp "
    "before the first of the ships came in, he sat down by the window with a cup of cold tea, looked out over the "
    "water, and wondered whether anybody would ever thank him."
)


def utterance(phonemes: str, sentence: int = 0, language: str = "en-us", fixed: bool = False) -> Utterance:
    return Utterance("x", language, phonemes, (), sentence, fixed_pause=fixed)


def test_only_what_is_spoken_on_is_context() -> None:
    a, b = utterance("wˈʌn tˈu,"), utterance("θɹˈi.")
    assert around([a, b], 0) == ("", " θɹˈi.")
    assert around([a, b], 1) == ("wˈʌn tˈu, ", "")
    assert around([a, utterance("θɹˈi.", sentence=1)], 1) == ("", "")
    assert around([a, utterance("θɹˈi.", language="es")], 1) == ("", "")
    assert around([utterance("wˈʌn", fixed=True), b], 1) == ("", "")
    assert around([b], 0) == ("", "")


@pytest.mark.parametrize("size", [1, 200, 400, 499])
def test_context_is_whole_words_and_never_too_much(size: int) -> None:
    neighbour = " ".join(["wˈʌn"] * 99)
    before, after = around([utterance(neighbour), utterance("a" * size), utterance(neighbour)], 1)
    assert len(before) <= BEFORE and len(after) <= AFTER
    assert len(before) + size + len(after) <= MAX_SYMBOLS
    assert before.split() == ["wˈʌn"] * len(before.split()) and after.split() == ["wˈʌn"] * len(after.split())


def semitones_at_the_start(pitch: np.ndarray, reference: np.ndarray) -> float:
    voiced = (pitch[:40] > 60) & (reference[:40] > 60)
    return float(np.mean(12 * np.log2(pitch[:40][voiced] / reference[:40][voiced])))


@pytest.mark.slow
def test_the_second_part_begins_where_the_first_one_left_the_voice(engine: KokoroEngine) -> None:
    """Against the sentence read in one go: alone the part begins more than three semitones higher."""
    samples, rate = soundfile.read(EXAMPLE, dtype="float32")
    style, network = engine.encode(samples, rate).style, engine._network
    first, second = write_script(LONG, "en-us").utterances
    whole = network.read(token_ids(f"{first.phonemes} {second.phonemes}"), style)
    counts = np.maximum(1, np.round(whole.durations)).astype(np.int64)
    start = 1 + len(first.phonemes) + 1
    own = counts[start : start + len(second.phonemes)]
    reference = network.intone(whole, counts, style).pitch.ravel()[CURVE_RATE * counts[:start].sum() :]

    def pitch_of(utterances: list[Utterance], index: int) -> np.ndarray:
        frames = np.concatenate([[13], own, [1]])
        read = read_in_place(network, utterances, index, style)
        return read.curves(network, frames, style).pitch.ravel()[CURVE_RATE * 13 :]

    assert semitones_at_the_start(pitch_of([second], 0), reference) > 3
    assert abs(semitones_at_the_start(pitch_of([first, second], 1), reference)) < 1


@pytest.mark.slow
def test_every_word_of_a_long_sentence_is_heard(engine: KokoroEngine) -> None:
    script = write_script(LONG, "en-us")
    assert len(script.utterances) == 2
    plan = engine.plan(script, engine.stock_voice("af_heart"), SpeedTarget())
    chunks = list(engine.speak(plan))
    whole = np.concatenate([chunk.samples for chunk in chunks])
    assert whole.size == plan.samples
    assert spoken_words(recognise(whole, SAMPLE_RATE, "en")) == spoken_words(LONG)
    (resumed,) = engine.speak(plan, 1, chunks[0].gain)
    assert np.array_equal(resumed.samples, chunks[1].samples)


def test_a_sentence_alone_is_read_as_before() -> None:
    script = Script((utterance("wˈʌn."), utterance("tˈu.", 1)))
    assert [around(script.utterances, i) for i in range(2)] == [("", "")] * 2
