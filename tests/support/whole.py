"""The whole product as its user runs it: `voicechanger serve` in a folder of its own, once a test run."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.support.kokoro import model_folder

ROOT = Path(__file__).resolve().parents[2]
_START_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Whole:
    """A served product."""

    address: str
    key: str
    folder: Path

    def client(self) -> httpx.Client:
        """A client that sends the key."""
        return httpx.Client(base_url=self.address, headers={"X-API-Key": self.key}, timeout=120)


@pytest.fixture(scope="session")
def whole() -> Iterator[Whole]:
    """The product, ready; stopped in order at the end."""
    folder = Path(tempfile.mkdtemp(prefix="voicechanger-whole-"))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    environment = os.environ | {
        "DATA_DIR": str(folder / "data"),
        "PORT": str(port),
        "MODELS_DIR": str(model_folder()),
        "SYNC_WAIT_SECONDS": "120",
        "REQUESTS_PER_MINUTE": "6000",
    }
    environment.pop("DATABASE_URL", None)
    log = folder / "log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "voicechanger", "serve"], env=environment, stdout=out, stderr=out
        )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait(process, address, log)
        yield Whole(address, (folder / "data" / "api-key.txt").read_text().strip(), folder)
    finally:
        process.terminate()
        process.wait(120)


def _wait(process: subprocess.Popen[bytes], address: str, log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while True:
        assert process.poll() is None and time.monotonic() < deadline, log.read_text()
        try:
            if httpx.get(f"{address}/readyz", timeout=5).is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.2)
