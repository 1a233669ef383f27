"""What a decoder and the process that starts it agree on."""

from __future__ import annotations

import sys
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

SANDBOX_FAILED: Final = 71
"""EX_OSERR: exit code of a child whose lock-down the kernel refused."""
OUTPUT_FAILED: Final = 74
"""EX_IOERR: exit code of a child that could not write its output, e.g. because the disk is full."""

ENVIRONMENT: Final = {
    "PATH": "/usr/bin:/bin",
    "PYTHONSAFEPATH": "1",
    # One thread: a locked child can start no other.  The speech detector asks for four and is 5 times cheaper with one
    "OMP_NUM_THREADS": "1",
    "OMP_THREAD_LIMIT": "1",
    "OPENBLAS_NUM_THREADS": "1",
}
"""All that a child sees of the environment: no secret is in it."""


@contextmanager
def failing_with(exit_code: int) -> Generator[None]:
    """End the process with a code, and the reason on its standard error, when the machine fails in the block."""
    try:
        yield
    except OSError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(exit_code)
