"""Attack a server of one's own and print what each attack costs: python benchmarks/attack.py [NAME …].

Starts `voicechanger serve` in a temporary folder on the loopback address, sends one attack after the other, and prints
the processor seconds and the peak memory of all of its processes, the slowest answer of /healthz meanwhile, and what
the attacker got.  Each attack is bounded in count and ends after 30 s.
"""

from __future__ import annotations

import asyncio
import io
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import numpy as np
import psutil
import soundfile  # pyright: ignore[reportMissingTypeStubs]  # it has none

SECONDS = 30.0
"""Longest time of one attack."""
PORT = 18_765
HOST = "127.0.0.1"


@dataclass
class Target:
    """The server under attack."""

    process: psutil.Process
    key: str
    answers: Counter[str] = field(default_factory=Counter[str])
    """Statuses of the attack in progress."""

    def client(self, **headers: str) -> httpx.AsyncClient:
        limits = httpx.Limits(max_connections=None)
        return httpx.AsyncClient(base_url=f"http://{HOST}:{PORT}", headers=headers, timeout=SECONDS, limits=limits)

    async def send(self, method: str, path: str, count: int = 1, **request: object) -> None:
        """Send requests at the same time and count their statuses."""

        async def one(client: httpx.AsyncClient) -> None:
            try:
                answer = await client.request(method, path, **request)  # pyright: ignore[reportArgumentType]
                self.answers[str(answer.status_code)] += 1
            except httpx.HTTPError as error:
                self.answers[type(error).__name__] += 1

        async with self.client(**{"X-API-Key": self.key}) as client:
            await asyncio.gather(*(one(client) for _ in range(count)))

    async def raw(self, data: bytes, count: int) -> None:
        """Open connections, send the same bytes on each, and wait until the server closes them."""

        async def one() -> None:
            try:
                reader, writer = await asyncio.open_connection(HOST, PORT)
                writer.write(data)
                answer = await reader.read(64)
                writer.close()
                self.answers[answer[9:12].decode() or "closed"] += 1
            except OSError as error:
                self.answers[type(error).__name__] += 1

        await asyncio.gather(*(one() for _ in range(count)))


Attack = Callable[[Target], Awaitable[None]]
HEAD = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n"


async def long_sign_in(target: Target) -> None:
    """Row 1: 15 sign-ins with an e-mail of 130 characters."""
    form = {"email": "a" * 120 + "@example.com", "password": "wrong password"}
    await target.send("POST", "/sign-in", 15, data=form, headers={"Origin": f"http://{HOST}:{PORT}"})


async def nul_sign_in(target: Target) -> None:
    """Row 1: 15 sign-ins with a NUL in the e-mail."""
    form = {"email": "a\0@example.com", "password": "wrong password"}
    await target.send("POST", "/sign-in", 15, data=form, headers={"Origin": f"http://{HOST}:{PORT}"})


async def french_quote(target: Target) -> None:
    """Row 2: one free quote of `1e9` repeated, 1,250 characters."""
    await target.send("POST", "/v1/voice-cloning/quote", data={"text": "1e9" * 417, "language": "fr"})


async def many_quotes(target: Target) -> None:
    """Row 2: 20 free quotes of 20,000 characters at once."""
    text = "The old lighthouse keeper climbed the stairs. " * 430
    await target.send("POST", "/v1/voice-cloning/quote", 20, data={"text": text})


async def rebinding(target: Target) -> None:
    """Row 4: a foreign Host."""
    await target.send("POST", "/sign-up", headers={"Host": "attacker.example"}, data={"email": "a@example.com"})


async def large_flacs(target: Target) -> None:
    """Row 5: six recordings of 59 s at 192 kHz at once."""
    file = io.BytesIO()
    noise = np.random.default_rng(0).normal(0, 0.1, 59 * 192_000).astype(np.float32)
    soundfile.write(file, noise, 192_000, format="FLAC", subtype="PCM_16")
    files = {"audio_ref": ("a.flac", file.getvalue())}
    await target.send("POST", "/v1/voice-cloning/tts", 6, data={"text": "Hello."}, files=files)


async def half_heads(target: Target) -> None:
    """Row 7: 300 half heads."""
    await target.raw(HEAD, 300)


async def half_bodies(target: Target) -> None:
    """Row 7: 100 half bodies."""
    await target.raw(HEAD.replace(b"GET", b"POST") + b"Content-Length: 100\r\n\r\nhalf", 100)


async def silent(target: Target) -> None:
    """Row 7: 100 silent sockets."""
    await target.raw(b"", 100)


async def endless_header(target: Target) -> None:
    """Row 7: one header of 10 MB."""
    await target.raw(HEAD + b"X-Long: " + b"x" * 10_000_000, 1)


async def many_headers(target: Target) -> None:
    """Row 7: 20,000 headers."""
    await target.raw(HEAD + b"".join(b"X-%d: y\r\n" % number for number in range(20_000)) + b"\r\n", 1)


async def odd_texts(target: Target) -> None:
    """Row 8: a NUL in a webhook's description and a lone surrogate in a voice."""
    await target.send("POST", "/v1/webhooks", json={"url": "https://example.com/", "description": "a\0b"})
    body = b'{"model": "tts-1", "input": "Hello.", "voice": "\\ud800"}'
    await target.send("POST", "/v1/audio/speech", content=body, headers={"Content-Type": "application/json"})


async def ampersands(target: Target) -> None:
    """Row 11: 20 MB of `&`."""
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    await target.send("POST", "/v1/voice-cloning/quote", content=b"&" * 20_000_000, headers=headers)


ATTACKS: tuple[Attack, ...] = (
    long_sign_in,
    nul_sign_in,
    french_quote,
    many_quotes,
    rebinding,
    large_flacs,
    half_heads,
    half_bodies,
    silent,
    endless_header,
    many_headers,
    odd_texts,
    ampersands,
)


@contextmanager
def target() -> Generator[Target]:
    """A server of its own, and a key of its first account."""
    with tempfile.TemporaryDirectory(prefix="voicechanger-attack-") as folder:
        log = Path(folder) / "log"
        settings = {"DATA_DIR": f"{folder}/data", "PORT": str(PORT), "HOST": HOST, "WORKERS": "1"}
        environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"} | settings
        command = [sys.executable, "-m", "voicechanger"]
        with log.open("wb") as output:
            process = subprocess.Popen([*command, "serve"], cwd=folder, env=environment, stdout=output, stderr=output)
        try:
            while "is ready at" not in log.read_text():
                if process.poll() is not None:
                    raise SystemExit(log.read_text())
                time.sleep(0.2)
            create = [*command, "keys", "create", "attack"]
            made = subprocess.run(create, cwd=folder, env=environment, capture_output=True, text=True)
            found = re.search(r"vc_\w+", made.stdout + log.read_text())
            if found is None:
                raise SystemExit(f"no API key: {made.stdout}{made.stderr}")
            yield Target(psutil.Process(process.pid), found[0])
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


def cost(process: psutil.Process) -> tuple[float, float]:
    """Processor seconds and mebibytes of a process and its children, ended children included."""
    seconds = memory = 0.0
    for one in (process, *process.children(recursive=True)):
        try:
            times = one.cpu_times()
            seconds += times.user + times.system + times.children_user + times.children_system
            memory += one.memory_info().rss / 2**20
        except psutil.NoSuchProcess:
            continue
    return seconds, memory


async def measure(server: Target, attack: Attack) -> str:
    """One row: run the attack beside a client that asks /healthz."""
    server.answers.clear()
    before, _ = cost(server.process)
    attacking = asyncio.ensure_future(asyncio.wait_for(attack(server), SECONDS))
    slowest = most = 0.0
    async with server.client() as client:
        while not attacking.done():
            began = time.monotonic()
            try:
                await client.get("/healthz")
            except httpx.HTTPError:
                slowest = SECONDS
            slowest = max(slowest, time.monotonic() - began)
            most = max(most, cost(server.process)[1])
            await asyncio.wait({attacking}, timeout=0.1)
    late = " (stopped after 30 s)" if isinstance(attacking.exception(), TimeoutError) else ""
    answers = ", ".join(f"{count} × {status}" for status, count in sorted(server.answers.items())) + late
    name = (attack.__doc__ or "").rstrip(".")
    return f"| {name} | {cost(server.process)[0] - before:.1f} | {most:.0f} | {slowest:.2f} | {answers} |"


async def main(names: list[str]) -> None:
    with target() as server:
        print("| attack | processor s | peak MiB, all processes | slowest /healthz, s | answers |")
        print("| --- | --- | --- | --- | --- |")
        for attack in ATTACKS:
            if not names or attack.__name__ in names:
                print(await measure(server, attack), flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
