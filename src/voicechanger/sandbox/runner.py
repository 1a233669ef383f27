"""Run a decoder and wait for its answer."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from voicechanger.sandbox.child import ENVIRONMENT, OUTPUT_FAILED, SANDBOX_FAILED

_ANSWER, _COMPLAINT = 65_536, 500
"""Bytes of a child's output and of its complaints that are kept: a hostile file may make it write without end."""
_READ = 65_536


@dataclass(frozen=True, slots=True)
class Ended:
    """How a child ended."""

    exit_code: int
    """Negative: the signal that killed it."""
    output: bytes
    complaints: str
    """The end of what it wrote to its standard error."""

    @property
    def machine_failed(self) -> bool:
        """True when the fault is the machine's, not the upload's."""
        return self.exit_code in (SANDBOX_FAILED, OUTPUT_FAILED)


async def run_child(module: str, arguments: Sequence[str], seconds: float) -> Ended:
    """Run a module as a decoder until it ends; it is killed when the caller stops waiting.

    TimeoutError after `seconds` of wall-clock time.
    """
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        *arguments,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=ENVIRONMENT,
    )
    assert child.stdout is not None and child.stderr is not None
    try:
        async with asyncio.timeout(seconds):
            output, complaints = await asyncio.gather(_end_of(child.stdout, _ANSWER), _end_of(child.stderr, _COMPLAINT))
            await child.wait()
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    assert child.returncode is not None
    return Ended(child.returncode, output, complaints.decode(errors="replace"))


async def _end_of(stream: asyncio.StreamReader, most: int) -> bytes:
    """Read to the end; return the last bytes, `most` of them."""
    end = b""
    while part := await stream.read(_READ):
        end = (end + part)[-most:]
    return end
