"""The registry of languages."""

from __future__ import annotations

import pytest

from voicechanger.tts.errors import TextError
from voicechanger.tts.text import languages


def test_every_language_has_its_file_and_says_its_tag() -> None:
    for language in languages.supported():
        if language.installed:
            assert languages.load(language.tag).tag == language.tag


def test_tags() -> None:
    tags = [language.tag for language in languages.supported()]
    assert tags == ["en-us", "en-gb", "es", "fr", "hi", "it", "ja", "pt-br", "zh"]


@pytest.mark.parametrize(
    ("name", "tag"),
    [
        ("EN", "en-us"),
        ("en_GB", "en-gb"),
        ("pt", "pt-br"),
        ("PT-BR", "pt-br"),
        ("zh-CN", "zh"),
        ("cmn", "zh"),
        ("ja-JP", "ja"),
        ("Hindi", "hi"),
        (" fr ", "fr"),
        ("AUTO", "auto"),
    ],
)
def test_other_names(name: str, tag: str) -> None:
    assert languages.canonical(name) == tag


def test_a_missing_package_makes_a_language_not_installed() -> None:
    absent = languages.Supported("xx", "Nothing", "nothing", needs=("no_such_package_at_all",))
    assert not absent.installed


def test_an_unknown_language_is_refused_with_the_known_ones() -> None:
    with pytest.raises(TextError) as refused:
        languages.load("tlh")
    assert refused.value.code == "unsupported_language"
    for language in languages.supported():
        assert language.tag in refused.value.message
