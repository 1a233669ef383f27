"""The fuzzer runs, sees what it should, and what it has found stays repaired."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
from hypothesis import strategies as st

from tests.fuzz import run, targets


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(run, "FOUND", tmp_path)
    monkeypatch.setattr(run, "MEMORY", -1)
    return tmp_path


@pytest.mark.parametrize("name", ["clip", "picture"])
def test_a_short_run_tries_cases_and_finds_nothing(name: str, capfd: pytest.CaptureFixture[str]) -> None:
    fuzzer = run.Fuzzer(name, 1.0, seed=1)
    assert fuzzer.run() == 0 and fuzzer.cases > 0
    assert f"{name}: {fuzzer.cases} cases" in capfd.readouterr().out


def test_a_fault_is_found_made_small_and_kept(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def faulty(number: int) -> None:
        assert number < 1_000
        if number >= 300:
            raise ZeroDivisionError

    planted = targets.Target(faulty, lambda: st.integers(0, 5_000), 5)
    monkeypatch.setitem(targets.TARGETS, "planted", planted)
    assert run.Fuzzer("planted", 2.0, seed=1).run() == 2
    kept = {pickle.loads(path.read_bytes()) for path in folder.glob("planted-*.pickle")}
    assert kept == {300, 1_000}


def test_a_slow_case_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    planted = targets.Target(lambda _: sum(range(100_000)), lambda: st.just(0), 0.0)
    monkeypatch.setitem(targets.TARGETS, "planted", planted)
    fuzzer = run.Fuzzer("planted", 0.5, seed=1)
    fuzzer.run()
    assert {kind.split()[0] for kind in fuzzer.kinds} == {"TooSlow"}
