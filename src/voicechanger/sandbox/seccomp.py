"""Leave a process only the system calls that computing on open descriptors needs.

The filter is a classic BPF program over `struct seccomp_data` (include/uapi/linux/seccomp.h): it compares the number
of the system call with those allowed, and refuses the others with EPERM.
"""

from __future__ import annotations

import ctypes
import errno
import platform
import struct
from collections.abc import Iterable
from typing import Final

from voicechanger.sandbox.system import syscall

_FILTER, _ACTION_AVAILABLE = 1, 2
_ALL_THREADS = 1

_ALLOW, _KILL = 0x7FFF0000, 0x80000000
_REFUSE = 0x00050000 | errno.EPERM

_LOAD, _EQUAL, _ANY_BIT, _RETURN = 0x20, 0x15, 0x45, 0x06
_NUMBER, _ARCHITECTURE = 0, 4
"""Offsets in the structure, in bytes."""

_EXECUTABLE = 4
"""PROT_EXEC"""
_BY_DESCRIPTOR = 0x1000
"""AT_EMPTY_PATH: how newer C libraries ask for the size of an open file."""
_HARMLESS_FCNTL = (1, 3, 1030)
"""F_GETFD, F_GETFL, F_DUPFD_CLOEXEC; others send signals."""


# on x86-64, on 64-bit ARM
_PLAIN: Final = {
    "read": (0, 63),
    "write": (1, 64),
    "close": (3, 57),
    "fstat": (5, 80),
    "lseek": (8, 62),
    "munmap": (11, 215),
    "brk": (12, 214),
    "rt_sigaction": (13, 134),
    "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139),
    "pread64": (17, 67),
    "pwrite64": (18, 68),
    "readv": (19, 65),
    "writev": (20, 66),
    "sched_yield": (24, 124),
    "mremap": (25, 216),
    "madvise": (28, 233),
    "dup": (32, 23),
    "nanosleep": (35, 101),
    "getpid": (39, 172),
    "exit": (60, 93),
    "ftruncate": (77, 46),
    "gettimeofday": (96, 169),
    "getrusage": (98, 165),
    "sigaltstack": (131, 132),
    "gettid": (186, 178),
    "futex": (202, 98),
    "sched_getaffinity": (204, 123),
    "restart_syscall": (219, 128),
    "clock_gettime": (228, 113),
    "clock_getres": (229, 114),
    "clock_nanosleep": (230, 115),
    "exit_group": (231, 94),
    "set_robust_list": (273, 99),
    "getrandom": (318, 278),
    "memfd_create": (319, 279),
    "rseq": (334, 293),
}
"""Allowed whatever their arguments are."""
_MMAP, _MPROTECT = (9, 222), (10, 226)
_NEWFSTATAT, _FCNTL = (262, 79), (72, 25)
_SECCOMP: Final = (317, 277)

_MACHINES: Final = {"x86_64": 0, "aarch64": 1}
"""Which of two numbers."""
_ARCHITECTURES: Final = (0xC000003E, 0xC00000B7)
"""AUDIT_ARCH_…"""


def available() -> bool:
    """Say whether the kernel takes filters on this architecture."""
    machine = _MACHINES.get(platform.machine())
    if machine is None:
        return False
    action = ctypes.c_uint32(_REFUSE & 0xFFFF0000)
    try:
        return syscall(_SECCOMP[machine], _ACTION_AVAILABLE, 0, ctypes.addressof(action)) == 0
    except OSError:
        return False


def restrict() -> None:
    """Refuse every other system call from now on, in all threads: no file, socket, process or signal.

    Ask for no new privileges first.  OSError where `available` is false.
    """
    machine = _MACHINES.get(platform.machine())
    if machine is None:
        raise OSError(errno.ENOSYS, f"no filter for {platform.machine()}")
    code = program(machine)
    held = ctypes.create_string_buffer(code, len(code))
    # struct sock_fprog: the number of instructions, and where they are
    header = ctypes.create_string_buffer(struct.pack("@HP", len(code) // 8, ctypes.addressof(held)))
    syscall(_SECCOMP[machine], _FILTER, _ALL_THREADS, ctypes.addressof(header))


def program(machine: int) -> bytes:
    """Return the filter's instructions, eight bytes each, for x86-64 (0) or 64-bit ARM (1)."""
    code = [_step(_LOAD, _ARCHITECTURE), _step(_EQUAL, _ARCHITECTURES[machine], 1, 0), _step(_RETURN, _KILL)]
    code.append(_step(_LOAD, _NUMBER))
    for numbers in _PLAIN.values():
        code += [_step(_EQUAL, numbers[machine], 0, 1), _step(_RETURN, _ALLOW)]
    for numbers in (_MMAP, _MPROTECT):
        code += _when(numbers[machine], [_argument(2), _step(_ANY_BIT, _EXECUTABLE, 1, 0), _step(_RETURN, _ALLOW)])
    code += _when(_NEWFSTATAT[machine], [_argument(3), *_allowed_values([_BY_DESCRIPTOR])])
    code += _when(_FCNTL[machine], [_argument(1), *_allowed_values(_HARMLESS_FCNTL)])
    code.append(_step(_RETURN, _REFUSE))
    return b"".join(code)


def _step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    """Return one instruction; jumps count the instructions that are left out."""
    return struct.pack("=HBBI", code, if_true, if_false, value)


def _argument(index: int) -> bytes:
    """Load the lower half of an argument; both architectures store it first."""
    return _step(_LOAD, 16 + 8 * index)


def _allowed_values(values: Iterable[int]) -> list[bytes]:
    return [step for value in values for step in (_step(_EQUAL, value, 0, 1), _step(_RETURN, _ALLOW))]


def _when(number: int, steps: list[bytes]) -> list[bytes]:
    """Return steps that run for one system call only; it is refused where none of them allows it."""
    body = [*steps, _step(_RETURN, _REFUSE)]
    return [_step(_EQUAL, number, 0, len(body)), *body]
