"""Language `auto`, sentence by sentence."""

from __future__ import annotations

import pytest

from voicechanger.tts.text.clean import clean
from voicechanger.tts.text.detect import assign
from voicechanger.tts.text.runs import Run
from voicechanger.tts.text.script_writer import write_script
from voicechanger.tts.text.sentences import Fragment
from voicechanger.tts.text.sentences import split_sentences as sentences


def detected(text: str) -> tuple[list[str], tuple[str, ...]]:
    found = list(sentences([Run(clean(text))], "auto"))
    notices = assign(found)
    return [p.style.language or "" for s in found for p in s.parts if isinstance(p, Fragment)], notices


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("The weather is lovely this morning.", "en-us"),
        ("El tiempo es muy bueno esta mañana.", "es"),
        ("Il fait très beau ce matin, n'est-ce pas ?", "fr"),
        ("Il tempo è molto bello questa mattina.", "it"),
        ("O tempo está muito bom hoje de manhã.", "pt-br"),
        ("आज सुबह मौसम बहुत अच्छा है।", "hi"),
        ("今朝はとても良い天気です。", "ja"),
        ("今天早上天气很好。", "zh"),
        ("Hi!", "en-us"),
        ("42", "en-us"),
        ("Wait now.", "en-us"),
        ("¿Qué?", "es"),
        ("Merci beaucoup", "fr"),
        ("Buona sera", "it"),
        ("AIの時代です", "ja"),
        ("我用 Python 写代码。", "zh"),
        ("Mr. Núñez is our new manager.", "en-us"),
        ("She moved to São Paulo last year.", "en-us"),
        ("We met José and Zoë at the café in Málaga.", "en-us"),
        ("He read an article in El País about Perú.", "en-us"),
        ("Je vis à New York avec John.", "fr"),
        ("El señor Smith vive en London.", "es"),
    ],
)
def test_one_sentence(text: str, tag: str) -> None:
    assert detected(text)[0] == [tag]


def test_sentences_of_several_languages() -> None:
    text = "The cat sleeps on the sofa. Le chat dort sur le canapé. 猫はソファで寝ています。El gato duerme en el sofá."
    assert detected(text)[0] == ["en-us", "fr", "ja", "es"]


def test_a_word_of_another_script_inside_a_sentence() -> None:
    assert detected("I said 你好 to her yesterday.")[0] == ["en-us", "zh", "en-us"]


def test_kanji_alone_follow_their_neighbours() -> None:
    assert detected("私は学生です。東京大学。")[0] == ["ja", "ja"]
    assert detected("我是学生。北京大学。")[0] == ["zh", "zh"]


def test_a_short_sentence_follows_the_text() -> None:
    text = "Me gusta mucho leer libros por la noche. Claro. Prefiero las novelas de aventuras y los cuentos."
    assert detected(text)[0] == ["es", "es", "es"]


def test_sure_text_has_no_notice() -> None:
    assert detected("The weather is lovely this morning, and we shall walk to the sea.")[1] == ()


def test_a_short_text_says_that_it_is_a_guess() -> None:
    (notice,) = detected("Ciao!")[1]
    assert "Italian" in notice


@pytest.mark.parametrize("text", ["7", "1984", "+5 %", "12:30"])
def test_a_text_without_letters_says_that_it_is_a_guess(text: str) -> None:
    (notice,) = detected(text)[1]
    assert "no letters" in notice and "American English" in notice


@pytest.mark.parametrize("text", ["東京", "了解。", "〇"])
def test_characters_of_two_languages_are_told(text: str) -> None:
    tags, notices = detected(text)
    assert tags == ["zh"] and any("Chinese or Japanese" in notice for notice in notices)


@pytest.mark.parametrize("text", ["这个好", "今天早上天气很好，我们一起去公园散步，然后回家吃饭，好不好。", "東京です"])
def test_characters_of_one_language_are_not(text: str) -> None:
    assert detected(text)[1] == ()


def test_what_is_marked_is_no_guess() -> None:
    assert write_script('<lang xml:lang="fr">7</lang>').notices == ()
    assert write_script('<lang xml:lang="zh">东京</lang>').notices == ()


def test_a_doubtful_sentence_is_named() -> None:
    text = "Pronto. Tal vez amanha, si. The weather is lovely this morning, and we shall walk to the sea together."
    assert any("doubtful" in notice for notice in detected(text)[1])


def test_a_language_that_is_not_spoken_is_told() -> None:
    notices = detected("Guten Tag, wie geht es Ihnen heute an diesem schönen Morgen?")[1]
    assert any("(de)" in notice for notice in notices)
