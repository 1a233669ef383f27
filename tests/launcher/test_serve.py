"""`voicechanger serve` as a newcomer meets it: the real processes, killed in every way."""

from __future__ import annotations

import re
import signal
import socket
import stat
import subprocess
import sys
import wave
from contextlib import suppress
from pathlib import Path

import httpx
import psutil
import pytest

from tests.support.serve import Serve
from voicechanger.launcher.errors import ServingError
from voicechanger.launcher.supervisor import require_free_port

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


def part_named(serve: psutil.Process, word: str) -> psutil.Process | None:
    """The child whose command line ends in a word, or whose program is it; None between crash and restart."""
    for child in serve.children():
        with suppress(psutil.Error):
            if child.name() == word or child.cmdline()[-1:] == [word]:
                return child
    return None


def test_a_whole_life(serve: Serve) -> None:
    """Start, use, stop, start again: the same key, and nothing left behind."""
    parts = serve.start().children(recursive=True)
    key = (serve.data / "api-key.txt").read_text().strip()
    assert key in serve.output
    assert f"{serve.address}/v1/voice-cloning/tts" in serve.output
    phases = (
        r"ready after [\d.]+ s \(imports [\d.]+, PostgreSQL [\d.]+, schema and first account [\d.]+, API and workers"
    )
    assert re.search(phases, serve.output)
    for name in ("api-key.txt", "secret"):
        assert stat.S_IMODE((serve.data / name).stat().st_mode) == 0o600
    assert serve.data.stat().st_mode & 0o067 == 0
    assert httpx.get(f"{serve.address}/v1/jobs", headers={"X-API-Key": key}).status_code == 200
    assert httpx.get(f"{serve.address}/v1/jobs").status_code == 401

    refused = subprocess.run(
        [sys.executable, "-m", "voicechanger", "serve"], env=serve.environment, capture_output=True, text=True
    )
    assert refused.returncode == 1
    assert "Another `voicechanger serve`" in refused.stderr

    made = command(serve, "keys", "create", "second key")
    assert httpx.get(f"{serve.address}/v1/jobs", headers={"X-API-Key": made.strip()}).status_code == 200
    assert "second key" in command(serve, "keys", "list")
    assert "1000010 credits" in command(serve, "credits", "grant", "10")

    assert serve.end(signal.SIGINT) == 0
    assert_nothing_stays(serve, parts)
    serve.start()
    assert httpx.get(f"{serve.address}/v1/jobs", headers={"X-API-Key": key}).status_code == 200
    assert serve.end() == 0


def test_the_lines_of_the_readme_clone_a_voice(serve: Serve) -> None:
    serve.start()
    lines = readme_block().replace("127.0.0.1:8000", f"127.0.0.1:{serve.port}")
    lines = lines.replace("data/api-key.txt", f"'{serve.data}/api-key.txt'").replace(
        "speech.wav", f"{serve.folder}/speech.wav"
    )
    done = subprocess.run(["bash", "-euc", lines], cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr + serve.output
    with wave.open(str(serve.folder / "speech.wav")) as speech:
        seconds = speech.getnframes() / speech.getframerate()
    assert 1.0 < seconds < 10.0
    assert serve.end() == 0


def readme_block() -> str:
    """The block of the README that is marked for us."""
    found = re.search(
        r"<!-- run by tests/launcher/test_serve.py -->\n```sh\n(.*?)```", (ROOT / "README.md").read_text(), re.S
    )
    assert found is not None
    return found[1]


def test_a_crash_of_any_part_is_told_and_mended(serve: Serve) -> None:
    supervisor = serve.start()
    for word, name in (("worker", "worker-1"), ("api", "api"), ("postgres", "postgres")):
        part = part_named(supervisor, word)
        assert part is not None
        part.kill()
        serve.wait(lambda name=name: f"{name:<9}| stopped (killed by SIGKILL); restarting" in serve.output)
        serve.wait(lambda word=word, old=part: part_named(supervisor, word) not in (None, old))
        serve.wait(serve.is_ready)
    parts = supervisor.children(recursive=True)
    assert serve.end() == 0
    assert_nothing_stays(serve, parts)


def test_nothing_outlives_a_killed_supervisor(serve: Serve) -> None:
    parts = serve.start().children(recursive=True)
    serve.end(signal.SIGKILL)
    _, alive = psutil.wait_procs(parts, timeout=30)
    assert alive == []
    serve.start()
    assert serve.end() == 0


def test_a_port_in_use_is_told(serve: Serve) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", serve.port))
        taken.listen()
        with pytest.raises(ServingError, match=f"127.0.0.1:{serve.port} .*HOST and PORT"):
            require_free_port("127.0.0.1", serve.port)
        done = subprocess.run(
            [sys.executable, "-m", "voicechanger", "serve"], env=serve.environment, capture_output=True, text=True
        )
    assert done.returncode == 1
    assert "cannot listen on" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (serve.data / "serve.lock").exists()


def command(serve: Serve, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "voicechanger", *arguments], env=serve.environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def assert_nothing_stays(serve: Serve, parts: list[psutil.Process]) -> None:
    _, alive = psutil.wait_procs(parts, timeout=10)
    assert alive == []
    names = {path.name for path in serve.data.rglob("*")}
    assert not {"serve.lock", "postmaster.pid", ".s.PGSQL.5432"} & names
    assert not [name for name in names if name.endswith((".part", ".new"))]
