"""Word times, from durations alone."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from voicechanger.tts.engine import SAMPLE_RATE, TimedWord
from voicechanger.tts.kokoro.layout import kept_span
from voicechanger.tts.kokoro.network import SAMPLES_PER_FRAME
from voicechanger.tts.kokoro.words import timed_words
from voicechanger.tts.utterances import Utterance, Word

PHONEMES = "ðə ˈA sˈi."
UTTERANCE = Utterance("The A sea.", "en-us", PHONEMES, (Word("The", 0, 2), Word("A", 3, 5), Word("sea.", 6, 9)), 0)
FRAME = SAMPLES_PER_FRAME / SAMPLE_RATE


def times(frames: list[int], stretch: float = 1.0, start: float = 0.0) -> tuple[TimedWord, ...]:
    counts = np.array(frames)
    return timed_words(UTTERANCE, counts, kept_span(counts, PHONEMES), stretch, start)


@given(st.lists(st.integers(1, 12), min_size=len(PHONEMES) + 2, max_size=len(PHONEMES) + 2))
def test_words_stand_in_order_and_inside_whatever_the_durations(frames: list[int]) -> None:
    words = times(frames)
    length = kept_span(np.array(frames), PHONEMES).frames * FRAME
    assert all(0 <= word.start <= word.end <= length + 1e-9 for word in words)
    assert all(one.end <= other.start for one, other in itertools.pairwise(words))


def test_a_word_begins_further_ahead_in_the_flow_than_out_of_silence() -> None:
    # Six frames are kept before the first symbol; ð, ə and the space last five each.
    first, second, _ = times([13, 5, 5, 5, 2, 6, 5, 5, 2, 6, 8, 15])
    assert np.isclose(first.start, (6 - 1.5) * FRAME)
    assert np.isclose(first.end, (6 + 10 - 2) * FRAME)
    assert np.isclose(second.start, (6 + 15 - 4.5) * FRAME)


def test_a_stretch_and_a_late_start_move_all_words_alike() -> None:
    frames = [13, 5, 5, 5, 2, 6, 5, 5, 2, 6, 8, 15]
    plain, moved = times(frames), times(frames, stretch=0.5, start=3.0)
    assert [(w.start, w.end) for w in moved] == [(3 + w.start / 2, 3 + w.end / 2) for w in plain]
