"""Replace this process by a program that ends with its parent:  launch.py SIGNAL USER PROGRAM ARGUMENT…

The kernel sends SIGNAL to the program when the parent dies. USER is empty, or the user to switch to first: a change of
user resets the signal. It runs as a file in its own process, because `prctl` between fork and exec is not safe in a
parent with threads.
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
        sys.exit(1)  # the parent died before the signal was set
    os.execvp(command[0], command)  # noqa: S606  # replacing this process is the purpose


if __name__ == "__main__":
    main()
