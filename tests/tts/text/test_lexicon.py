"""The reader's own pronunciations: which words may be entries, where they are found, and which a text needs."""

from __future__ import annotations

import pytest

from voicechanger.tts.errors import TextError
from voicechanger.tts.text.lexicon import LONGEST_WORD, needed, written_form
from voicechanger.tts.text.script_writer import write_script

SOUND = "zˈuz"


def said(text: str, language: str, *words: str, tag: str = "any") -> str:
    """Phonemes of a text under a lexicon in which every word has one sound."""
    script = write_script(text, language, lexicon={tag: dict.fromkeys(words, SOUND)})
    return " ".join(u.phonemes for u in script.utterances)


def test_an_entry_wins() -> None:
    script = write_script("Ask Nguyen.", "en-us", lexicon={"any": {"Nguyen": "wˈɪn"}})
    assert script.utterances[0].phonemes.endswith("wˈɪn.")


@pytest.mark.parametrize("phonemes", ["ж", "", "  ", "ˈ", "ok9"])
def test_what_cannot_be_spoken_is_refused(phonemes: str) -> None:
    with pytest.raises(TextError) as refused:
        write_script("Hi", lexicon={"any": {"hi": phonemes}})
    assert refused.value.code == "unknown_phonemes"


FOUND = [
    ("en-us", "Ask ANAÏS, anaïs and Anaïs.", "anaïs", 3),
    ("en-us", "Anaïs's car, Anaïs-like, the vice-Anaïs.", "Anaïs", 3),
    ("en-us", "C++, (5G) and AT&T.", "c++", 1),
    ("en-us", "C++, (5G) and AT&T.", "5g", 1),
    ("en-us", "C++, (5G) and AT&T.", "at&t", 1),
    ("en-gb", "Don’t.", "don't", 1),
    ("es", "La IA, «IA» y ex-IA: IA-uno.", "ia", 4),
    ("fr", "Le vélo d'Anaïs, l’Anaïs de Lyon, jusqu'Anaïs.", "anaïs", 3),
    ("fr", "l'IA", "ia", 1),
    ("fr", "C'est cela.", "c", 0),
    ("it", "dell'IA, un'IA, IA", "ia", 3),
    ("pt-br", "A IA da IA.", "ia", 2),
    ("hi", "यह IA और 5G है।", "5g", 1),
    ("ja", "IAはC++と5Gです。", "c++", 1),
    ("ja", "IAはC++と5Gです。", "5g", 1),
    ("ja", "IAとIASTです。", "ia", 1),
    ("zh", "我用C++和5G。", "c++", 1),
    ("zh", "我用C++和5G。", "5g", 1),
    ("zh", "林心如来了。", "心如", 1),
]


@pytest.mark.parametrize(("language", "text", "word", "times"), FOUND)
def test_where_an_entry_is_found(language: str, text: str, word: str, times: int) -> None:
    assert said(text, language, word).count(SOUND) == times


def test_an_elided_word_keeps_its_own_sound() -> None:
    assert said("Le vélo d'Anaïs.", "fr", "anaïs").endswith(f" d{SOUND}.")
    assert said("Il dit qu'Anaïs vient.", "fr", "anaïs").startswith(f"il dˈi k{SOUND}")


def test_a_language_keeps_its_own_entries() -> None:
    lexicon = {"any": {"chat": "ʧˈæt"}, "fr": {"chat": "ʃˈa"}}
    text = '<lang xml:lang="fr">Le chat.</lang> <lang xml:lang="en-us">A chat.</lang>'
    french, english = write_script(text, "en-us", lexicon=lexicon).utterances
    assert "ʃˈa" in french.phonemes and "ʧˈæt" in english.phonemes
    assert "ʃˈa" not in said("Le chat.", "es", "chat", tag="fr")


@pytest.mark.parametrize(
    ("word", "kept"),
    [("Nguyen", "Nguyen"), (" C++ ", "C++"), ("don’t", "don't"), ("e\u0301te\u0301", "été"), ("Ｗｏｒｄ", "Word")],
)
def test_a_word_is_kept_as_a_text_holds_it(word: str, kept: str) -> None:
    assert written_form(word) == kept


@pytest.mark.parametrize("word", ["", "…", "New York", "«mot»", "Dr.", "¿que", "a—b", "x" * (LONGEST_WORD + 1), "🎉"])
def test_what_is_no_word_is_refused(word: str) -> None:
    with pytest.raises(TextError) as refused:
        written_form(word)
    assert refused.value.code == "invalid_word"


TEXTS = [
    ("en-us", "The “NASA” launch: AT&T paid 5G and C++; **Bold**y, Straße."),
    ("en-us", "<speak>AT&amp;T said <sub alias='IA'>x</sub> <s>don’t</s></speak>"),
    ("fr", "L’IA d’Anaïs, e\u0301te\u0301, ＮＡＳＡ."),
    ("zh", "我用C++和5G，林心如。"),
]
WORDS = ["nasa", "at&t", "5g", "c++", "boldy", "strasse", "ia", "don't", "anaïs", "été", "心如", "absent"]


@pytest.mark.parametrize(("language", "text"), TEXTS)
def test_what_a_text_needs_is_never_left_out(language: str, text: str) -> None:
    whole = {"any": dict.fromkeys(WORDS, SOUND), "fr": {"ia": "ˈia"}}
    picked = needed(whole, text)
    assert write_script(text, language, lexicon=picked) == write_script(text, language, lexicon=whole)
    assert "absent" not in picked["any"] and set(picked["any"]) < set(WORDS)


def test_a_text_that_needs_nothing() -> None:
    assert needed({"any": {"absent": SOUND}, "fr": {}}, "Here.") == {}
