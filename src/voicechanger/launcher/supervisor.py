"""`voicechanger serve`: start database, API and workers in order, restart what stops, stop them in order."""

from __future__ import annotations

import asyncio
import http.client
import signal
import socket
import sys
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import psutil
import typer

from voicechanger.launcher.data_folder import DataFolder
from voicechanger.launcher.errors import ServingError
from voicechanger.launcher.part import Part, tied
from voicechanger.launcher.postgres import DATABASE, PrivatePostgres
from voicechanger.launcher.schema import bring_up_to_date
from voicechanger.settings import Settings, environment_with

API_STOP_SECONDS = 30.0
WORKER_STOP_SECONDS = 60.0
READY_SECONDS = 600.0
PATIENCE_SECONDS = 30.0
ASK_EVERY_SECONDS = 0.2


def serve(settings: Settings) -> None:
    """Run everything until Ctrl-C or SIGTERM; raise ServingError when it cannot continue."""
    with DataFolder(settings.data_dir) as folder:
        require_free_port(settings.host, settings.port)
        asyncio.run(Supervisor(settings, folder).run())


class Supervisor:
    """The processes of one machine, in the order in which they start."""

    def __init__(self, settings: Settings, folder: DataFolder) -> None:
        self.settings = settings
        self.folder = folder
        self.postgres = None if settings.database_url else PrivatePostgres(folder.postgres)
        self.database_url = self.postgres.url() if self.postgres else settings.database_url
        self._layers: list[list[Part]] = []
        self._watchers: list[asyncio.Task[None]] = []
        self._signals = 0
        self._had_key = True
        self._phases = Phases()

    async def run(self) -> None:
        """Start all parts, watch them, and stop them after a signal; raise ServingError if a part keeps crashing."""
        main = asyncio.create_task(self._start_and_watch())
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self._on_signal, main)
        try:
            await main
        except asyncio.CancelledError:
            if not self._signals:
                raise
        finally:
            await self._stop()

    def _on_signal(self, main: asyncio.Task[None]) -> None:
        self._signals += 1
        if self._signals == 1:
            show("serve", "stopping; press Ctrl-C again to stop at once")
            main.cancel()
            return
        for part in self._parts():
            if part.name != "postgres":
                part.kill()

    async def _start_and_watch(self) -> None:
        self._phases.end("imports")
        if self.postgres is not None:
            await self._start([self._postgres_part(self.postgres)])
            await self._until(self._database_answers(self.postgres))
            self._phases.end("PostgreSQL")
        await self._prepare_database()
        self._phases.end("schema and first account")
        environment = environment_with(
            DATABASE_URL=self.database_url,
            SECRET_KEY=self.settings.secret_key.get_secret_value() or self.folder.secret(),
            DATA_DIR=str(self.folder.path),
        )
        names = [f"worker-{number}" for number in range(1, self.settings.workers + 1)]
        await self._start([self._own_part(name, "worker", environment, WORKER_STOP_SECONDS) for name in names])
        await self._start([self._own_part("api", "api", environment, API_STOP_SECONDS)])
        await self._until(self._ready())
        self._phases.end("API and workers")
        show("serve", str(self._phases))
        announce(self.settings, self.folder, new_key=not self._had_key)
        await self._until(asyncio.Event().wait())

    async def _prepare_database(self) -> None:
        migrated = await asyncio.to_thread(bring_up_to_date, self.database_url)
        # with its key file and without a link, a private database has its first account and its administrator
        done = self.folder.key_file.exists() and not self.folder.admin_link_file.exists()
        self._had_key = self.folder.key_file.exists()
        if migrated or self.postgres is None or not done:
            from voicechanger.launcher.first_run import ensure_account

            await ensure_account(self.database_url, self.settings, self.folder)

    def _postgres_part(self, postgres: PrivatePostgres) -> Part:
        def command() -> list[str]:
            postgres.prepare()
            return postgres.command()

        return Part("postgres", command, show, stop_signal=signal.SIGINT, folder=Path("/"))

    def _own_part(self, name: str, role: str, environment: dict[str, str], stop_seconds: float) -> Part:
        command = tied([sys.executable, "-m", "voicechanger", role])
        return Part(name, lambda: command, show, environment=environment, stop_seconds=stop_seconds)

    async def _start(self, parts: list[Part]) -> None:
        self._layers.append(parts)
        for part in parts:
            await part.start()
            self._watchers.append(asyncio.create_task(part.watch(), name=part.name))

    async def _until(self, work: Coroutine[Any, Any, object]) -> None:
        """Wait for `work`; raise ServingError as soon as a part keeps crashing."""
        task = asyncio.create_task(work)
        try:
            done, _ = await asyncio.wait({task, *self._watchers}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            task.cancel()
        for each in done:
            each.result()

    async def _database_answers(self, postgres: PrivatePostgres) -> None:
        while not await asyncio.to_thread(postgres.is_ready):  # noqa: ASYNC110  # the server sends no event when it is ready
            await asyncio.sleep(0.05)
        await asyncio.to_thread(postgres.ensure_database, DATABASE)

    async def _ready(self) -> None:
        """Wait until the API reports that it is ready; raise ServingError after READY_SECONDS."""
        loop = asyncio.get_running_loop()
        start = loop.time()
        next_word = start + PATIENCE_SECONDS
        while not await asyncio.to_thread(is_ready, self.settings):
            if loop.time() - start > READY_SECONDS:
                raise ServingError(f"The API was not ready after {READY_SECONDS:.0f} s; see the messages above.")
            if loop.time() > next_word:
                show("serve", "the workers are still loading their models")
                next_word += PATIENCE_SECONDS
            await asyncio.sleep(ASK_EVERY_SECONDS)

    async def _stop(self) -> None:
        """Stop the API first, so that no new requests arrive, then the workers, then PostgreSQL."""
        for watcher in self._watchers:
            watcher.cancel()
        await asyncio.gather(*self._watchers, return_exceptions=True)
        for layer in reversed(self._layers):
            await asyncio.gather(*(part.stop() for part in layer))
        if self.postgres is not None:
            self.postgres.clean_up()

    def _parts(self) -> list[Part]:
        return [part for layer in self._layers for part in layer]


class Phases:
    """Durations of the phases of the start, measured from the creation of the process."""

    def __init__(self) -> None:
        self._start = self._last = psutil.Process().create_time()
        self._seconds: list[tuple[str, float]] = []

    def end(self, name: str) -> None:
        """Record the end of a phase, which started at the end of the previous one."""
        now = time.time()
        self._seconds.append((name, now - self._last))
        self._last = now

    def __str__(self) -> str:
        phases = ", ".join(f"{name} {seconds:.1f}" for name, seconds in self._seconds)
        return f"ready after {self._last - self._start:.1f} s ({phases})"


def is_ready(settings: Settings) -> bool:
    """Return whether the API of this machine reports that it is ready."""
    connection = http.client.HTTPConnection(local_host(settings), settings.port, timeout=5.0)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def require_free_port(host: str, port: int) -> None:
    """Raise ServingError when the API cannot listen on the address."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise ServingError(
            f"The API cannot listen on {host}:{port} ({error.strerror}). "
            f"Stop the program that uses it, or choose another address with HOST and PORT."
        ) from error


def local_host(settings: Settings) -> str:
    """Return the host at which this machine reaches the API."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104  # compared only


def announce(settings: Settings, folder: DataFolder, *, new_key: bool) -> None:
    """Print the address, a new API key, the administrator's link while it is unused, and an example request."""
    address = settings.base_url
    lines = ["", f"VoiceChangerAPI is ready at {address}   (reference: {address}/docs)"]
    if folder.key_file.exists():
        lines += [
            f"API key: {folder.key_file.read_text().strip()}   (kept in {folder.key_file})"
            if new_key
            else f"API key: kept in {folder.key_file}",
            "",
            "Clone a voice:",
            f"""  curl {address}/v1/voice-cloning/tts -H "X-API-Key: $(cat '{folder.key_file}')" \\""",
            """    -F text='Hello from a cloned voice.' -F audio_ref=@examples/reference.wav -F async_mode=false""",
        ]
    else:
        lines += ["Accounts exist already. Create a key with `voicechanger keys create NAME`."]
    if folder.admin_link_file.exists():
        link = folder.admin_link_file.read_text().strip()
        lines += ["", f"Administrator: sign up at {link}   (works once, for 24 hours)"]
    typer.echo("\n".join([*lines, ""]))


def show(name: str, line: str) -> None:
    """Print one line of output of a part."""
    typer.echo(f"{name:<9}| {line}", err=True)
