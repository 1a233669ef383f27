"""Temporary folders that are deleted even when their process was killed.

The owner holds a lock on its folder, which the kernel takes away when the process ends, however it ends. A folder whose
lock is free is abandoned.  A process id would not do: containers that share a temporary folder count their own.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal

import structlog

log = structlog.get_logger()

Kind = Literal["clip", "job", "portrait"]

_NAME = re.compile(r"voicechanger-(clip|job|portrait)-\d+-\w+")
"""What is inside, the process id of the owner for people who look, and random letters."""
_FOLDER_ONLY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW


@contextmanager
def scratch_folder(kind: Kind) -> Generator[Path]:
    """Make a temporary folder of this process; it is deleted when the block ends."""
    folder, lock = _locked_folder(kind)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def _locked_folder(kind: Kind) -> tuple[Path, int]:
    while True:
        folder = Path(tempfile.mkdtemp(prefix=f"voicechanger-{kind}-{os.getpid()}-"))
        # another process may look for abandoned folders just now
        with suppress(FileNotFoundError, BlockingIOError):
            return folder, _lock(folder, fcntl.LOCK_SH)


def delete_abandoned() -> None:
    """Delete the folders that processes of this user left behind when they were killed."""
    for folder in Path(tempfile.gettempdir()).iterdir():
        if _NAME.fullmatch(folder.name) and _delete_if_abandoned(folder):
            log.info("scratch_folder_deleted", folder=folder.name)


def _delete_if_abandoned(folder: Path) -> bool:
    try:
        lock = _lock(folder, fcntl.LOCK_EX)
    except OSError:
        return False
    try:
        if os.fstat(lock).st_uid != os.geteuid():
            return False
        shutil.rmtree(folder, ignore_errors=True)
        return True
    finally:
        os.close(lock)


def _lock(folder: Path, kind: int) -> int:
    """Return the descriptor that holds the lock; OSError when another one has it."""
    descriptor = os.open(folder, _FOLDER_ONLY)
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor
