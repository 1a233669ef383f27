"""What is written, and what is said for it: a table for each language, and numbers against references not ours."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any, cast

import cn2an
import pytest
from num2words import num2words

from voicechanger.tts.text.g2p import espeak_languages as hindi
from voicechanger.tts.text.g2p.espeak import shared
from voicechanger.tts.text.g2p.espeak_symbols import to_model
from voicechanger.tts.text.normalise.numerals import parse, roman
from voicechanger.tts.text.normalise.pieces import Scanner

LANGUAGES = ("es", "fr", "it", "pt", "hi", "ja", "zh")
SCANNERS: dict[str, Scanner] = {
    tag: importlib.import_module(f"voicechanger.tts.text.normalise.{tag}").scanner() for tag in LANGUAGES
}
NUMBERS = [*range(101), 110, 111, 199, 200, 700, 999, 1000, 1001, 2024, 10_000, 21_000, 99_999, 100_000, 1_234_567]


def cases() -> list[tuple[str, str, str]]:
    found: list[tuple[str, str, str]] = []
    for tag in LANGUAGES:
        table = Path(__file__).with_name(f"{tag}.tsv").read_text(encoding="utf-8")
        rows = [line.split("\t") for line in table.splitlines()]
        assert len(rows) >= 40, tag
        found += [(tag, written, spoken) for written, spoken in rows]
    return found


def said(tag: str, written: str) -> str:
    return " ".join(piece.spoken or piece.mark for piece in SCANNERS[tag].pieces(written, {}))


@pytest.mark.parametrize(("tag", "written", "spoken"), cases())
def test_what_is_said(tag: str, written: str, spoken: str) -> None:
    assert said(tag, written) == spoken


@pytest.mark.parametrize(
    ("tag", "reference"), [("es", "es"), ("fr", "fr"), ("it", "it"), ("pt", "pt_BR"), ("ja", "ja")]
)
def test_numbers_agree_with_num2words(tag: str, reference: str) -> None:
    for number in NUMBERS:
        expected = str(num2words(number, lang=reference)).replace(",", "").replace("零", "ゼロ")
        if tag == "es":  # num2words leaves the one long before thousands
            expected = expected.replace("veintiuno mil", "veintiún mil")
        assert said(tag, str(number)) == expected


def test_numbers_agree_with_cn2an() -> None:
    for number in NUMBERS:
        assert said("zh", f"共{number}") == "共 " + str(cast(Any, cn2an).an2cn(str(number), "low"))


def test_hindi_numbers_sound_as_espeak_reads_their_digits() -> None:
    language = hindi.load("hi")
    expected = [to_model(raw).strip() for raw in shared().phonemes("hi", [str(number) for number in range(10, 100)])]
    assert [language.pronounce(str(number), {}).phonemes for number in range(10, 100)] == expected


@pytest.mark.parametrize(
    ("written", "decimal", "whole", "fraction"),
    [
        ("1.234", ",", "1234", ""),
        ("1.234", ".", "1", "234"),
        ("1,234", ",", "1", "234"),
        ("1.234,56", ".", "1234", "56"),
        ("1,234.56", ",", "1234", "56"),
        ("12,34,567", ".", "1234567", ""),
        ("1 234 567", ",", "1234567", ""),
        ("0.500", ",", "0", "500"),
    ],
)
def test_separators(written: str, decimal: str, whole: str, fraction: str) -> None:
    found = parse(written, decimal)
    assert (found.whole, found.fraction) == (whole, fraction)


def test_roman_numerals() -> None:
    assert [roman(text) for text in ("I", "IV", "IX", "XIV", "XL", "XCIX", "MMXXIV")] == [1, 4, 9, 14, 40, 99, 2024]
    assert [roman(text) for text in ("", "IIII", "VX", "ABC", "IC")] == [None] * 5
