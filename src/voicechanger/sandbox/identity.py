"""Become a user that owns nothing."""

from __future__ import annotations

import os

_FIRST, _COUNT = 61_184, 4_336
"""Ids that systemd gives to services for the time they run: no account has them, and no file belongs to them."""
_NOBODY = 65_534


def drop_root() -> None:
    """As root, become a user without files, groups or capabilities, another one for each process.

    Not the system user `voicechanger`: the private PostgreSQL runs as that one, and its files are its own.  Where the
    container knows few ids, become nobody; where root may not change its user, stay.
    """
    if os.geteuid() != 0:
        return
    for user in (_FIRST + os.getpid() % _COUNT, _NOBODY):
        if _become(user):
            return


def _become(user: int) -> bool:
    try:
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    except OSError:
        return False
    return True
