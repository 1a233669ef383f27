"""Call the kernel where Python has no function for it."""

from __future__ import annotations

import ctypes
import os

_libc = ctypes.CDLL(None, use_errno=True)

_SET_DUMPABLE, _SET_NO_NEW_PRIVS = 4, 38


def syscall(number: int, *arguments: int) -> int:
    """Make a system call with integers and addresses; OSError when the kernel refuses it."""
    answer = int(_libc.syscall(ctypes.c_long(number), *map(ctypes.c_long, arguments)))
    if answer < 0:
        raise _last_error()
    return answer


def forbid_new_privileges() -> None:
    """Let no program that this process starts gain rights; the kernel asks for it before it takes a filter."""
    _prctl(_SET_NO_NEW_PRIVS, 1)


def forbid_inspection() -> None:
    """Keep other processes of the same user from reading this one's memory."""
    _prctl(_SET_DUMPABLE, 0)


def _prctl(option: int, value: int) -> None:
    if _libc.prctl(ctypes.c_int(option), *map(ctypes.c_ulong, (value, 0, 0, 0))) < 0:
        raise _last_error()


def _last_error() -> OSError:
    number = ctypes.get_errno()
    return OSError(number, os.strerror(number))
