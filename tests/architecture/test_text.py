"""What may not stand in any tracked file."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SKIPPED = {"LICENSE", "tests/architecture/test_text.py"}

RULES = {
    "a registry, hub or content network": re.compile(
        r"(pypi\.org|pythonhosted\.org|registry\.npmjs\.org|registry\.yarnpkg\.com|deb\.debian\.org"
        r"|huggingface\.co|hf\.co/|jsdelivr\.net|unpkg\.com|cdnjs|fonts\.(googleapis|gstatic)\.com)"
    ),
    "work left open": re.compile(r"\b(TODO|FIXME|XXX|HACK)\b"),
    "a path of one machine": re.compile(r"(/work/|\.\./shared|/root/|/tmp/lab)"),
}


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.stdout.split("\0") if name and name not in SKIPPED]


def lines_against(rule: re.Pattern[str], files: list[Path]) -> list[str]:
    found: list[str] = []
    for path in files:
        try:
            text = path.read_text()
        except (UnicodeDecodeError, FileNotFoundError):
            continue  # a recording, or a file that was just removed
        found += [f"{path}:{number}" for number, line in enumerate(text.splitlines(), 1) if rule.search(line)]
    return found


@pytest.mark.parametrize("name", RULES)
def test_no_tracked_file_holds(name: str) -> None:
    assert lines_against(RULES[name], tracked()) == []


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("a registry, hub or content network", "see https://pypi.org/simple"),
        ("work left open", "x = 1  # TODO later"),
        ("a path of one machine", "cd /root/project"),
    ],
)
def test_the_rule_can_fail(name: str, line: str, tmp_path: Path) -> None:
    (tmp_path / "file.txt").write_text(f"fine\n{line}\n")
    assert lines_against(RULES[name], [tmp_path / "file.txt"]) == [f"{tmp_path / 'file.txt'}:2"]


def test_the_changelog_tells_of_this_version() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert f"## {version}" in (ROOT / "CHANGELOG.md").read_text()


def test_the_tree_carries_nothing_large() -> None:
    sizes = {path: path.stat().st_size for path in tracked() if path.exists()}
    assert {str(path): size for path, size in sizes.items() if size > 5_000_000} == {}
