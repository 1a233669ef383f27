"""The child process that runs eSpeak NG; it imports the standard library only.

eSpeak NG is GPL-3.0, keeps its state in globals and may crash on odd input, so it runs in a process of its own:

    python espeak_child.py LIBRARY DATA_FOLDER

One JSON object a line. First it writes {"ready": version} or {"error": reason}; then it answers each line
{"id": n, "voice": "es", "texts": [...]} by {"id": n, "phonemes": [...]} in the same order, or by
{"id": n, "error": reason}. It ends when its standard input ends, its parent is gone or it needs too much memory.
"""

from __future__ import annotations

import ctypes
import json
import os
import sys
import threading
import time
from typing import Any

UTF8 = 1
SYNCHRONOUS = 2
NO_EXIT = 0x8000
"""espeakINITIALIZE_DONT_EXIT: a bad data folder is an error code, not exit(1)."""
IPA_TIED = 0x02 | 0x80 | (ord("^") << 8)
"""International symbols, "^" between the letters of one sound."""
PARENT_CHECK_SECONDS = 2.0
MOST_BYTES = 512 << 20
"""Of address space, where the system can limit it."""


class Library:
    """libespeak-ng by ctypes."""

    def __init__(self, library: str, data: str) -> None:
        self._library = ctypes.CDLL(library)
        self._library.espeak_TextToPhonemes.restype = ctypes.c_char_p
        self._library.espeak_TextToPhonemes.argtypes = [
            ctypes.POINTER(ctypes.c_char_p),
            ctypes.c_int,
            ctypes.c_int,
        ]
        self._library.espeak_Info.restype = ctypes.c_char_p
        if self._library.espeak_Initialize(SYNCHRONOUS, 0, data.encode(), NO_EXIT) <= 0:
            raise OSError("eSpeak NG found no data")
        self._voice = ""

    @property
    def version(self) -> str:
        """Version that the library reports."""
        return str(self._library.espeak_Info(None).decode())

    def select(self, voice: str) -> None:
        """Use this voice for the texts that follow."""
        if voice != self._voice:
            if self._library.espeak_SetVoiceByName(voice.encode()) != 0:
                raise ValueError(f"eSpeak NG has no voice {voice}")
            self._voice = voice

    def phonemes(self, text: str) -> str:
        """Return the phonemes of every clause of the text, separated by a space."""
        # The library moves the pointer on by a clause a call, to NULL after the last.
        rest = ctypes.c_char_p(text.replace("\0", " ").encode())
        clauses: list[str] = []
        while rest.value:
            found = self._library.espeak_TextToPhonemes(ctypes.byref(rest), UTF8, IPA_TIED)
            clauses.append(found.decode() if found else "")
        return " ".join(clauses)


def answer(library: Library, request: dict[str, Any]) -> dict[str, Any]:
    """Return the reply to one request."""
    try:
        library.select(request["voice"])
        return {"id": request["id"], "phonemes": [library.phonemes(text) for text in request["texts"]]}
    except ValueError as error:
        return {"id": request["id"], "error": str(error)}


def leave_with_parent() -> None:
    """End when the parent is gone, even if a fork of it still holds the standard input open."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(PARENT_CHECK_SECONDS)
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()


def limit_memory() -> None:
    """Let allocations over `MOST_BYTES` fail; without effect on Windows."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))


def write(reply: dict[str, Any]) -> None:
    """Send one line to the parent."""
    sys.stdout.write(json.dumps(reply) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Answer line by line until the input ends."""
    limit_memory()
    leave_with_parent()
    try:
        library = Library(sys.argv[1], sys.argv[2])
    except OSError as error:
        write({"error": str(error)})
        return
    write({"ready": library.version})
    for line in sys.stdin:
        write(answer(library, json.loads(line)))


if __name__ == "__main__":
    main()
