"""eSpeak NG as a typed client of the child process that holds it (see `espeak_child.py`)."""

from __future__ import annotations

import atexit
import contextlib
import importlib.util
import json
import os
import select
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

from voicechanger.tts.errors import MissingPart, TextError

START_SECONDS = 20.0
ANSWER_SECONDS = 20.0
"""Generous: a long sentence takes about a millisecond."""
_CHUNK = 1 << 16


class EspeakDied(Exception):
    """The child ended, or did not answer in time."""


class EspeakProcess:
    """Phonemes by eSpeak NG, in a process of its own that is started at first use and again when it dies.

    Safe to share among threads: one request at a time.  After a fork the copy starts a child of its own.
    """

    def __init__(self, answer_seconds: float = ANSWER_SECONDS) -> None:
        self._lock = threading.Lock()
        self._answer_seconds = answer_seconds
        self._child: subprocess.Popen[bytes] | None = None
        self._owner = 0
        self._buffer = b""
        self._number = 0

    @property
    def pid(self) -> int | None:
        """Of the child, when one is running."""
        return self._child.pid if self._child is not None else None

    def phonemes(self, voice: str, texts: Sequence[str]) -> list[str]:
        """Raw eSpeak phonemes of each text: IPA, "^" between tied letters, words separated by spaces.

        TextError when the texts end the child twice; MissingPart when eSpeak NG is not installed.
        """
        if not texts:
            return []
        with self._lock:
            for _ in range(2):
                try:
                    return self._ask(voice, texts)
                except EspeakDied:
                    self._stop()
        raise TextError("espeak_failed", "eSpeak NG failed on this text twice; reword the sentence.")

    def close(self) -> None:
        """End the child; a later request starts another."""
        with self._lock:
            self._stop()

    def _ask(self, voice: str, texts: Sequence[str]) -> list[str]:
        if self._child is None or self._owner != os.getpid():
            self._start()
        self._number += 1
        request = json.dumps({"id": self._number, "voice": voice, "texts": list(texts)}) + "\n"
        reply = self._exchange(request.encode(), self._answer_seconds)
        if reply.get("id") != self._number:
            raise EspeakDied("an answer to another request")
        if "error" in reply:
            raise TextError("espeak_failed", f"eSpeak NG refused the text: {reply['error']}.")
        return cast(list[str], reply["phonemes"])

    def _start(self) -> None:
        library, data = locate()
        child = Path(__file__).with_name("espeak_child.py")
        self._child = subprocess.Popen(
            [sys.executable, "-I", "-S", str(child), str(library), str(data)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._owner, self._buffer = os.getpid(), b""
        hello = self._exchange(b"", START_SECONDS)
        if "error" in hello:
            self._stop()
            raise MissingPart("espeak_broken", f"eSpeak NG does not start ({hello['error']}); {INSTALL}")

    def _stop(self) -> None:
        child, self._child = self._child, None
        if child is None or self._owner != os.getpid():
            return
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):  # what was not yet written to a dead child
                    pipe.close()

    def _exchange(self, request: bytes, seconds: float) -> dict[str, Any]:
        """Send a line (or nothing) and read the next one."""
        child = self._child
        assert child is not None and child.stdin is not None and child.stdout is not None
        end = time.monotonic() + seconds
        try:
            child.stdin.write(request)
            child.stdin.flush()
            while b"\n" not in self._buffer:
                ready, _, _ = select.select([child.stdout], [], [], max(0.0, end - time.monotonic()))
                more = os.read(child.stdout.fileno(), _CHUNK) if ready else b""
                if not more:
                    raise EspeakDied("no answer")
                self._buffer += more
            line, _, self._buffer = self._buffer.partition(b"\n")
            return cast(dict[str, Any], json.loads(line))
        except (OSError, ValueError) as error:
            raise EspeakDied(str(error)) from error


INSTALL = "install it by: pip install 'voicechanger[espeak]'"


def locate() -> tuple[Path, Path]:
    """The library and its data in the `espeakng-loader` wheel, which is found but never imported."""
    found = importlib.util.find_spec("espeakng_loader")
    if found is None or found.origin is None:
        raise MissingPart("espeak_missing", f"This language needs eSpeak NG; {INSTALL}")
    folder = Path(found.origin).parent
    name = {"win32": "espeak-ng.dll", "darwin": "libespeak-ng.dylib"}.get(sys.platform, "libespeak-ng.so")
    return folder / name, folder / "espeak-ng-data"


_shared = EspeakProcess()
atexit.register(_shared.close)


def shared() -> EspeakProcess:
    """The one client of this process."""
    return _shared
