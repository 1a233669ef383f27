"""Rules that keep the written word, and cutting into utterances."""

from __future__ import annotations

import re

import pytest

from voicechanger.tts.text.language import Pronounced
from voicechanger.tts.text.normalise.rewrite import SpokenText, lexicon_rules, rewrite
from voicechanger.tts.text.normalise.rules import Rule
from voicechanger.tts.text.split_utterances import split as cut
from voicechanger.tts.utterances import Word

RULES: list[Rule] = [
    Rule(re.compile(r"\$(\d)"), lambda m: f"{m[1]} dollars"),
    Rule(re.compile(r"\d"), lambda m: "digit"),
    Rule(re.compile(r"!"), lambda _: None),
]


def test_what_one_rule_took_no_later_rule_sees() -> None:
    assert SpokenText(rewrite("$5 or 7!", RULES)).text == "5 dollars or digit!"


def test_written_words_keep_their_spans() -> None:
    written = "Pay “$5”—or 7a, ok…"
    words = [written[start:end] for start, end in rewrite(written, RULES).words()]
    assert words == ["Pay", "$5", "or", "7a", "ok"]


def test_spoken_characters_know_where_they_were_written() -> None:
    rewritten = rewrite("a $5 b", RULES)
    spoken = SpokenText(rewritten)
    assert [spoken.written_at(spoken.text.index(word)) for word in ("a ", "dollars", "b")] == [0, 2, 5]


def test_a_spoken_piece_does_not_grow_together_with_letters() -> None:
    assert SpokenText(rewrite("x7y", RULES)).text == "x digit y"


def test_lexicon_takes_whole_words_and_phrases_only() -> None:
    rules = lexicon_rules({"cat": "1", "new york": "2", "c++": "3"}, lambda phonemes: f"<{phonemes}>")
    assert SpokenText(rewrite("Cat cats (cat) New York, C++ cat's", rules)).text == "<1> cats (<1>) <2>, <3> <1>'s"


def sentence(*words: str) -> Pronounced:
    phonemes, found = "", list[Word]()
    for word in words:
        phonemes += " " if phonemes else ""
        sound = word.rstrip(",;.")
        found.append(Word(sound, len(phonemes), len(phonemes) + len(sound)))
        phonemes += word
    return Pronounced(phonemes, tuple(found))


def test_a_short_sentence_stays_whole() -> None:
    whole = sentence("wʌn,", "tu.")
    assert list(cut(whole)) == [whole]


def test_a_long_sentence_is_cut_after_the_comma() -> None:
    parts = list(cut(sentence(*["wɜɹd"] * 30, "ɛnd,", *["wɜɹd"] * 30)))
    assert [part.phonemes[-4:] for part in parts] == ["ɛnd,", "wɜɹd"]


@pytest.mark.parametrize("size", [1, 199, 200, 201, 499, 500, 501, 5000])
def test_no_part_passes_the_limit_and_no_sound_is_lost(size: int) -> None:
    for whole in (sentence("a" * size), sentence(*["ab"] * size), sentence(*["ab,"] * size)):
        parts = list(cut(whole))
        assert all(0 < len(part.phonemes) <= 500 for part in parts)
        sounds = "".join(p.phonemes[w.start : w.end] for p in parts for w in p.words)
        assert sounds == "".join(whole.phonemes[w.start : w.end] for w in whole.words)
        assert "".join(w.text for p in parts for w in p.words) == "".join(w.text for w in whole.words)


def test_a_flood_of_marks_between_words_is_bounded() -> None:
    phonemes = "a" + "—" * 2000 + "b"
    (part,) = cut(Pronounced(phonemes, (Word("a", 0, 1), Word("b", 2001, 2002))))
    assert part.phonemes == "a—b"
    assert [part.phonemes[w.start : w.end] for w in part.words] == ["a", "b"]
