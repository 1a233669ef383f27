"""One supervised process: crashes are told and bounded, stopping is orderly, nothing stays."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import psutil
import pytest

from voicechanger.launcher import part as part_module
from voicechanger.launcher.errors import ServingError
from voicechanger.launcher.part import MOST_CRASHES, Part, tied


class Screen:
    """Remembers what was shown."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def show(self, name: str, line: str) -> None:
        self.lines.append(f"{name}|{line}")


def python(code: str) -> list[str]:
    return tied([sys.executable, "-c", code])


async def until(condition, seconds: float = 20.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.02)


async def test_a_part_that_keeps_crashing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(part_module, "LONGEST_PAUSE", 0.01)
    screen = Screen()
    part = Part("api", lambda: python("import sys; print('last words'); sys.exit(3)"), screen.show)
    await part.start()
    with pytest.raises(ServingError, match=f"api stopped {MOST_CRASHES} times in a row \\(exit code 3\\)"):
        await part.watch()
    assert screen.lines.count("api|last words") == MOST_CRASHES
    assert sum("restarting in" in line for line in screen.lines) == MOST_CRASHES - 1


async def test_a_killed_part_comes_back() -> None:
    screen = Screen()
    part = Part("worker-1", lambda: python("print('up', flush=True); import time; time.sleep(60)"), screen.show)
    await part.start()
    watcher = asyncio.create_task(part.watch())
    await until(lambda: "worker-1|up" in screen.lines)
    assert part.process is not None
    first = part.process.pid
    part.process.kill()
    await until(lambda: screen.lines.count("worker-1|up") == 2)
    assert part.process.pid != first
    assert any("killed by SIGKILL" in line for line in screen.lines)
    watcher.cancel()
    await part.stop()


async def test_a_part_that_ignores_the_signal_is_killed_with_its_children() -> None:
    code = (
        "import signal, subprocess, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']); print(child.pid, flush=True);"
        "time.sleep(60)"
    )
    screen = Screen()
    part = Part("worker-1", lambda: python(code), screen.show, stop_seconds=0.3)
    await part.start()
    await until(lambda: bool(screen.lines))
    grandchild = int(screen.lines[0].partition("|")[2])
    await part.stop()
    await until(lambda: not psutil.pid_exists(grandchild) or psutil.Process(grandchild).status() == "zombie")
    assert any("was killed" in line for line in screen.lines)


async def test_a_line_longer_than_any_buffer_is_shown_whole() -> None:
    screen = Screen()
    part = Part("api", lambda: python("print('x' * 300_000, end='')"), screen.show)
    await part.start()
    await until(lambda: bool(screen.lines))
    assert screen.lines == ["api|" + "x" * 300_000]
    await part.stop()


async def test_a_program_that_is_not_there_is_told(tmp_path: Path) -> None:
    screen = Screen()
    part = Part("api", lambda: tied([str(tmp_path / "missing")]), screen.show)
    await part.start()
    assert part.process is not None
    assert await part.process.wait() == 1
    await until(lambda: any("No such file" in line for line in screen.lines))
    await part.stop()
