"""Cap what a process may take."""

from __future__ import annotations

import resource
from dataclasses import dataclass

_DESCRIPTORS = 32


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that a decoder may take."""

    memory: int
    """Bytes of address space: about 200 MB more than it really holds."""
    cpu_seconds: int
    file_bytes: int
    """Of any file that it writes."""

    def apply(self) -> None:
        """Cap address space, processor time and file size, and leave no core dump."""
        for kind, limit in (
            (resource.RLIMIT_AS, self.memory),
            (resource.RLIMIT_CPU, self.cpu_seconds),
            (resource.RLIMIT_FSIZE, self.file_bytes),
            (resource.RLIMIT_CORE, 0),
        ):
            resource.setrlimit(kind, (limit, limit))


def forbid_more() -> None:
    """Allow few descriptors and no further process or thread."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (_DESCRIPTORS, _DESCRIPTORS))
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
