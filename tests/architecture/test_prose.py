"""Plain English: phrases and names that no source or document may use, and links and paths that exist."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "voicechanger"
TEXT = {".py", ".md", ".json", ".js", ".html", ".css", ".mako", ".yml"}
SKIPPED = {"vendor", "versions", "__pycache__"}
"""Bundles of others; migrations, which name columns as they were."""


@dataclass(frozen=True)
class Rule:
    """A pattern that is forbidden, what to write instead, and a text that breaks the rule."""

    pattern: str
    instead: str
    example: str

    def finds(self, line: str) -> bool:
        return re.search(self.pattern, line, re.IGNORECASE) is not None


RULES: dict[str, Rule] = {
    # names
    "have_done": Rule(r"\bhave_done\b", "enqueue_voice_task", "await have_done(task)"),
    "told(error)": Rule(r"\btold\(", "http_status_of(error)", "status = told(error)"),
    "SignOfLife": Rule(r"\bSign_?OfLife\b|\bsigns? of life\b", "Heartbeat", "sign = SignOfLife(database)"),
    "let_go": Rule(r"\blets?[_ ]go\b", "release", "await guard.let_go()"),
    "forget_dead": Rule(r"\bforget_dead\b", "delete_stale_workers", "forget_dead(session)"),
    "tell_ended": Rule(r"\btell_ended\b", "publish_job_ended", "tell_ended(session, job)"),
    "voiceprint": Rule(r"voice[ -]?prints?(?![a-z])", "voice profile", "the voiceprint of a clip"),
    "narrate": Rule(r"narrat(e|ion)", "synthesize", "narrate(engine, text)"),
    "colour": Rule(r"\bcolour(ed)?\b(?! profile)", "spectral EQ", "the colour of a voice"),
    "kept-back": Rule(r"kept[- _]back", "validation speakers", "kept-back speakers"),
    "held-out": Rule(r"held[- _]out", "test speakers", "held-out speakers"),
    "crowd": Rule(r"\bcrowds?\b", "speaker evaluation", "from crowd import speakers"),
    "house tests": Rule(r"\bhouse tests?\b", "architecture tests", "the house tests"),
    # phrases
    "no sound of the model": Rule(r"is no sound of\b", "is not a supported phoneme", "'%' is no sound of the model"),
    "not one of ours": Rule(r"\bone of ours\b", "invalid cursor", "cursor is not one of ours"),
    "Better saved voices": Rule(
        r"\bbetter(s|ed)? (a )?saved voices?\b", "refine saved voices", "Better saved voices now"
    ),
    "bettered": Rule(r"\bbetter(s|ed|ing)\b(?! (than|by))", "refine, improve", "the voice is bettered"),
    "mend": Rule(r"\bmend(s|ed|ing)?\b", "correct, repair", "mend the field"),
    "fall silent": Rule(r"\bfalls? silent\b", "stop speaking", "a deleted voice falls silent"),
    "not looked at": Rule(r"\b(is|are) not looked at\b", "is ignored", "what comes after is not looked at"),
    "told by name": Rule(r"\bis told by name\b", "the error names it", "the tag is told by name"),
}

PENDING: dict[str, str] = {
    "voiceprint": "the source is being renamed",
    "narrate": "the source is being renamed",
    "colour": "the source is being renamed",
}
"""Rules that the source does not meet yet, with the reason; documents have no such exception."""

PENDING_PAGES: dict[str, str] = {"ARCHITECTURE.md": "is rewritten last, when the structure is final"}
"""Pages that no test below looks at yet, with the reason."""

PENDING_TERMS: dict[str, str] = {}
"""Terms of the glossary that the source does not use yet, with the reason."""

PATH_IN_TEXT = re.compile(r"`((?:[a-z][\w.-]*/)+(?:[\w*-]+\.(?:py|md|txt|npz|onnx|tsv|json|css|js))?|[\w-]+\.py)`")
LINK = re.compile(r"\]\((?!https?:|#|/)([^)#\s]+)[^)]*\)")
MADE = {"data/api-key.txt", "previews/"}
"""Paths that a running server creates."""
FOLDERS = ("src", "tests", "docs", "training", "benchmarks", "scripts", "deploy")


def sources() -> list[Path]:
    folders = (SOURCE, ROOT / "training", ROOT / "benchmarks")
    paths = [path for folder in folders for path in folder.rglob("*")]
    return [path for path in paths if path.suffix in TEXT and not SKIPPED & set(path.parts)]


def documents() -> list[Path]:
    pages = [
        *ROOT.glob("*.md"),
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / folder / "README.md" for folder in ("deploy", "training", "examples")),
        *SOURCE.rglob("README.md"),
    ]
    return [page for page in pages if page.name not in PENDING_PAGES]


def breaches(paths: Iterable[Path], rules: Iterable[str]) -> list[str]:
    """Return one line for each breach: file, line number, the rule, and what to write."""
    names = list(rules)
    return [
        f"{path}:{number}: {name!r}; write {RULES[name].instead!r}"
        for path in paths
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        for name in names
        if RULES[name].finds(line)
    ]


def test_documents_are_in_plain_english() -> None:
    assert breaches(documents(), RULES) == []


def test_the_source_is_in_plain_english() -> None:
    assert breaches(sources(), set(RULES) - set(PENDING)) == []


def test_no_exception_outlives_its_reason() -> None:
    assert [name for name in PENDING if not breaches(sources(), [name])] == [], "remove these from PENDING"
    assert set(PENDING_TERMS) - set(unused(PENDING_TERMS, code())) == set(), "remove these from PENDING_TERMS"


@pytest.mark.parametrize("name", RULES)
def test_a_breach_is_seen(name: str, tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text(f"Plain English.\n{RULES[name].example}\n")
    assert breaches([tmp_path / "page.md"], [name]) == [
        f"{tmp_path / 'page.md'}:2: {name!r}; write {RULES[name].instead!r}"
    ]


def dead_links(page: Path) -> list[str]:
    """Return the relative links of a page that lead to no file."""
    return [link for link in LINK.findall(page.read_text(encoding="utf-8")) if not (page.parent / link).exists()]


def dead_paths(page: Path, names: frozenset[str]) -> list[str]:
    """Return the paths in backticks that exist neither here, nor in src/voicechanger, nor beside the page.

    A bare file name must be one of `names`.
    """
    roots = (ROOT, SOURCE, page.parent)
    return [
        given
        for given in PATH_IN_TEXT.findall(page.read_text(encoding="utf-8"))
        if given not in names | MADE and not any(list(root.glob(given.rstrip("/"))) for root in roots)
    ]


def names_of_files() -> frozenset[str]:
    return frozenset(path.name for folder in FOLDERS for path in (ROOT / folder).rglob("*") if path.is_file())


def test_every_link_leads_to_a_file() -> None:
    dead = {str(page.relative_to(ROOT)): dead_links(page) for page in documents()}
    assert {page: links for page, links in dead.items() if links} == {}


def test_every_path_in_a_document_exists() -> None:
    names = names_of_files()
    dead = {str(page.relative_to(ROOT)): dead_paths(page, names) for page in documents()}
    assert {page: paths for page, paths in dead.items() if paths} == {}


def test_dead_links_and_paths_are_seen(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "[a](gone.md) [b](page.md#x) [c](https://example.com)\n"
        "`speech/store.py` `domains/jobs/store.py` `store.py` `a.py` `05/04/2024`"
    )
    assert dead_links(page) == ["gone.md"]
    assert dead_paths(page, frozenset({"store.py"})) == ["speech/store.py", "a.py"]


def terms(glossary: str) -> list[str]:
    """Return the terms of the glossary's table in their order."""
    rows = re.findall(r"^\| ([^|]+) \|", glossary, re.MULTILINE)[2:]
    return [term for row in rows for term in row.split(", ")]


def unused(wanted: Iterable[str], text: str) -> list[str]:
    """Return the terms that a text has neither as words nor as a name, e.g. `lease_token` or `LeaseToken`."""
    return [term for term in wanted if not re.search("[ _-]?".join(map(re.escape, term.split())), text, re.IGNORECASE)]


def code() -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in sources() if path.suffix == ".py")


def test_the_source_uses_the_terms_of_the_glossary() -> None:
    wanted = [term for term in terms((ROOT / "GLOSSARY.md").read_text()) if term not in PENDING_TERMS]
    assert unused(wanted, code()) == []


def test_an_unused_term_is_seen() -> None:
    table = "| term | meaning |\n| --- | --- |\n| lease token, job | a |\n| colony | b |\n"
    assert terms(table) == ["lease token", "job", "colony"]
    assert unused(terms(table), "class LeaseToken: job_id = 1") == ["colony"]
