"""Write a file once when several processes want it."""

from __future__ import annotations

import fcntl
from collections.abc import Callable
from pathlib import Path


def once(done: Callable[[], bool], lock: Path, write: Callable[[], None]) -> None:
    """Call `write` unless `done` returns True; other processes wait at the file `lock` meanwhile.

    OSError when the lock or the result cannot be written.  `write` must publish by renaming, for readers take no lock.
    """
    if done():
        return
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        if not done():
            write()
