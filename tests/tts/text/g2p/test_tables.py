"""Kana and pinyin to phonemes, next to misaki's tables, with which the model was taught."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from pypinyin import Style, pinyin
from pypinyin.constants import PINYIN_DICT

from voicechanger.tts.symbols import unsupported as foreign
from voicechanger.tts.text.g2p import kana
from voicechanger.tts.text.g2p.loanwords import from_english
from voicechanger.tts.text.g2p.pinyin import syllable


def test_every_pinyin_syllable_has_phonemes_that_the_model_knows() -> None:
    syllables: set[str] = set()
    for code in list(PINYIN_DICT)[:25_000]:
        syllables |= set(pinyin(chr(code), style=Style.TONE3, neutral_tone_with_five=True, heteronym=True)[0])
    assert len(syllables) > 1200
    unread = [each for each in syllables if not syllable(each) or foreign(syllable(each) or "")]
    assert unread == []


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("ni3", "ni↓"),
        ("hao3", "xau↓"),
        ("shi4", "ʂɨ↘"),
        ("zi5", "ʦɨ"),
        ("xue2", "ɕɥe↗"),
        ("lv4", "ly↘"),
        ("yuan2", "ɥɛ↗n"),
        ("zhong1", "ꭧʊ→ŋ"),
        ("er2", "ɚ↗"),
        ("wen2", "wə↗n"),
        ("hello", None),
    ],
)
def test_pinyin(written: str, expected: str | None) -> None:
    assert syllable(written) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("コンニチワ", "koɲɲiʨiβa"),
        ("ガッコー", "ɡaʔkoː"),
        ("トーキョー", "toːkʲoː"),
        ("サンビャク", "sambʲakɯ"),
        ("ヴァイオリン", "vaioɾʲiɴ"),
        ("ツ’カイ", "ʦɨkai"),
        ("ファン", "ɸaɴ"),
    ],
)
def test_kana(written: str, expected: str) -> None:
    assert kana.phonemes(written) == expected


def test_kana_agrees_with_misaki() -> None:
    misaki: Any = pytest.importorskip("misaki")
    source = (Path(misaki.__file__).parent / "cutlet.py").read_text(encoding="utf-8")
    entries = re.findall(r"^((?:chr\(\d+\)\+?)+): ?'([^']*)'", source, re.MULTILINE)
    assert len(entries) > 150
    for codes, sound in entries:
        letters = "".join(chr(int(code)) for code in re.findall(r"\d+", codes))
        assert kana.SYLLABLES.get(kana.hiragana_to_katakana(letters)) == sound, letters


@pytest.mark.parametrize(("english", "japanese"), [("kəntˈAnəɹ", "kaɴteːnaː"), ("lˈɪnəks", "ɾinakɯsɨ")])
def test_loanwords(english: str, japanese: str) -> None:
    assert from_english(english) == japanese
