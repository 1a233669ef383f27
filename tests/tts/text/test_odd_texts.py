"""Very short and odd texts: read as a person would, or refused; never spelled into gibberish."""

from __future__ import annotations

import pytest

from voicechanger.tts.errors import TextError
from voicechanger.tts.text.languages import supported
from voicechanger.tts.text.script_writer import write_script

TAGS = tuple(language.tag for language in supported())
SEVEN = {
    "en-us": "sˈɛvən.",
    "en-gb": "sˈɛvᵊn.",
    "es": "sjˈete.",
    "fr": "sˈɛt.",
    "hi": "sˈaːt.",
    "it": "sˈɛtːe.",
    "ja": "nana.",
    "pt-br": "sˈɛʧy.",
    "zh": "ʨʰi→.",
}


def phonemes(text: str, language: str) -> str:
    (utterance,) = write_script(text, language).utterances
    return utterance.phonemes


@pytest.mark.parametrize("tag", TAGS)
def test_a_lone_number_in_every_language(tag: str) -> None:
    assert phonemes("7", tag) == phonemes("7.", tag) == SEVEN[tag]


@pytest.mark.parametrize("tag", [*TAGS, "auto"])
@pytest.mark.parametrize("text", ["?!", "…", "😀", "👩‍🚀 🎉", "&", "—", "。", "\u0902"])
def test_nothing_to_say_is_refused(text: str, tag: str) -> None:
    with pytest.raises(TextError) as refused:
        write_script(text, tag)
    assert refused.value.code == "text_not_speakable"


SAID = [
    ("Hi!", "en-us", "hˈI!"),
    ("A.", "en-us", "ˈA."),
    ("A.", "it", "ˈaː."),
    ("x", "en-us", "ˈɛks."),
    ("x", "fr", "ˈiks."),
    ("…ok", "en-us", "… ˌOkˈA."),
    ("OK👍", "en-us", "ˌOkˈA."),
    ("¿Qué?", "es", "kˈe?"),
    ("¿Qué?", "auto", "kˈe?"),
    ("Dr.", "en-us", "dˈɑktəɹ."),
    ("Dr.", "en-gb", "dˈɒktə."),
    ("Ask the Dr. now.", "en-us", "ˈæsk ðə dˈɑktəɹ nˈW."),
    ("It is on Elm Dr.", "en-us", "ˌɪt ɪz ˌɔn ˈɛlm dɹˈIv."),
    ("Dr.", "es", "doktˈoɾ."),
    ("A B C", "en-us", "ˈA bˈi sˈi."),
    ("HELLO", "en-us", "həlˈO."),
    ("HELLO", "fr", "ɛlˈo."),
    ("www", "en-us", "dˌʌbᵊljudˌʌbᵊljudˈʌbᵊlju."),
    ("Shh!", "en-us", "ʃʃʃ!"),
    ("SHHH.", "en-gb", "ʃʃʃ."),
    ("Brr!", "en-us", "bˈɜɹ!"),
    ("Tsk, tsk.", "en-us", "tˈɪsk, tˈɪsk."),
    ("WWW", "fr", "dubləvˈe dubləvˈe dubləvˈe."),
    ("NASA", "it", "nˈaza."),
    ("1️⃣", "en-us", "wˈʌn."),
    ("-5", "en-us", "mˈInəs fˈIv."),
    ("〇", "auto", "li↗ŋ."),
    ("はい", "ja", "hai."),
    ("好", "zh", "xau↓."),
]


@pytest.mark.parametrize(("text", "language", "said"), SAID)
def test_how_it_is_said(text: str, language: str, said: str) -> None:
    assert phonemes(text, language) == said


@pytest.mark.parametrize("tag", ["es", "fr", "hi", "it", "pt-br", "en-us"])
def test_a_sign_that_is_no_letter_of_the_language_is_not_spelled_by_its_code(tag: str) -> None:
    with pytest.raises(TextError) as refused:
        write_script("〇", tag)
    assert refused.value.code == "unsupported_script"
