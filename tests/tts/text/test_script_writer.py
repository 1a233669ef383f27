"""From a text to utterances: nothing left out, nothing too long, nothing that the model does not know."""

from __future__ import annotations

import pytest

from voicechanger.tts.errors import TextError
from voicechanger.tts.symbols import SYMBOLS
from voicechanger.tts.text.script_writer import SENTENCE_PAUSE, write_script
from voicechanger.tts.utterances import Script


def said(text: str, language: str = "en-us") -> list[str]:
    return [utterance.text for utterance in write_script(text, language).utterances]


def words(script: Script) -> list[str]:
    return [word.text for utterance in script.utterances for word in utterance.words]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("Hi! How are you?", ["Hi!", "How are you?"]),
        ("Dr. Smith met J. R. R. Tolkien at 3.30 p.m. on Jan. 5.", 1),
        ("It costs $3.50. Fine.", ["It costs $3.50.", "Fine."]),
        (
            "Well... maybe. See https://a.example/b.c?d=1. Ok.",
            ["Well… maybe.", "See https://a.example/b.c?d=1.", "Ok."],
        ),
        ("“Really?” she asked. “Yes.”", ["“Really?” she asked.", "“Yes.”"]),
        ("Version 3.11.2 is out! e.g. this one.", ["Version 3.11.2 is out!", "e.g. this one."]),
        ("C# and .NET are two.", 1),
        ("First line\nSecond line", ["First line", "Second line"]),
        ("She works at Acme Inc. in Paris.", 1),
    ],
)
def test_sentences(text: str, sentences: list[str] | int) -> None:
    if isinstance(sentences, int):
        assert len(said(text)) == sentences
    else:
        assert said(text) == sentences


def test_pauses_follow_the_layout() -> None:
    script = write_script("One. Two\nThree\n\nFour", "en-us")
    one, two, three, four = (u.pause_after for u in script.utterances)
    assert 0 < one == SENTENCE_PAUSE < two < three
    assert four == 0
    assert [u.sentence for u in script.utterances] == [0, 1, 2, 3]


@pytest.mark.parametrize("language", ["en-us", "en-gb", "auto"])
@pytest.mark.parametrize(
    ("text", "phonemes"), [("Hi!", "hˈI!"), ("A.", "ˈA."), ("WWW", "dˌʌbᵊljudˌʌbᵊljudˈʌbᵊlju."), ("5", "fˈIv.")]
)
def test_very_short_texts(text: str, phonemes: str, language: str) -> None:
    (utterance,) = write_script(text, language).utterances
    if language == "en-gb" and text == "WWW":
        phonemes = phonemes.replace("ᵊ", "")
        assert utterance.phonemes.count("j") == 3
        return
    assert utterance.phonemes == phonemes


def test_a_long_sentence_is_cut_at_clauses() -> None:
    clause = "the writer, who was paid by the word, had no reason at all to stop; "
    script = write_script("Because " + clause * 20 + "so it ended.", "en-us")
    assert len(script.utterances) > 5
    assert {u.sentence for u in script.utterances} == {0}
    assert all(len(u.phonemes) <= 200 for u in script.utterances)
    assert all(u.phonemes[-1] in ".;," for u in script.utterances)


@pytest.mark.parametrize(
    "text", ["word " * 600, "a," * 2000, "x" * 5000, "no-break-" * 300, "—" * 3000 + "end", "1" * 3000]
)
def test_no_utterance_is_too_long(text: str) -> None:
    script = write_script(text, "en-us")
    assert all(1 <= len(u.phonemes) <= 500 for u in script.utterances)
    assert all(0 <= w.start < w.end <= len(u.phonemes) for u in script.utterances for w in u.words)
    assert [c for word in words(script) for c in word if c.isalnum()] == [c for c in text if c.isalnum()]


@pytest.mark.slow
def test_a_hundred_thousand_characters() -> None:
    text = "Dr. Smith paid $12.50 at 7:30 pm, and left for 221B Baker Street. " * 1500
    script = write_script(text[:100_000], "auto")
    assert len({u.sentence for u in script.utterances}) == 1500
    assert len({u.phonemes for u in script.utterances}) == 1
    assert script.languages == ("en-us",)


@pytest.mark.parametrize("nothing", ["", "   ", "\n\n", "…", "😀 🎉", "?!", "\u200b\u00ad", "***", "—"])
def test_nothing_speakable(nothing: str) -> None:
    with pytest.raises(TextError) as refused:
        write_script(nothing)
    assert refused.value.code == "text_not_speakable"


@pytest.mark.parametrize(
    ("text", "language", "named"),
    [
        ("مرحبا", "auto", "Arabic"),
        ("Hello Привет", "auto", "Cyrillic"),
        ("שלום", "en-us", "Hebrew"),
        ("สวัสดี", "ja", "Thai"),
        ("안녕", "auto", "Hangul"),
        ("Hello 你好", "en-us", "你好"),
        ("Hola नमस्ते", "es", "Devanagari"),
    ],
)
def test_scripts_that_are_not_spoken(text: str, language: str, named: str) -> None:
    with pytest.raises(TextError) as refused:
        write_script(text, language)
    assert refused.value.code == "unsupported_script"
    assert named in refused.value.message


@pytest.mark.parametrize("language", ["", "xx", "de", "klingon"])
def test_unknown_language_names_the_known(language: str) -> None:
    with pytest.raises(TextError) as refused:
        write_script("Hello", language)
    assert refused.value.code == "unsupported_language"
    assert "en-us" in refused.value.message
    assert "pt-br" in refused.value.message


@pytest.mark.parametrize(
    ("name", "tag"), [("EN", "en-us"), ("en_GB", "en-gb"), ("English", "en-us"), ("en-AU", "en-gb")]
)
def test_language_names(name: str, tag: str) -> None:
    assert write_script("Hello", name).languages == (tag,)


def test_emoji_and_invisible_characters_are_not_read() -> None:
    plain = write_script("Great work, well done.", "en-us")
    dressed = write_script("\ufeffGreat\u200b wo\u00adrk 🎉👩\u200d🚀, \u202ewell\u0007 done.", "en-us")
    assert [u.phonemes for u in dressed.utterances] == [u.phonemes for u in plain.utterances]


def test_letters_of_other_alphabets_that_look_plain() -> None:
    assert words(write_script("𝐇𝐞𝐥𝐥𝐨 Ｗｏｒｌｄ, ﬁne", "en-us")) == ["Hello", "World", "fine"]


MARKDOWN = """# Title

**Bold** and *soft* `code`, [link](https://x.example) ~~gone~~.

- one
- two

> quoted

---

| a | b |
|---|---|
| c | d |
"""


def test_markdown_marks_are_not_read() -> None:
    script = write_script(MARKDOWN, "en-us")
    assert " ".join(words(script)) == "Title Bold and soft code link gone one two quoted a b c d"
    assert all(set(u.phonemes) <= SYMBOLS.keys() for u in script.utterances)


def test_arithmetic_is_no_markdown() -> None:
    assert "tˈImz" in write_script("2 * 3 * 4", "en-us").utterances[0].phonemes
    assert words(write_script("snake_case_name", "en-us")) == ["snake_case_name"]


def test_wrapped_lines_are_one_sentence() -> None:
    text = "This sentence was broken by the width of the page on which it was\nwritten, not by its writer."
    assert len(write_script(text, "en-us").utterances) == 1
