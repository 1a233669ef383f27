"""The cost of any text grows with its length: counted in function calls, which no other load on the machine changes."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from voicechanger.tts.errors import TextError
from voicechanger.tts.symbols import SYMBOLS, has_sound
from voicechanger.tts.text.g2p import align
from voicechanger.tts.text.languages import supported
from voicechanger.tts.text.lexicon import needed
from voicechanger.tts.text.normalise.pieces import Scanner
from voicechanger.tts.text.script_writer import write_script

TAGS = [language.tag for language in supported()]
FRONTS = ["en-us", "fr", "ja", "zh"]
"""One language for each way of pronouncing."""
UNITS = ("1e9", "aBcD", "QXZ", "a@b.co", "http://a.b/c?d=e&", "XIV ", "(a) ", "½²①", "Dr. ")


def calls(work: Callable[[], object], of: str = "") -> int:
    """Calls of Python and C functions, or of those with one name, that the work makes."""
    count = 0

    def counted(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal count
        if event == "call":
            count += not of or frame.f_code.co_name == of
        elif event == "c_call":
            count += not of

    sys.setprofile(counted)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


def spoken(text: str, tag: str) -> None:
    with contextlib.suppress(TextError):
        write_script(text, tag)


@pytest.mark.parametrize("tag", FRONTS)
@pytest.mark.parametrize("unit", UNITS)
def test_twice_the_text_is_at_most_twice_the_work(tag: str, unit: str) -> None:
    spoken(unit * 10, tag)  # loads the language
    half, whole = (calls(lambda size=size: spoken((unit * size)[:size], tag)) for size in (600, 1200))
    assert whole < 2.3 * half + 20_000


@pytest.mark.parametrize("size", [200, 400, 2000])
def test_words_are_aligned_inside_a_band(size: int) -> None:
    words, line = ["ab"] * size, "ab" * size
    cells = calls(lambda: align.share_out(words, line, lambda each: each), of="_cost")
    assert cells < 4 * 3 * size * (2 * align.BAND + 8)


def test_one_word_is_not_aligned() -> None:
    asked: list[object] = []
    assert align.share_out(["ab"], "a b c", lambda words: asked.append(words) or [""]) == [(0, 5)]
    assert not asked


def test_a_band_gives_what_the_whole_table_gave() -> None:
    words = ["kˈɛs", "kˈə", "sˈɛ"] * 30
    line = "kɛskˌə sˈɛ " * 30
    spans = align.share_out(words, line.strip(), lambda each: each)
    assert [line[start:end] for start, end in spans] == ["kɛs", "kˌə", "sˈɛ"] * 30


@pytest.mark.parametrize("tag", ["es", "fr", "it", "pt-br"])
@pytest.mark.parametrize("count", [10, 60, 300])
def test_no_syllable_of_an_endless_word_is_lost(tag: str, count: int) -> None:
    phonemes = "".join(u.phonemes for u in write_script("banalo" * count, tag).utterances)
    assert phonemes.count("n") == count


def test_an_endless_hindi_word_is_not_broken_inside_a_syllable() -> None:
    script = write_script("नमस्ते" * 100, "hi")
    assert "".join(u.phonemes for u in script.utterances).count("m") == 100


@pytest.mark.parametrize("tag", ["en-us", "fr", "ja"])
@pytest.mark.parametrize("markup", ["<sub alias='{0}'>x</sub>", "<say-as interpret-as='characters'>{0}</say-as>"])
def test_what_is_read_as_a_whole_costs_no_more_than_a_sentence(tag: str, markup: str) -> None:
    spoken(markup.format("a1" * 3), tag)
    half, whole = (calls(lambda size=size: spoken(markup.format("a1" * size), tag)) for size in (300, 600))
    assert whole < 2.3 * half + 20_000


@pytest.mark.parametrize("tag", ["en-us", "es", "fr", "hi", "ja", "zh"])
@pytest.mark.parametrize(
    "text",
    [
        "http://a.b/c?d=e&" * 200,
        "1.2." + "3" * 400,
        "1.2." + "3" * 5000,
        "9" * 5000,
        "1/" + "9" * 5000,
        "$" + "9" * 5000 + ".50",
        "9" * 5000 + "%",
        "9" * 5000 + "º",
        "\u0301" * 3000 + "a",
        "a" + "\u0301\u0316" * 3000,
        "ﷺ5" * 500,
    ],
)
def test_a_huge_part_is_spoken_or_refused(tag: str, text: str) -> None:
    spoken(text, tag)


def test_a_long_run_of_marks_is_looked_up_once_for_each_length_of_an_entry() -> None:
    scanner = Scanner([], {}, {})
    entries = {"c++": "sˈe"}
    half, whole = (calls(lambda size=size: scanner.pieces("+" * size, entries)) for size in (1000, 2000))
    assert whole < 2.3 * half


def test_an_endless_character_reference_is_text() -> None:
    assert needed({"any": {"ia": "ˈia"}}, "IA &#" + "1" * 5000 + ";") == {"any": {"ia": "ˈia"}}
    assert needed({"any": {"ia": "ˈia"}}, "&#73;&#x41;") == {"any": {"ia": "ˈia"}}


def test_a_foreign_word_loads_its_language_once() -> None:
    write_script("我用word写。", "zh")
    assert calls(lambda: write_script("我用other写。", "zh"), of="raw_decode") == 0


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("# Title ##  \nText", ["Title", "Text"]),
        ("# a" + " " * 3000 + "b", ["a", "b"]),
        ("one <!-- a --> two <!-- b", ["one", "two", "b"]),
        ("``a`b", ["ab"]),
        ("|a|b|\n|-|-|" + " " * 3000 + "\n|c|d|", ["a", "b", "c", "d"]),
    ],
)
def test_marks_are_still_taken_out(text: str, words: list[str]) -> None:
    script = write_script(text, "en-us")
    assert [word.text.strip("`") for u in script.utterances for word in u.words if word.text.strip("<>!-`")] == words


MARKS = "[a]( [a](/a/) [pause:1s] <s>a</s> < &amp; *a _a `a ~~ |a| \u0301 a— … “a -"
OTHERS = "banalo x 7 é πβ 😀 你 あ नि Ａ"
PARTS = st.sampled_from([*UNITS, *MARKS.split(), *OTHERS.split(), "# ", "> ", "\n", " ", "\t", "5 km "])


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(parts=st.lists(st.tuples(PARTS, st.integers(1, 60)), min_size=1, max_size=5), tag=st.sampled_from(TAGS))
def test_any_text_in_any_language_is_spoken_or_refused(parts: list[tuple[str, int]], tag: str) -> None:
    text = "".join(part * count for part, count in parts)
    lexicon = {"any": {"c++": "sˈi", "x": "ˈɛks", "a": "ˈa"}}
    try:
        script = write_script(text, tag, lexicon=lexicon)
    except TextError:
        return
    for utterance in script.utterances:
        assert 1 <= len(utterance.phonemes) <= 500
        assert set(utterance.phonemes) <= SYMBOLS.keys()
        assert has_sound(utterance.phonemes)
        ends = [0, *(word.end for word in utterance.words)]
        for word, before in zip(utterance.words, ends, strict=False):
            assert before <= word.start <= word.end <= len(utterance.phonemes)
