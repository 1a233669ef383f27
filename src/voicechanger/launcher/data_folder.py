"""The data folder of `serve`: locked by one process, with a secret and private files."""

from __future__ import annotations

import fcntl
import os
import secrets
from pathlib import Path
from types import TracebackType
from typing import Self

from voicechanger.launcher.errors import ServingError


class DataFolder:
    """The data folder, locked by one `serve`; the lock ends with the process."""

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        self._lock: int | None = None

    def __enter__(self) -> Self:
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            # the group may still enter: the PostgreSQL that root starts is in this folder (owner.py)
            self.path.chmod(self.path.stat().st_mode & 0o710 | 0o700)
            self._lock = self._claim()
        except OSError as error:
            raise ServingError(
                f"The data folder {self.path} cannot be written ({error.strerror}). Choose another with DATA_DIR."
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
        """Open and lock the lock file; return its descriptor."""
        lock = os.open(self._lock_file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.read(lock, 32).decode() or "unknown"
            os.close(lock)
            raise ServingError(
                f"Another `voicechanger serve` (process {holder}) uses {self.path}. "
                f"Stop it, or choose another folder with DATA_DIR."
            ) from error
        if not self._lock_file.exists() or os.fstat(lock).st_ino != self._lock_file.stat().st_ino:
            # another process removed the file between our open and our lock
            os.close(lock)
            return self._claim()
        os.ftruncate(lock, 0)
        os.pwrite(lock, str(os.getpid()).encode(), 0)
        return lock

    @property
    def postgres(self) -> Path:
        """Folder of the private PostgreSQL."""
        return self.path / "postgres"

    @property
    def key_file(self) -> Path:
        """File with the API key of the first account."""
        return self.path / "api-key.txt"

    @property
    def admin_link_file(self) -> Path:
        """The link with which the first administrator signs up; there while nobody has."""
        return self.path / "admin-link.txt"

    @property
    def new_key_file(self) -> Path:
        """File with the same key until its account is committed."""
        return self.path / "api-key.txt.new"

    def secret(self) -> str:
        """Return the secret that signs links and sessions; create it at the first start."""
        path = self.path / "secret"
        if not path.exists():
            write_private(path, secrets.token_hex(32))
        return path.read_text().strip()


def write_private(path: Path, text: str) -> None:
    """Write a file with mode 0600, completely or not at all."""
    part = path.with_name(path.name + ".part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
    part.rename(path)
