"""Several processes want the same file: one writes it, the others wait and find it."""

from __future__ import annotations

import multiprocessing
import time
from pathlib import Path

import pytest

from voicechanger.tts.once import once


def _write(folder: Path) -> None:
    with (folder / "writers").open("a") as writers:
        writers.write("one\n")
    time.sleep(0.2)
    (folder / "part").write_text("whole")
    (folder / "part").replace(folder / "made")


def _come(folder: Path) -> None:
    once((folder / "made").exists, folder / "lock", lambda: _write(folder))
    assert (folder / "made").read_text() == "whole"


def test_one_of_several_processes_writes(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    comers = [context.Process(target=_come, args=(tmp_path,)) for _ in range(3)]
    for comer in comers:
        comer.start()
    for comer in comers:
        comer.join(60)
    assert [comer.exitcode for comer in comers] == [0, 0, 0]
    assert (tmp_path / "writers").read_text() == "one\n"


def test_nothing_is_locked_when_it_is_done(tmp_path: Path) -> None:
    once(lambda: True, tmp_path / "absent" / "lock", lambda: pytest.fail("it was done"))


def test_a_failed_writer_leaves_the_next_one_free(tmp_path: Path) -> None:
    def fail() -> None:
        raise OSError("full")

    with pytest.raises(OSError, match="full"):
        once((tmp_path / "made").exists, tmp_path / "lock", fail)
    _come(tmp_path)
