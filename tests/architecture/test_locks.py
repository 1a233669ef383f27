"""The lock files hold what pyproject.toml and package.json ask for, with hashes and without hosts."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())


def locked(text: str) -> dict[str, list[str]]:
    """Versions by name; a name may have several, by markers."""
    found: dict[str, list[str]] = {}
    for name, version in re.findall(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)", text, re.MULTILINE):
        found.setdefault(canonicalize_name(name), []).append(version)
    return found


def out_of_step(wanted: list[str], lock: str) -> list[str]:
    """Requirements that a lock does not meet."""
    versions = locked(lock)
    missing: list[str] = []
    for line in wanted:
        requirement = Requirement(line)
        have = versions.get(canonicalize_name(requirement.name), [])
        if not have or not all(requirement.specifier.contains(version, prereleases=True) for version in have):
            missing.append(line)
    return missing


def unhashed(lock: str) -> list[str]:
    entries = re.split(r"\n(?=\S)", lock.strip())
    return [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry]


def test_the_runtime_lock_meets_pyproject() -> None:
    wanted = list(PROJECT["project"]["dependencies"])
    for extra in PROJECT["project"]["optional-dependencies"].values():
        wanted += extra
    assert out_of_step(wanted, (ROOT / "requirements" / "runtime.txt").read_text()) == []


def test_the_development_lock_meets_pyproject() -> None:
    wanted = [line for name in ("check", "test") for line in PROJECT["dependency-groups"][name]]
    assert out_of_step(wanted, (ROOT / "requirements" / "dev.txt").read_text()) == []


def test_development_runs_what_is_shipped() -> None:
    shipped = locked((ROOT / "requirements" / "runtime.txt").read_text())
    tested = locked((ROOT / "requirements" / "dev.txt").read_text())
    assert {name: tested.get(name) for name in shipped} == shipped


def test_torch_stays_out() -> None:
    for name in ("runtime.txt", "dev.txt"):
        assert not {"torch", "torchaudio"} & set(locked((ROOT / "requirements" / name).read_text()))


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.name)
def test_every_entry_has_a_hash_and_no_lock_names_a_host(path: Path) -> None:
    text = path.read_text()
    assert unhashed(text) == []
    assert "://" not in text


def test_the_npm_lock_meets_package_json_and_names_no_host() -> None:
    package = json.loads((ROOT / "package.json").read_text())
    text = (ROOT / "package-lock.json").read_text()
    packages = json.loads(text)["packages"]
    for name, version in package["devDependencies"].items():
        assert packages[f"node_modules/{name}"]["version"] == version
    assert all("integrity" in entry for name, entry in packages.items() if name)
    assert '"resolved"' not in text


def test_every_bundle_is_pinned_and_names_no_host() -> None:
    text = (ROOT / "requirements" / "bundles.json").read_text()
    bundles = json.loads(text)
    assert all(re.fullmatch(r".+@\d+\.\d+\.\d+", name) for name in bundles["npm"])
    assert all(re.fullmatch(r".+==\d+\.\d+\.\d+", name) for name in bundles["pip"])
    hashes = [entry["hash"] for packages in bundles.values() for entry in packages.values()]
    assert all(re.fullmatch(r"sha512-\S{86}==|sha256:[0-9a-f]{64}", each) for each in hashes)
    assert "://" not in text


def test_the_checks_can_fail() -> None:
    lock = "a==1.0 \\\n    --hash=sha256:00\nb==2.0\n"
    assert out_of_step(["a>=2"], lock) == ["a>=2"]
    assert out_of_step(["c"], lock) == ["c"]
    assert out_of_step(["a==1.0", "b>1"], lock) == []
    assert unhashed(lock) == ["b==2.0"]
