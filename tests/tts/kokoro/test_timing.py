"""Durations: exact to the sample, and every sound within what it can bear.  No model needed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from voicechanger.tts.engine import SAMPLE_RATE
from voicechanger.tts.errors import PaceError
from voicechanger.tts.kokoro.timing import Reading, Timing, decide

TEXTS = ("hˈI!", "ðə kwˈɪk bɹˈWn fˈɑks ʤˈʌmps.", "A", "wˌʌt, ænd wˈI?", "s" * 300)


@st.composite
def readings(draw: st.DrawFn) -> list[Reading]:
    made: list[Reading] = []
    for _ in range(draw(st.integers(1, 6))):
        phonemes = draw(st.sampled_from(TEXTS))
        seed = draw(st.integers(0, 2**32 - 1))
        frames = np.random.default_rng(seed).gamma(2.0, 1.5, len(phonemes) + 2).astype(np.float32) + 1
        frames[0], frames[-1] = 13.0, 1.0
        made.append(Reading(phonemes, frames, draw(st.floats(0, 2)), draw(st.booleans())))
    return made


def whole(timing: Timing, given: list[Reading]) -> int:
    return sum(timing.lengths([r.phonemes for r in given])) + sum(timing.pauses)


@settings(deadline=None, max_examples=200)
@given(readings(), st.floats(0, 1))
@example([Reading("hˈI.", np.array([13, 9, 5, 2, 13, 1], np.float32), 0.0, False)], 0.0)
@example(
    [
        Reading("A", np.array([13, 5, 1], np.float32), 1.0, True),
        Reading("A", np.array([13, 5, 1], np.float32), 0.0, False),
    ],
    0.0,
)
def test_any_reachable_duration_is_met_to_the_sample(given: list[Reading], place: float) -> None:
    with pytest.raises(PaceError) as far:
        decide(given, 1.0, 600.0 * 24)
    wanted = far.value.shortest + place * (far.value.longest - far.value.shortest)

    timing, samples, _ = decide(given, 1.0, wanted)

    assert samples == round(wanted * SAMPLE_RATE) == whole(timing, given)
    assert min(timing.pauses) >= 0
    assert all((f >= 1).all() for f in timing.frames)


@settings(deadline=None, max_examples=60)
@given(readings(), st.floats(0.5, 600), st.floats(1 / 3.9, 3.9))
@example([Reading("hˈI.", np.array([13, 9, 5, 2, 13, 1], np.float32), 0.0, False)], 0.5, 1.0)
@example([Reading("hˈI.", np.array([13, 9, 5, 2, 13, 1], np.float32), 0.3, False)], 600.0, 3.9)
@example([Reading("s" * 300, np.full(302, 4.0, np.float32), 0.3, False)], 600.0, 1 / 3.9)
def test_from_half_a_second_to_ten_minutes(given: list[Reading], wanted: float, pace: float) -> None:
    """Of a text that by nature lasts about `pace` times as long: past a factor of two a stretch does the rest."""
    _, _, once = decide(given, 1.0, None)
    given = given * max(1, round(wanted * pace / once))
    with pytest.raises(PaceError) as far:
        decide(given, 1.0, 1e9)
    assume(far.value.shortest <= wanted <= far.value.longest)

    timing, samples, _ = decide(given, 1.0, wanted)

    assert abs(samples / SAMPLE_RATE - wanted) <= 0.5 / SAMPLE_RATE
    assert whole(timing, given) == samples
    assert min(timing.pauses) >= 0 and all((f >= 1).all() for f in timing.frames)


@settings(deadline=None, max_examples=30)
@given(readings(), st.floats(0.25, 4))
def test_speed_divides_all_but_the_fixed_pauses(given: list[Reading], speed: float) -> None:
    _, base, natural = decide(given, 1.0, None)
    assert natural == base / SAMPLE_RATE
    fixed = sum(round(r.pause * SAMPLE_RATE) for r in given if r.fixed)

    timing, samples, _ = decide(given, speed, None)

    assert abs(samples - (fixed + (base - fixed) / speed)) <= 1
    assert whole(timing, given) == samples and min(timing.pauses) >= 0


def test_natural_speed_keeps_the_models_own_durations() -> None:
    reading = Reading("hˈI!", np.array([13.0, 2.4, 5.6, 11.5, 8.0, 1.0], np.float32), 0.0, False)
    timing, _, _ = decide([reading], 1.0, None)
    assert timing.frames[0].tolist() == [13, 2, 6, 12, 8, 1]
    assert timing.stretch == 1.0


def test_slower_speech_lengthens_vowels_more_than_consonants() -> None:
    phonemes = "sA" * 40 + "."
    frames = np.full(len(phonemes) + 2, 4.0, np.float32)
    timing, _, _ = decide([Reading(phonemes, frames, 0.0, False)], 0.6, None)
    inner = timing.frames[0][1:-3]
    assert inner[1::2].mean() > 1.15 * inner[0::2].mean()
    assert timing.stretch == 1.0


def test_a_pause_in_seconds_is_never_stretched() -> None:
    frames = np.full(8, 4.0, np.float32)
    given = [Reading("sAsAsA", frames, 0.8, True), Reading("sAsAsA", frames, 0.0, False)]
    slow, _, _ = decide(given, 0.5, None)
    fast, _, _ = decide(given, 2.0, None)
    assert abs(slow.pauses[0] - fast.pauses[0]) < 0.15 * SAMPLE_RATE


@pytest.mark.parametrize("speed", [0.2, 4.1, float("nan"), float("inf"), -1.0])
def test_a_speed_out_of_range_is_refused(speed: float) -> None:
    with pytest.raises(PaceError) as refused:
        decide([Reading("sA", np.full(4, 4.0, np.float32), 0.0, False)], speed, None)
    assert refused.value.code == "speed_out_of_range"


@pytest.mark.parametrize("duration", [0.0, -1.0, 1e9, float("nan")])
def test_a_duration_out_of_reach_tells_the_bounds(duration: float) -> None:
    with pytest.raises(PaceError) as refused:
        decide([Reading("sA", np.full(4, 4.0, np.float32), 0.0, False)], 1.0, duration)
    assert refused.value.code == "duration_out_of_reach"
    assert 0 < refused.value.shortest < refused.value.longest


def test_a_book_is_planned_in_moments() -> None:
    frames = np.random.default_rng(0).gamma(2.0, 1.5, 82).astype(np.float32) + 1
    given = [Reading("sA" * 40, frames, 0.3, False)] * 1200
    timing, samples, natural = decide(given, 1.3, None)
    assert whole(timing, given) == samples
    assert abs(samples / SAMPLE_RATE - natural / 1.3) < 0.001
