"""Every string of the dashboard is in the catalogue, in both languages, and used."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import voicechanger.dashboard
from voicechanger.dashboard.texts import LOCALES, catalogue

FOLDER = Path(voicechanger.dashboard.__file__).parent
SOURCES = [*FOLDER.glob("templates/*.html"), *(p for p in FOLDER.glob("static/*.js") if p.is_file())]
NAMED = re.compile(
    r"""\bt(?:exts)?\[["']([a-z_0-9.\-]+)["']\]|\bt\(["']([a-z_0-9.\-]+)["']|["']([a-z_]+\.[a-z_0-9.]+)["']:"""
)
TERNARY = re.compile(r"""["']((?:webhooks|admin)\.[a-z_]+)["']""")
BUILT = ("page.", "status.", "kind.", "entry_kind.", "scope.", "language.", "error.", "front.why", "front.step")


def used() -> set[str]:
    found: set[str] = set()
    for source in SOURCES:
        text = source.read_text(encoding="utf-8")
        found |= {next(filter(None, match)) for match in NAMED.findall(text)}
        found |= set(TERNARY.findall(text))
    return found


@pytest.mark.parametrize("locale", LOCALES)
def test_every_text_is_there(locale: str) -> None:
    assert [key for key, texts in catalogue().items() if not texts.get(locale, "").strip()] == []


def test_every_key_used_is_in_the_catalogue() -> None:
    assert sorted(key for key in used() if key not in catalogue()) == []


def test_every_key_in_the_catalogue_is_used() -> None:
    named = used()
    assert sorted(key for key in catalogue() if key not in named and not key.startswith(BUILT)) == []


def test_places_to_fill_in_are_the_same_in_both_languages() -> None:
    places = re.compile(r"\{(\w+)\}")
    for key, texts in catalogue().items():
        assert sorted(places.findall(texts["en"])) == sorted(places.findall(texts["fr"])), key


UNSPACED = re.compile(r"[^\u202f][;?!]|[^\u00a0][:%»]|«[^\u00a0]|'")
"""French has a narrow no-break space before ; ? and !, a no-break space
before : and % and inside « », and curly apostrophes."""


def test_french_has_french_typography() -> None:
    assert {key: texts["fr"] for key, texts in catalogue().items() if UNSPACED.search(texts["fr"])} == {}


@pytest.mark.parametrize("text", ["Déjà ?", "Coût : 3", "84 %", "« Ada\u00a0»", "«\u00a0Ada»", "l'audio"])
def test_wrong_typography_is_seen(text: str) -> None:
    assert UNSPACED.search(text)


def test_english_has_no_space_before_a_percent_sign() -> None:
    assert [key for key, texts in catalogue().items() if re.search(r"\s%", texts["en"])] == []
