"""Write something once, whichever of several processes comes first."""

from __future__ import annotations

import fcntl
from collections.abc import Callable
from pathlib import Path


def once(done: Callable[[], bool], lock: Path, write: Callable[[], None]) -> None:
    """Call `write` unless `done` says that it is; who comes meanwhile waits at the file `lock`.

    OSError when the lock or what is written cannot be.  `write` must publish by renaming: readers see no lock.
    """
    if done():
        return
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        if not done():
            write()
