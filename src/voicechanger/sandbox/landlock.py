"""Take away every access to files, TCP ports and other processes by Landlock.

Constants: the kernel's include/uapi/linux/landlock.h.  The system calls have the same numbers on every architecture.
"""

from __future__ import annotations

import ctypes
import os
import struct

from voicechanger.sandbox.system import syscall

_CREATE_RULESET, _RESTRICT_SELF = 444, 446
_ASK_VERSION = 1

_FILE_RIGHTS = ((5, 16), (3, 15), (2, 14), (1, 13))
"""From which version of the interface on it knows how many rights to files."""
NETWORK_SINCE, _SCOPES_SINCE = 4, 6
_BIND_AND_CONNECT = 0b11
_ABSTRACT_SOCKETS_AND_SIGNALS = 0b11


def version() -> int:
    """Return the version of the kernel's interface; 0 where there is no Landlock or it is switched off."""
    try:
        return syscall(_CREATE_RULESET, 0, 0, _ASK_VERSION)
    except OSError:
        return 0


def restrict() -> None:
    """Forbid this thread to open, create, rename or delete any file, and what else the kernel's version knows.

    Descriptors that are open stay as they are.  Ask for no new privileges first.  OSError where `version` is 0.
    """
    rules = ruleset(version())
    address = ctypes.create_string_buffer(rules, len(rules))
    descriptor = syscall(_CREATE_RULESET, ctypes.addressof(address), len(rules), 0)
    try:
        syscall(_RESTRICT_SELF, descriptor, 0)
    finally:
        os.close(descriptor)


def ruleset(known: int) -> bytes:
    """Return the kernel's structure for a version of its interface: every right is handled, none is granted."""
    files = next((rights for since, rights in _FILE_RIGHTS if known >= since), 13)
    fields = [(1 << files) - 1]
    if known >= NETWORK_SINCE:
        fields.append(_BIND_AND_CONNECT)
    if known >= _SCOPES_SINCE:
        fields.append(_ABSTRACT_SOCKETS_AND_SIGNALS)
    return struct.pack(f"={len(fields)}Q", *fields)
