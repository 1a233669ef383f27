"""A supervised process: runs in its own session, its output is shown line by line, and it is stopped in order."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from voicechanger.launcher import launch
from voicechanger.launcher.errors import ServingError

SETTLED_SECONDS = 60.0
"""After this time without a crash, earlier crashes no longer count."""
MOST_CRASHES = 5
LONGEST_PAUSE = 8.0


def tied(command: list[str]) -> list[str]:
    """Return a command line whose process is killed when its parent dies."""
    return [sys.executable, "-ESs", launch.__file__, "SIGKILL", "", *command]


@dataclass(slots=True)
class Part:
    """A process of `serve`: how to start it and how to stop it."""

    name: str
    command: Callable[[], list[str]]
    show: Callable[[str, str], None]
    stop_signal: signal.Signals = signal.SIGTERM
    stop_seconds: float = 20.0
    folder: Path | None = None
    environment: Mapping[str, str] | None = None
    process: Process | None = None
    crashes: int = 0
    _pump: asyncio.Task[None] | None = None
    _started: float = field(default=0.0)

    async def start(self) -> None:
        """Start the process. Call it from the main thread: its children are killed when this thread ends."""
        command = await asyncio.to_thread(self.command)
        self.process = await asyncio.create_subprocess_exec(
            *command, stdout=PIPE, stderr=STDOUT, env=self.environment, cwd=self.folder, start_new_session=True
        )
        self._started = time.monotonic()
        self._pump = asyncio.create_task(self._show_output())

    async def watch(self) -> None:
        """Restart the process whenever it stops; raise ServingError after five crashes in a row."""
        while True:
            code = await self._ended()
            if time.monotonic() - self._started > SETTLED_SECONDS:
                self.crashes = 0
            self.crashes += 1
            if self.crashes >= MOST_CRASHES:
                raise ServingError(
                    f"{self.name} stopped {self.crashes} times in a row ({describe(code)}); its last messages are above"
                )
            pause = min(2.0 ** (self.crashes - 1), LONGEST_PAUSE)
            self.show(self.name, f"stopped ({describe(code)}); restarting in {pause:.0f} s")
            await asyncio.sleep(pause)
            await self.start()

    async def stop(self) -> None:
        """Send the stop signal, wait, then kill the whole process group."""
        process = self.process
        if process is None:
            return
        if process.returncode is None:
            process.send_signal(self.stop_signal)
            try:
                await asyncio.wait_for(process.wait(), self.stop_seconds)
            except TimeoutError:
                self.show(self.name, f"did not stop within {self.stop_seconds:.0f} s and was killed")
        self.kill()
        await self._ended()
        self.process = None

    def kill(self) -> None:
        """Kill the process and its group at once."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)

    async def _ended(self) -> int:
        assert self.process is not None
        code = await self.process.wait()
        if self._pump is not None:
            # a grandchild may keep the pipe open: do not wait for its output
            await asyncio.wait([self._pump], timeout=1.0)
            self._pump.cancel()
        return code

    async def _show_output(self) -> None:
        assert self.process is not None
        stream = self.process.stdout
        assert stream is not None
        rest = b""
        while block := await stream.read(1 << 16):
            *lines, rest = (rest + block).split(b"\n")
            for line in lines:
                self.show(self.name, line.decode(errors="replace"))
        if rest:
            self.show(self.name, rest.decode(errors="replace"))


def describe(code: int) -> str:
    """Describe an exit code in words."""
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
