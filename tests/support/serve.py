"""`voicechanger serve` in a folder of its own, on the private PostgreSQL."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import psutil
import pytest

START_SECONDS = 300.0


class Serve:
    """One `voicechanger serve` on a folder and port of its own, by any Python that has the package."""

    def __init__(self, folder: Path, python: Path | str = sys.executable) -> None:
        self.folder = folder
        self.python = python
        self.data = folder / "data with a space"
        self.port = free_port()
        self.log = folder / "log"
        self.environment = os.environ | {"DATA_DIR": str(self.data), "PORT": str(self.port), "WORKERS": "1"}
        self.environment.pop("DATABASE_URL", None)
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """Where it is served."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def output(self) -> str:
        """What it has printed."""
        return self.log.read_text()

    def start(self) -> psutil.Process:
        """Start it and wait until it says that it is ready."""
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [self.python, "-m", "voicechanger", "serve"],
                cwd=self.folder,
                env=self.environment,
                stdout=log,
                stderr=log,
            )
        self.wait(lambda: "is ready at" in self.output)
        return psutil.Process(self.process.pid)

    def wait(self, condition: Callable[[], object], seconds: float = START_SECONDS) -> None:
        """Wait until something is so; fail when the process ends first."""
        deadline = time.monotonic() + seconds
        while not condition():
            assert self.process is not None
            assert self.process.poll() is None, self.output
            assert time.monotonic() < deadline, self.output
            time.sleep(0.1)

    def is_ready(self) -> bool:
        """Whether the API says so."""
        try:
            return httpx.get(f"{self.address}/readyz", timeout=5).is_success
        except httpx.TransportError:
            return False

    def end(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal and return the exit status."""
        assert self.process is not None
        self.process.send_signal(how)
        return self.process.wait(120)


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Not started; stopped at the end."""
    folder = Path(tempfile.mkdtemp(prefix="voicechanger-test-"))
    started = Serve(folder)
    yield started
    if started.process is not None and started.process.poll() is None:
        started.end()
    shutil.rmtree(folder)
