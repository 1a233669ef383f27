"""Give up every right that decoding does not need, for good.

A decoder imports what it needs and opens its files, then locks itself down, and only then reads the first byte that a
stranger sent.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

from voicechanger.sandbox import identity, landlock, limits, seccomp, system


@dataclass(frozen=True, slots=True)
class Protection:
    """What the kernel offers besides limits and permissions, which always apply."""

    landlock: int
    """Version of the kernel's interface; 0: none."""
    seccomp: bool

    @property
    def missing(self) -> tuple[str, ...]:
        """Return what decoders must do without, as sentences that say what remains."""
        gaps: list[str] = []
        if not self.seccomp:
            gaps.append("seccomp is missing: decoders are not kept from system calls as such")
        if not self.landlock:
            gaps.append("Landlock is missing: files are protected by seccomp and file permissions alone")
        if not self.seccomp and self.landlock < landlock.NETWORK_SINCE:
            gaps.append("neither seccomp nor Landlock 4 is there: decoders could open network connections")
        return tuple(gaps)


def protection() -> Protection:
    """Ask the kernel what it offers."""
    if sys.platform != "linux":
        return Protection(0, False)
    return Protection(landlock.version(), seccomp.available())


def lock_down() -> None:
    """Give up root, files, network and other processes; open descriptors stay.

    OSError where the kernel offers a protection and then refuses it.  There must be one thread only: Landlock holds
    the calling one.
    """
    offered = protection()
    identity.drop_root()
    limits.forbid_more()
    if sys.platform != "linux":
        return
    system.forbid_inspection()
    system.forbid_new_privileges()
    if offered.landlock:
        landlock.restrict()
    if offered.seccomp:
        seccomp.restrict()
