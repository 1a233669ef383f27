"""Hundreds of random numbers a language, against readings that others wrote: num2words, cn2an and eSpeak NG.

Where a reference and we differ by habit, not by number, both are brought to one form first, and the habit is named.
"""

from __future__ import annotations

import importlib
import random
import re
from typing import Any, cast

import cn2an
import pytest
from num2words import num2words

from voicechanger.tts.text.g2p import espeak_languages as hindi
from voicechanger.tts.text.g2p.espeak import shared
from voicechanger.tts.text.g2p.espeak_symbols import to_model
from voicechanger.tts.text.normalise.english.normaliser import Normaliser
from voicechanger.tts.text.normalise.pieces import Scanner
from voicechanger.tts.text.normalise.rewrite import SpokenText

DICE = random.Random(2024)
CARDINALS = sorted({int(10 ** DICE.uniform(0, 10)) for _ in range(300)})
"""As many of each length, up to ten digits."""
ORDINALS = sorted(DICE.sample(range(1, 3000), 200))
CENTS = sorted(DICE.sample(range(100, 1_000_000), 200))
WORDS = {"es": "es", "fr": "fr", "it": "it", "pt": "pt_BR", "ja": "ja"}
SCANNERS: dict[str, Scanner] = {
    tag: importlib.import_module(f"voicechanger.tts.text.normalise.{tag}").scanner() for tag in (*WORDS, "zh")
}
ENGLISH = {"en-us": Normaliser(british=False), "en-gb": Normaliser(british=True)}


def said(tag: str, written: str) -> str:
    if tag in ENGLISH:
        return " ".join(SpokenText(ENGLISH[tag](written)).text.split())
    return " ".join(piece.spoken or piece.mark for piece in SCANNERS[tag].pieces(written, {}))


def reference(tag: str, number: float, form: str = "cardinal", **more: str) -> str:
    words = str(num2words(number, lang=WORDS.get(tag, "en"), to=form, **more))
    if tag not in ENGLISH:
        return words
    words = words.replace(",", "").replace("-", " ")
    return words if tag == "en-gb" else words.replace(" and ", " ")


def differences(expected: dict[str, str], got: dict[str, str]) -> dict[str, tuple[str, str]]:
    return {key: (got[key], words) for key, words in expected.items() if got[key] != words}


@pytest.mark.parametrize("tag", [*WORDS, *ENGLISH])
def test_cardinals(tag: str) -> None:
    def plain(words: str) -> str:
        # Spanish shortens the one before thousands, which the reference does not; 零 is said ゼロ.
        return re.sub(r"ún|uno(?= mil)", "un", words.replace(",", "")).replace("零", "ゼロ")

    expected = {f"{n}": plain(reference(tag, n)) for n in CARDINALS if tag not in ENGLISH or not 1100 <= n < 2100}
    assert not differences(expected, {written: plain(said(tag, written)) for written in expected})


def test_cardinals_in_mandarin() -> None:
    # Eleven digits that begin with 1 are a mobile number, which is why ten digits are enough.
    expected = {f"共{n}": "共" + str(cast(Any, cn2an).an2cn(str(n), "low")) for n in CARDINALS}
    assert not differences(expected, {written: said("zh", written).replace(" ", "") for written in expected})


def test_cardinals_in_hindi_sound_as_espeak_reads_digits() -> None:
    def plain(phonemes: str) -> str:
        # A number is one long word to eSpeak and several to us, which moves its stress and the sounds at the joins;
        # it says "hajār" in numbers, "hazār" where the word is written.
        sounds = re.sub(r"[ˈˌːn\s]", "", phonemes).replace("r", "ɾ").replace("ʌ", "ə")
        return sounds.replace("həɟaɾ", "həzaɾ")

    # We read 1100 to 1999 by hundreds, as years and prices are said.
    numbers = [str(n) for n in CARDINALS if n < 10**9 and not 1100 <= n < 2000]
    expected = {n: plain(to_model(raw)) for n, raw in zip(numbers, shared().phonemes("hi", numbers), strict=True)}
    language = hindi.load("hi")
    assert not differences(expected, {n: plain(language.pronounce(n, {}).phonemes) for n in numbers})


@pytest.mark.parametrize(
    ("tag", "form"),
    [("es", "{}º"), ("fr", "{}e"), ("it", "{}º"), ("pt", "{}º"), ("ja", "{}番目"), ("en-us", "{}"), ("en-gb", "{}")],
)
def test_ordinals(tag: str, form: str) -> None:
    def written(number: int) -> str:
        if tag not in ENGLISH:
            return form.format(number)
        ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
        return f"{number}{ending}"

    expected = {written(n): reference(tag, n, "ordinal") for n in ORDINALS}
    assert not differences(expected, {each: said(tag, each).replace(" 番目", "番目") for each in expected})


@pytest.mark.parametrize("tag", ENGLISH)
def test_years(tag: str) -> None:
    expected = {f"in {year}": "in " + reference(tag, year, "year") for year in range(1100, 2100)}
    assert not differences(expected, {written: said(tag, written) for written in expected})


@pytest.mark.parametrize(
    ("tag", "form", "currency"),
    [
        ("en-us", "${}", "USD"),
        ("en-gb", "£{}", "GBP"),
        ("es", "{} €", "EUR"),
        ("fr", "{} €", "EUR"),
        ("it", "{} €", "EUR"),
        ("pt", "R$ {}", ""),
        ("ja", "{}円", "JPY"),
    ],
)
def test_prices(tag: str, form: str, currency: str) -> None:
    def plain(words: str) -> str:
        # We say "and" before English cents, leave "et … centimes" out in French, do not shorten Italian ones
        # ("novantuno centesimi") and do not name sterling; nobody says "zero cents".
        words = re.sub(r" (?:et|and)(?= )| centimes?$|[ ,]*(?:con|e|et)? (?:cero|zero|zéro) .*| sterling|,", "", words)
        return re.sub(r"un(?= euro| centesimi)", "uno", words).replace(" 円", "円")

    more = {"currency": currency} if currency else {}
    expected = dict[str, str]()
    for cents in CENTS:
        amount = f"{cents // 100}.{cents % 100:02}" if tag in ENGLISH else f"{cents // 100},{cents % 100:02}"
        written = form.format(cents if tag == "ja" else amount)
        expected[written] = plain(reference(tag, cents if tag == "ja" else cents / 100, "currency", **more))
    assert not differences(expected, {written: plain(said(tag, written)) for written in expected})
