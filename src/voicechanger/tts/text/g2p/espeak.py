"""Client of the child process that runs eSpeak NG (see `espeak_child.py`)."""

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
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, cast

from voicechanger.tts.errors import MissingPart, TextError

START_SECONDS = 20.0
ANSWER_SECONDS = 20.0
"""After which the child counts as hung; a long sentence takes about a millisecond."""
_BATCH_LETTERS = 4000
"""Of one request: as JSON it fits into the pipe's buffer, so that writing to a hung child cannot block."""
_READ_BYTES = 1 << 16


class EspeakDied(Exception):
    """The child ended or did not answer in time."""


class EspeakProcess:
    """Phonemes by eSpeak NG, in a child process that is started at first use and again after it died.

    Safe to share between threads: one request at a time. After a fork the copy starts a child of its own.
    """

    def __init__(self, answer_seconds: float = ANSWER_SECONDS) -> None:
        self._lock = threading.Lock()
        self._answer_seconds = answer_seconds
        self._child: subprocess.Popen[bytes] | None = None
        self._owner = 0
        self._buffer = b""
        self._number = 0
        self._ready = False

    @property
    def pid(self) -> int | None:
        """Process id of the child; None when none is running."""
        return self._child.pid if self._child is not None else None

    def phonemes(self, voice: str, texts: Sequence[str]) -> list[str]:
        """Return eSpeak NG's phonemes of each text: IPA, "^" between tied letters, a space between words.

        TextError `espeak_failed` when the child dies twice on the same texts, or refuses them; MissingPart when
        eSpeak NG is not installed or does not start.
        """
        with self._lock:
            return [phonemes for batch in _batches(texts) for phonemes in self._try_twice(voice, batch)]

    def _try_twice(self, voice: str, texts: Sequence[str]) -> list[str]:
        reason = ""
        for _ in range(2):
            try:
                return self._ask(voice, texts)
            except EspeakDied as error:
                self._stop()
                reason = str(error)
        if not self._ready:
            raise MissingPart("espeak_broken", f"eSpeak NG does not start ({reason}); {INSTALL}")
        start = " ".join(texts).strip()[:40]
        raise TextError("espeak_failed", f"eSpeak NG stopped twice on “{start}” ({reason}): rewrite this part.")

    def close(self) -> None:
        """End the child; a later request starts a new one."""
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
        self._owner, self._buffer, self._ready = os.getpid(), b"", False
        hello = self._exchange(b"", START_SECONDS)
        if "error" in hello:
            self._stop()
            raise MissingPart("espeak_broken", f"eSpeak NG does not start ({hello['error']}); {INSTALL}")
        self._ready = True

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
        """Send a line, or nothing, and return the next line of the child."""
        child = self._child
        assert child is not None and child.stdin is not None and child.stdout is not None
        end = time.monotonic() + seconds
        try:
            child.stdin.write(request)
            child.stdin.flush()
            while b"\n" not in self._buffer:
                ready, _, _ = select.select([child.stdout], [], [], max(0.0, end - time.monotonic()))
                more = os.read(child.stdout.fileno(), _READ_BYTES) if ready else b""
                if not more:
                    raise EspeakDied("its process ended" if ready else f"no answer in {seconds:g} s")
                self._buffer += more
            line, _, self._buffer = self._buffer.partition(b"\n")
            return cast(dict[str, Any], json.loads(line))
        except (OSError, ValueError) as error:
            raise EspeakDied(str(error)) from error


INSTALL = "install it with: pip install 'voicechanger[espeak]'"


def locate() -> tuple[Path, Path]:
    """Return the paths of the library and its data in the `espeakng-loader` wheel, without importing it."""
    found = importlib.util.find_spec("espeakng_loader")
    if found is None or found.origin is None:
        raise MissingPart("espeak_missing", f"This language needs eSpeak NG; {INSTALL}")
    folder = Path(found.origin).parent
    name = {"win32": "espeak-ng.dll", "darwin": "libespeak-ng.dylib"}.get(sys.platform, "libespeak-ng.so")
    return folder / name, folder / "espeak-ng-data"


def _batches(texts: Sequence[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    letters = 0
    for text in texts:
        if batch and letters + len(text) > _BATCH_LETTERS:
            yield batch
            batch, letters = [], 0
        batch.append(text)
        letters += len(text)
    if batch:
        yield batch


_shared = EspeakProcess()
atexit.register(_shared.close)


def shared() -> EspeakProcess:
    """Return the client that this process shares."""
    return _shared
