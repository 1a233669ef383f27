"""The data folder of `serve`: one owner at a time, a secret of its own, files that only we may read."""

from __future__ import annotations

import fcntl
import os
import secrets
from pathlib import Path
from types import TracebackType
from typing import Self

from voicechanger.launcher.errors import ServingError


class DataFolder:
    """Opened by one `serve` at a time; the lock goes with the process, however it ends."""

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        self._lock: int | None = None

    def __enter__(self) -> Self:
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            # the group keeps its right to pass: root's PostgreSQL lies below (owner.py)
            self.path.chmod(self.path.stat().st_mode & 0o710 | 0o700)
            self._lock = self._claim()
        except OSError as error:
            raise ServingError(
                f"The data folder {self.path} cannot be written ({error.strerror}): choose another with DATA_DIR"
            ) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._lock is not None:
            self._lock_file.unlink(missing_ok=True)
            os.close(self._lock)
            self._lock = None

    @property
    def _lock_file(self) -> Path:
        return self.path / "serve.lock"

    def _claim(self) -> int:
        """An open, locked descriptor of the lock file."""
        lock = os.open(self._lock_file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.read(lock, 32).decode() or "unknown"
            os.close(lock)
            raise ServingError(
                f"Another `voicechanger serve` (process {holder}) runs on {self.path}: "
                f"stop it, or give this one a folder of its own with DATA_DIR"
            ) from error
        if not self._lock_file.exists() or os.fstat(lock).st_ino != self._lock_file.stat().st_ino:
            # the one that just ended removed it between our open and our lock
            os.close(lock)
            return self._claim()
        os.ftruncate(lock, 0)
        os.pwrite(lock, str(os.getpid()).encode(), 0)
        return lock

    @property
    def postgres(self) -> Path:
        """The private PostgreSQL's files."""
        return self.path / "postgres"

    @property
    def key_file(self) -> Path:
        """The API key of the first account."""
        return self.path / "api-key.txt"

    @property
    def admin_link_file(self) -> Path:
        """The link with which the first administrator signs up; there while nobody has."""
        return self.path / "admin-link.txt"

    @property
    def new_key_file(self) -> Path:
        """The same key until its account is committed."""
        return self.path / "api-key.txt.new"

    def secret(self) -> str:
        """The secret that signs links and sessions: made at the first start, the same ever after."""
        path = self.path / "secret"
        if not path.exists():
            write_private(path, secrets.token_hex(32))
        return path.read_text().strip()


def write_private(path: Path, text: str) -> None:
    """Write a file of mode 0600, whole or not at all."""
    part = path.with_name(path.name + ".part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
    part.rename(path)
