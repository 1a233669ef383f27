"""The user that runs the private PostgreSQL, and the permissions that this user needs."""

from __future__ import annotations

import hashlib
import os
import pwd
import re
import stat
import subprocess
from pathlib import Path

import structlog

from voicechanger.launcher.errors import ServingError

USER = "voicechanger"
LONGEST_SOCKET = 107
"""Most bytes of the path of a Unix socket on Linux."""
_PLAIN = re.compile(r"[\w./ -]+", re.ASCII)
_log = structlog.get_logger()


class Owner:
    """The current user; for root, a system user without rights, created if it does not exist."""

    def __init__(self) -> None:
        self.name = USER if os.geteuid() == 0 else ""
        entry = _system_user() if self.name else pwd.getpwuid(os.geteuid())
        self._uid, self._gid = entry.pw_uid, entry.pw_gid

    def make_private(self, folder: Path) -> None:
        """Create a folder that only the owner can enter; raise ServingError if another user owns it (in /tmp)."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {self._uid, os.geteuid()}:
            raise ServingError(f"The folder {folder} belongs to another user. Remove it and start again.")
        os.chown(folder, self._uid, self._gid)
        folder.chmod(0o700)

    def reach(self, folder: Path) -> None:
        """Let the owner pass through (not list) the parent folders; needed only when root starts PostgreSQL."""
        if not self.name:
            return
        for above in folder.resolve().parents:
            found = above.stat()
            if found.st_mode & stat.S_IXOTH or (found.st_gid == self._gid and found.st_mode & stat.S_IXGRP):
                continue
            if above == folder.parent:
                os.chown(above, -1, self._gid)
                above.chmod(found.st_mode | stat.S_IXGRP)
                continue
            _log.warning("folder_made_passable", folder=str(above), why=f"user {USER} must reach {folder}")
            above.chmod(found.st_mode | stat.S_IXOTH)

    def let_run(self, programs: Path) -> None:
        """Let the owner run programs that root installed (with umask 077, or in a folder below /root)."""
        if not self.name:
            return
        self.reach(programs)
        for path in [programs, *programs.parent.rglob("*")]:
            mode = path.lstat().st_mode
            if stat.S_ISLNK(mode):
                continue
            wanted = stat.S_IROTH | (stat.S_IXOTH if mode & stat.S_IXUSR else 0)
            if mode & wanted != wanted:
                path.chmod(mode | wanted)


def socket_folder(folder: Path, port: int) -> Path:
    """Return the folder of the cluster's socket: `folder`, or one in /tmp if that path is too long or not plain."""
    if len(f"{folder}/.s.PGSQL.{port}".encode()) <= LONGEST_SOCKET and _PLAIN.fullmatch(str(folder)):
        return folder
    digest = hashlib.sha256(str(folder).encode()).hexdigest()[:16]
    return Path(f"/tmp/voicechanger-{os.geteuid()}-{digest}")  # noqa: S108  # Owner.make_private checks it


def _system_user() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(USER)
    except KeyError:
        pass
    command = ["useradd", "--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin", USER]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise ServingError(
            f"PostgreSQL does not run as root and the system user {USER} could not be created "
            f"({done.stderr.strip()}). Run as another user, or set DATABASE_URL."
        )
    return pwd.getpwnam(USER)
