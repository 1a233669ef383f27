"""Every language: phonemes that the model knows, each written word with its own, nothing left out."""

from __future__ import annotations

import importlib
import unicodedata
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voicechanger.tts.errors import MissingPart, TextError
from voicechanger.tts.symbols import unsupported as foreign
from voicechanger.tts.text.language import Language, Pronounced

MODULES = {
    "es": "espeak_languages",
    "fr": "espeak_languages",
    "it": "espeak_languages",
    "pt-br": "espeak_languages",
    "hi": "espeak_languages",
    "ja": "japanese",
    "zh": "chinese",
}
_loaded: dict[str, Language] = {}


def language(tag: str) -> Language:
    if tag not in _loaded:
        _loaded[tag] = importlib.import_module(f"voicechanger.tts.text.g2p.{MODULES[tag]}").load(tag)
    return _loaded[tag]


def spans(said: Pronounced) -> list[tuple[str, str]]:
    return [(word.text, said.phonemes[word.start : word.end]) for word in said.words]


@pytest.mark.parametrize(
    ("tag", "sentence", "expected"),
    [
        ("es", "¿Qué tal, amigo? Estoy bien...", "kˈe tˈal, amˈiɣo? estˈoɪ βjˈen…"),
        ("fr", "Il y a des enfants, c'est l'été !", "il i a dez ɑ̃fˈɑ̃, sɛ letˈe!"),
        ("it", "Gli amici della città, perché no?", "ʎɪ amˈiʧɪ dˌella ʧitːˈa, perkˌe nˈɔ?"),
        ("pt-br", "Bom dia (não são irmãos).", "bˈoŋ ʤˈiæ (nˌɐ̃ʊ̃ sɐ̃ʊ̃ iɾəmˈɐ̃ʊ̃s)."),
        ("hi", "क्या हाल है? नमस्ते।", "kːjaː hˈaːl hɛː? nəmˈʌsteː."),
        ("ja", "今日は（とても）良い天気ですね。", "kʲoː βa (totemo) joi teŋkʲi desɨ ne."),
        ("zh", "银行行长在重庆长大。", "i↗nxa↗ŋxa↗ŋꭧa↓ŋ ʦai↘ ꭧʰʊ↗ŋʨʰi↘ŋ ꭧa↓ŋta↘."),
    ],
)
def test_a_sentence(tag: str, sentence: str, expected: str) -> None:
    assert language(tag).pronounce(sentence, {}).phonemes == expected
    assert language(tag).tag == tag


@pytest.mark.parametrize(
    ("tag", "sentence", "words"),
    [
        ("es", "Cuesta 12,50 €, ¿no?", ["Cuesta", "12,50 €", "no"]),
        ("fr", "Qu'est-ce que M. Dupont dit ?", ["Qu'est-ce", "que", "M.", "Dupont", "dit"]),
        ("it", "L'amico ha 21 anni.", ["L'amico", "ha", "21", "anni"]),
        ("pt-br", "Às 15h30 custa R$ 5.", ["Às", "15h30", "custa", "R$ 5"]),
        ("hi", "कीमत ₹12.50 है।", ["कीमत", "₹12.50", "है"]),
        ("ja", "5月4日に会いました。", ["5月", "4日", "に", "会いました"]),
        ("zh", "今天50%的人来了。", ["今天", "50%", "的", "人来", "了"]),
    ],
)
def test_words_are_as_written(tag: str, sentence: str, words: list[str]) -> None:
    said = language(tag).pronounce(sentence, {})
    assert [word.text for word in said.words] == words
    assert all(sound.strip() for _, sound in spans(said))


@pytest.mark.parametrize(
    ("tag", "sentence", "lexicon"),
    [
        ("es", "Visité Nueva York con GARCÍA.", {"garcía": "ɡaɾθˈia"}),
        ("fr", "Le C++ est un langage.", {"c++": "sˈe ply"}),
        ("hi", "मैं software लिखता हूँ", {"software": "sˈɔf"}),
        ("ja", "東京タワーはLinuxです", {"東京": "toko", "linux": "linɯ"}),
        ("zh", "林心如用Linux。", {"心如": "ɕi→n", "linux": "linu"}),
    ],
)
def test_the_lexicon_wins(tag: str, sentence: str, lexicon: dict[str, str]) -> None:
    found = {word.casefold(): sound for word, sound in spans(language(tag).pronounce(sentence, lexicon))}
    assert {word: found.get(word) for word in lexicon} == lexicon


def test_a_lexicon_outside_the_vocabulary_is_refused() -> None:
    with pytest.raises(TextError):
        language("es").pronounce("hola", {"hola": "9#"})


@pytest.mark.parametrize(
    ("tag", "sentence"),
    [
        ("es", "Ελλάδα y Привет"),
        ("fr", "Il dit 你好"),
        ("ja", "Привет です"),
        ("zh", "我用ChatGPT和AI写代码"),
        ("ja", "React Nativeを使う"),
        ("hi", "यह software है"),
        ("es", "東京 y 한국"),
    ],
)
def test_words_of_another_script_are_read(tag: str, sentence: str) -> None:
    said = language(tag).pronounce(sentence, {})
    assert foreign(said.phonemes) == ""
    assert all(sound.strip() for _, sound in spans(said))


@pytest.mark.parametrize("tag", MODULES)
@pytest.mark.parametrize("sentence", ["", "   ", "😀", "...", "¿?"])
def test_no_word_is_told(tag: str, sentence: str) -> None:
    with pytest.raises(TextError) as told:
        language(tag).pronounce(sentence, {})
    assert told.value.code == "nothing_to_speak"


LETTERS = {
    "es": st.sampled_from("abcdefghijklmnñopqrstuvwxyzáéíóúüABCÑ"),
    "fr": st.sampled_from("abcdefghijklmnopqrstuvwxyzàâçéèêëîïôùûœ'’-ABÉ"),
    "it": st.sampled_from("abcdefghilmnopqrstuvzàèéìòù'AB"),
    "pt-br": st.sampled_from("abcdefghijlmnopqrstuvxzáâãàçéêíóôõúAB-"),
    "hi": st.sampled_from("अआइईउऊएऐओऔकखगघचछजटठडढतथदधनपफबभमयरलवशषसहािीुूेैोौंँ्"),
    "ja": st.one_of(st.characters(min_codepoint=0x3041, max_codepoint=0x30FA), st.sampled_from("日本人大学校東京行")),
    "zh": st.characters(min_codepoint=0x4E00, max_codepoint=0x9000),
}
MARKS = st.sampled_from(
    [" ", " ", " ", ", ", ". ", "? ", "! ", " (", ") ", "; ", " 5 ", "12,5 ", "€", "%", "/", "-", "&"]
)


def texts(tag: str) -> st.SearchStrategy[str]:
    word = st.text(LETTERS[tag], min_size=1, max_size=8)
    return st.lists(st.one_of(word, word, MARKS), min_size=1, max_size=10).map("".join)


@pytest.mark.parametrize("tag", MODULES)
@settings(max_examples=40, deadline=None, database=None)
@given(data=st.data())
def test_any_text_is_pronounced_or_told(tag: str, data: st.DataObject) -> None:
    text = unicodedata.normalize("NFC", data.draw(texts(tag)))
    try:
        said = language(tag).pronounce(text, {})
    except TextError:
        return
    assert foreign(said.phonemes) == ""
    assert said.words
    edges = [edge for word in said.words for edge in (word.start, word.end)]
    assert edges == sorted(edges)
    assert edges[-1] <= len(said.phonemes)
    # In order, and every letter of the text belongs to a word.
    at = 0
    for word in said.words:
        at = text.index(word.text, at) + len(word.text)
    spoken = "".join(word.text for word in said.words)
    assert sum(sign.isalnum() for sign in spoken) == sum(sign.isalnum() for sign in text)


@pytest.mark.parametrize(("tag", "package"), [("ja", "pyopenjtalk"), ("zh", "jieba"), ("zh", "cn2an")])
def test_an_absent_package_names_the_command(tag: str, package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.import_module

    def absent(name: str, *rest: Any) -> Any:
        if name == package:
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(importlib, "import_module", absent)
    module = real(f"voicechanger.tts.text.g2p.{MODULES[tag]}")
    with pytest.raises(MissingPart, match=r"pip install 'voicechanger\["):
        module.load(tag)
