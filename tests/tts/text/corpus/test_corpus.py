"""A growing corpus: a written text sounds exactly as its spoken form written in words, through the whole front.

Each `<language>.tsv` has a text, its spoken form and where the expectation comes from. Rows that show a fault of the
past and rows that must not change beside it stand together.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from voicechanger.tts.text.script_writer import write_script

TABLES = sorted(Path(__file__).parent.glob("*.tsv"))


def rows() -> list[tuple[str, str, str]]:
    """Language, written text, spoken form."""
    found: list[tuple[str, str, str]] = []
    for table in TABLES:
        for line in table.read_text(encoding="utf-8").splitlines():
            written, spoken, source = line.split("\t")
            assert source, line
            found.append((table.stem, written, spoken))
    return found


def sounds(text: str, language: str) -> list[str]:
    return [utterance.phonemes for utterance in write_script(text, language).utterances]


@pytest.mark.parametrize(("language", "written", "spoken"), rows())
def test_a_text_sounds_as_its_spoken_form(language: str, written: str, spoken: str) -> None:
    assert sounds(written, language) == sounds(spoken, language)


def test_a_sign_without_a_reading_is_named() -> None:
    (notice,) = write_script("Press ⍟ and ␣ now.", "en-us").notices
    assert "␣" in notice
    assert write_script("Well done 🎉 ★ now.", "en-us").notices == ()
