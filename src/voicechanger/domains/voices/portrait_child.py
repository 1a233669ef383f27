"""Decode an untrusted picture in a process of its own, without any right that decoding does not need.

usage: python -m voicechanger.domains.voices.portrait_child OUT IN

Start it with the environment of `voicechanger.sandbox.child`.  Prints one line of JSON and exits with 0, whether the
picture is accepted or refused; OUT is left empty for a refused one.  Exit codes 71 and 74: see there.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from voicechanger.sandbox.child import OUTPUT_FAILED, SANDBOX_FAILED, failing_with
from voicechanger.sandbox.limits import Limits
from voicechanger.sandbox.lockdown import lock_down

LIMITS = Limits(memory=1 << 30, cpu_seconds=15, file_bytes=4 << 20)
"""A WebP of 40 megapixels takes 640 MB."""


def main() -> None:
    """Run as a program."""
    LIMITS.apply()
    # Imported only now, under the limits: they are there for the decoders
    from voicechanger.domains.voices.portrait_decode import PictureError, remake

    made, upload = map(Path, sys.argv[1:])
    with failing_with(OUTPUT_FAILED):
        out, source = made.open("wb"), upload.open("rb")
    with out, source:
        with failing_with(SANDBOX_FAILED):
            lock_down()
        line: dict[str, object] = {"ok": True}
        try:
            picture = remake(source)
        except PictureError as error:
            line = {"ok": False, "code": error.code, "message": error.message}
        else:
            with failing_with(OUTPUT_FAILED):
                out.write(picture)
                out.flush()
    sys.stdout.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main()
