"""What a killed process left in the temporary folder is deleted at the next start; what is in use is not."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.server import Server
from voicechanger.infra.container import open_services
from voicechanger.kit.scratch import delete_abandoned, scratch_folder

OWNER = """
import sys
from voicechanger.kit.scratch import scratch_folder
with scratch_folder("job") as folder:
    (folder / "speech.mp3").write_bytes(b"half a job")
    print(folder, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A temporary folder of its own for this process and its children."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return tmp_path


@pytest.fixture
def owner(temporary: Path) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """A process that holds a folder, and the folder."""
    code = [sys.executable, "-c", OWNER]
    with subprocess.Popen(code, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process, Path(process.stdout.readline().strip())
        process.kill()


def test_the_folder_of_a_killed_process_is_deleted(owner: tuple[subprocess.Popen[str], Path]) -> None:
    process, folder = owner
    delete_abandoned()
    assert (folder / "speech.mp3").exists()
    process.kill()
    process.wait()
    assert (folder / "speech.mp3").exists()
    delete_abandoned()
    assert not folder.exists()


async def test_every_start_deletes_them(server: Server, owner: tuple[subprocess.Popen[str], Path]) -> None:
    process, folder = owner
    process.kill()
    process.wait()
    async with open_services(server.services.settings):
        assert not folder.exists()


def test_a_folder_goes_with_its_block(temporary: Path) -> None:
    with scratch_folder("clip") as folder:
        assert folder.parent == temporary and str(os.getpid()) in folder.name
        (folder / "upload").write_bytes(b"x")
    assert list(temporary.iterdir()) == []


def test_nothing_else_is_deleted(temporary: Path) -> None:
    victim = temporary / "victim"
    (victim / "inside").mkdir(parents=True)
    link = temporary / "voicechanger-job-1-link"
    link.symlink_to(victim)
    other = temporary / "voicechanger-clip-abcdefgh"
    other.mkdir()
    delete_abandoned()
    assert link.is_symlink() and (victim / "inside").exists() and other.exists()
