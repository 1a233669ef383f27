"""The real model speaks what it was asked, as long as it was asked, in flat memory."""

from __future__ import annotations

import dataclasses
import functools
from typing import Any

import numpy as np
import psutil
import pytest
from hibari.g2p import G2P

from tests.support.recogniser import recognise, recognise_words, spoken_words
from voicechanger.tts.engine import SAMPLE_RATE, SpeedTarget
from voicechanger.tts.errors import SynthesisError, TextError
from voicechanger.tts.kokoro.decode import CORE, decode, windows
from voicechanger.tts.kokoro.engine import KokoroEngine
from voicechanger.tts.kokoro.layout import Span
from voicechanger.tts.kokoro.network import Curves
from voicechanger.tts.kokoro.prosody import layer_styles
from voicechanger.tts.kokoro.vocabulary import token_ids
from voicechanger.tts.utterances import Script, Utterance, Word

FOX = "The quick brown fox jumps over the lazy dog."
pytestmark = pytest.mark.slow


@functools.cache
def _g2p() -> Any:
    return G2P(british=False)


def utterance(text: str, index: int = 0, pause: float = 0.3) -> Utterance:
    result = _g2p()(text)
    phonemes: str = result[0] if isinstance(result, tuple) else result
    words: list[Word] = []
    at = 0
    for written, part in zip(text.split(), phonemes.split(" "), strict=True):
        words.append(Word(written, at, at + len(part.rstrip(".,!?"))))
        at += len(part) + 1
    return Utterance(text, "en-us", phonemes, tuple(words), index, pause)


def script(*texts: str) -> Script:
    return Script(tuple(utterance(t, i) for i, t in enumerate(texts)))


def test_words_are_heard_where_the_plan_says(engine: KokoroEngine) -> None:
    plan = engine.plan(script(FOX), engine.stock_voice("af_heart"), SpeedTarget())
    (chunk,) = engine.speak(plan)
    heard = recognise_words(chunk.samples, SAMPLE_RATE, "en")
    assert spoken_words(" ".join(h.text for h in heard)) == spoken_words(FOX)
    off = [abs(h.end - w.end) for h, w in zip(heard, chunk.words, strict=True)]
    assert np.median(off) < 0.1
    ends = [w.end for w in chunk.words]
    assert ends == sorted(ends)


def test_a_target_length_is_met_to_the_sample_and_still_understood(engine: KokoroEngine) -> None:
    plan = engine.plan(script(FOX, "Yes!"), engine.stock_voice("am_adam"), SpeedTarget(duration=5.1234))
    chunks = list(engine.speak(plan))
    whole = np.concatenate([c.samples for c in chunks])
    assert whole.size == plan.samples == round(5.1234 * SAMPLE_RATE)
    assert [c.utterance for c in chunks] == [0, 1]
    assert np.abs(whole).max() <= 1
    assert spoken_words(recognise(whole, SAMPLE_RATE, "en"))[:9] == spoken_words(FOX)


def test_speaking_goes_on_where_it_stopped(engine: KokoroEngine) -> None:
    plan = engine.plan(script("Stop it.", "Yes!"), engine.stock_voice("af_heart"), SpeedTarget())
    first, second = list(engine.speak(plan))
    (resumed,) = engine.speak(plan, first=1, gain=first.gain)
    assert resumed.utterance == 1
    # as if nothing had happened, loudness included: levelled anew it would jump
    assert np.array_equal(resumed.samples, second.samples)
    (anew,) = engine.speak(plan, first=1)
    assert not np.allclose(anew.samples, second.samples, atol=1e-3)
    assert resumed.words == second.words
    assert second.words[0].start > first.samples.size / SAMPLE_RATE


def test_what_the_model_cannot_say_fails_and_says_where(engine: KokoroEngine) -> None:
    voice = engine.stock_voice("af_heart")
    with pytest.raises(TextError, match="Sentence 1"):
        engine.plan(Script((Utterance("…", "en-us", "...", (), 0),)), voice, SpeedTarget())
    plan = engine.plan(script("Stop it."), voice, SpeedTarget())
    voice.offsets[:] = np.nan
    with pytest.raises(SynthesisError) as failed:
        list(engine.speak(plan))
    assert failed.value.utterance == 0


def test_pitch_goes_where_the_voice_lies(engine: KokoroEngine) -> None:
    voice = engine.stock_voice("af_heart")
    low = dataclasses.replace(voice, pitch_median=120.0, pitch_range=0.0)
    pitch = engine._pitch_map(low)
    assert pitch.target == 120.0
    features = engine._network.read(token_ids("mˈI nˈAm."), voice.style)
    frames = np.maximum(1, np.round(features.durations)).astype(np.int64)
    curves = engine._network.intone(features, frames, voice.style)
    moved = pitch.apply(curves)
    voiced = curves.pitch > 100
    ratio = moved.pitch[voiced] / curves.pitch[voiced]
    assert np.allclose(ratio, 120.0 / pitch.centre, rtol=0.02)
    assert np.array_equal(moved.pitch[curves.pitch <= 10], curves.pitch[curves.pitch <= 10])


def test_windows_sound_as_the_whole_does(engine: KokoroEngine) -> None:
    voice = engine.stock_voice("af_heart")
    more = "and the old man, who had seen it all before, went home to his cat, and slept until the sun was up again."
    text = f"{FOX[:-1]}, {more}"
    features = engine._network.read(token_ids(utterance(text).phonemes), voice.style)
    frames = np.maximum(1, np.round(features.durations)).astype(np.int64)
    curves = engine._network.intone(features, frames, voice.style)
    cores = list(windows(curves, int(frames.sum())))
    assert len(cores) > 1
    assert [a for _, a in cores[:-1]] == [b for b, _ in cores[1:]]
    assert all(stop - start <= CORE for start, stop in cores)
    styles, span = layer_styles(voice.style, voice.offsets), Span(0, int(frames.sum()))
    pieces = decode(engine._network, features, frames, curves, styles, span, whole=0)
    whole = decode(engine._network, features, frames, curves, styles, span, whole=10**9)
    tenths = [x[: x.size // 2400 * 2400].reshape(-1, 2400) for x in (pieces, whole)]
    levels = [20 * np.log10(np.sqrt((x**2).mean(1)) + 1e-3) for x in tenths]
    assert np.abs(levels[0] - levels[1]).mean() < 1.5
    assert spoken_words(recognise(pieces, SAMPLE_RATE, "en")) == spoken_words(recognise(whole, SAMPLE_RATE, "en"))


def test_windows_cover_every_frame() -> None:
    rng = np.random.default_rng(0)
    for frames in (1, CORE, CORE + 1, 5 * CORE + 7):
        curves = Curves(rng.uniform(0, 200, (1, 2 * frames)), rng.normal(size=(1, 2 * frames)))
        cores = list(windows(curves, frames))
        assert cores[0][0] == 0
        assert cores[-1][1] == frames
        assert all(0 < stop - start <= CORE for start, stop in cores)


def test_memory_stays_flat_over_many_sentences(engine: KokoroEngine) -> None:
    plan = engine.plan(script(*["Stop it, please."] * 8), engine.stock_voice("af_heart"), SpeedTarget())
    resident: list[int] = []
    for _ in engine.speak(plan):
        resident.append(psutil.Process().memory_info().rss)
    assert max(resident[4:]) - max(resident[:4]) < 60e6
