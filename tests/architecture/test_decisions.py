"""Decisions are complete, numbered without gaps, listed in their index, and every reference leads to one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "decisions"
HEADINGS = ["Context", "Decision", "Evidence", "Consequences"]
SEARCHED = ("src", "docs", "tests", "training", "benchmarks", "scripts", "deploy", "examples")
TEXT = {".py", ".md", ".yml", ".toml", ".txt", ".sh", ""}
SKIPPED = {"vendor", "__pycache__", "test_decisions.py"}
INVERSE = {
    "Supersedes": "Superseded by",
    "Supersedes in part": "Superseded in part by",
    "Extends": "Extended by",
}
_RELATION = re.compile(r"^(Supersede[sd]|Extend(?:s|ed))((?: in part)?(?: by)?) \[(\d{4})\]", re.MULTILINE)
_NUMBERS = re.compile(r"\bdecisions?\s\[?(\d+(?:(?:,\s|\sand\s)\d+)*)", re.IGNORECASE)
_FILE = re.compile(r"\bdecisions/(\d[\w-]*)")

Decisions = dict[str, str]
"""File name to text."""


def decisions() -> Decisions:
    return {path.name: path.read_text() for path in sorted(FOLDER.glob("[0-9]*.md"))}


def misnumbered(found: Decisions) -> list[str]:
    """Return the files whose number is not the next one, or differs from that of their title."""
    return [
        name
        for expected, (name, text) in enumerate(sorted(found.items()), 1)
        if not name.startswith(f"{expected:04}-") or not text.startswith(f"# {expected:04} ")
    ]


def misshapen(found: Decisions) -> list[str]:
    """Return the files without exactly the four headings, each followed by text."""
    return [
        name
        for name, text in found.items()
        if headings(text) != HEADINGS or re.search(r"^## .*\n\s*(#|\Z)", text, re.M)
    ]


def headings(text: str) -> list[str]:
    return re.findall(r"^#{2,} (.*)$", text, re.MULTILINE)


def one_sided(found: Decisions) -> list[str]:
    """Return relations ("0013 Superseded in part by 0014") that the other decision does not state."""
    stated = {
        (name[:4], f"{verb}{rest}", other)
        for name, text in found.items()
        for verb, rest, other in _RELATION.findall(text)
    }
    answers = INVERSE | {after: before for before, after in INVERSE.items()}
    return sorted(
        f"{number} {how} {other}" for number, how, other in stated if (other, answers.get(how), number) not in stated
    )


def unlisted(found: Decisions, index: str) -> list[str]:
    """Return the files that the index does not list with their number and title."""
    return [
        name
        for name, text in found.items()
        if f"| [{name[:4]}]({name}) | {text.partition(chr(10))[0].removeprefix('# ')[5:]} |" not in index
    ]


def dead_references(text: str, found: Decisions) -> list[str]:
    """Return the references to no decision: "decision 0001" has four digits, "decisions/…" the name of the file."""
    numbers, files = {name[:4] for name in found}, {name.removesuffix(".md") for name in found}
    given = [number for several in _NUMBERS.findall(text) for number in re.findall(r"\d+", several)]
    return [number for number in given if number not in numbers] + [
        name for name in _FILE.findall(text) if name not in files
    ]


def texts() -> Iterator[tuple[Path, str]]:
    paths = [path for folder in SEARCHED for path in (ROOT / folder).rglob("*")]
    for path in [*paths, *ROOT.glob("*.md"), ROOT / "pyproject.toml", ROOT / "Makefile"]:
        if path.is_file() and path.suffix in TEXT and not SKIPPED & set(path.parts):
            yield path, path.read_text(encoding="utf-8", errors="replace")


def test_numbers_have_no_gaps() -> None:
    assert misnumbered(decisions()) == []


def test_every_decision_has_the_four_headings() -> None:
    assert misshapen(decisions()) == []


def test_both_sides_state_a_relation() -> None:
    assert one_sided(decisions()) == []


def test_the_index_lists_every_decision() -> None:
    index = (FOLDER / "README.md").read_text()
    assert unlisted(decisions(), index) == []
    assert len(re.findall(r"^\| \[\d{4}\]", index, re.MULTILINE)) == len(decisions())


def test_every_reference_leads_to_a_decision() -> None:
    found = decisions()
    dead = {str(path.relative_to(ROOT)): dead_references(text, found) for path, text in texts()}
    assert {path: numbers for path, numbers in dead.items() if numbers} == {}


GOOD = "# 0001 A title\n\n## Context\n\na\n\n## Decision\n\nb\n\n## Evidence\n\nc\n\n## Consequences\n\nd\n"


def test_the_checks_can_fail() -> None:
    good = {"0001-a.md": GOOD}
    assert misnumbered(good) == misshapen(good) == one_sided(good) == []
    assert misnumbered({"0002-a.md": GOOD}) == ["0002-a.md"]
    assert misnumbered({"0001-a.md": GOOD.replace("0001", "0003")}) == ["0001-a.md"]
    assert misshapen({"0001-a.md": GOOD.replace("Evidence", "Why")}) == ["0001-a.md"]
    assert misshapen({"0001-a.md": GOOD.replace("\n\nc\n", "\n")}) == ["0001-a.md"]
    assert unlisted(good, "| [0001](0001-a.md) | A title |") == []
    assert unlisted(good, "| [0001](0001-a.md) | Another title |") == ["0001-a.md"]


def test_a_relation_of_one_side_is_seen() -> None:
    old, new = "Superseded in part by [0002](0002-b.md): a.", "Supersedes in part [0001](0001-a.md)."
    assert one_sided({"0001-a.md": old, "0002-b.md": new}) == []
    assert one_sided({"0001-a.md": old, "0002-b.md": ""}) == ["0001 Superseded in part by 0002"]
    assert one_sided({"0001-a.md": "", "0002-b.md": new}) == ["0002 Supersedes in part 0001"]


@pytest.mark.parametrize(
    ("text", "dead"),
    [
        ("decision 0001", []),
        ("docs/decisions/0001-a.md", []),
        ("Decisions 0001 and\n0007", ["0007"]),
        ("(decision 1)", ["1"]),
        ("[decision 0001](docs/decisions/0001-b.md)", ["0001-b"]),
        ("docs/decisions/0001", ["0001"]),
        ("docs/decisions/0062.", ["0062"]),
    ],
)
def test_a_dead_reference_is_seen(text: str, dead: list[str]) -> None:
    assert dead_references(text, {"0001-a.md": GOOD}) == dead
