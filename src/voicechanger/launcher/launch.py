"""Become another program that does not outlive its parent:  launch.py SIGNAL USER PROGRAM ARGUMENT…

Run as a file by a bare interpreter, in a process of its own: `prctl` between fork and exec is not safe in a
parent that has threads. USER is empty, or whom to become first (the kernel forgets the signal when the user
changes). The parent's death sends SIGNAL, however it dies.
"""

from __future__ import annotations

import ctypes
import os
import pwd
import signal
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    name, user, *command = sys.argv[1:]
    parent = os.getppid()
    if user:
        entry = pwd.getpwnam(user)
        os.setgroups([])
        os.setgid(entry.pw_gid)
        os.setuid(entry.pw_uid)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.Signals[name].value)
    if os.getppid() != parent:
        sys.exit(1)  # it died before we asked to be told
    os.execvp(command[0], command)  # noqa: S606  # replacing this process is the point


if __name__ == "__main__":
    main()
