"""The child process that holds eSpeak NG, and nothing of ours: only the standard library is imported.

eSpeak NG is GPL-3.0, keeps its state in globals and may crash on odd input, so it lives here, apart:

    python espeak_child.py LIBRARY DATA_FOLDER

One JSON object a line.  First it writes {"ready": version} or {"error": why}; then for each line
{"id": n, "voice": "es", "texts": [...]} it answers {"id": n, "phonemes": [...]} in the same order, or
{"id": n, "error": why}.  It ends when its standard input ends or its parent is gone.
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
"""espeakINITIALIZE_DONT_EXIT: a bad data folder is told, not exit(1)."""
IPA_TIED = 0x02 | 0x80 | (ord("^") << 8)
"""International symbols, "^" between the letters of one sound."""
PARENT_CHECK_SECONDS = 2.0


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
        """As the library tells it."""
        return str(self._library.espeak_Info(None).decode())

    def select(self, voice: str) -> None:
        """Speak this voice from now on."""
        if voice != self._voice:
            if self._library.espeak_SetVoiceByName(voice.encode()) != 0:
                raise ValueError(f"eSpeak NG has no voice {voice}")
            self._voice = voice

    def phonemes(self, text: str) -> str:
        """Of every clause of the text, separated by a space."""
        # The library moves the pointer on by a clause a call, to NULL after the last.
        rest = ctypes.c_char_p(text.replace("\0", " ").encode())
        clauses: list[str] = []
        while rest.value:
            found = self._library.espeak_TextToPhonemes(ctypes.byref(rest), UTF8, IPA_TIED)
            clauses.append(found.decode() if found else "")
        return " ".join(clauses)


def answer(library: Library, request: dict[str, Any]) -> dict[str, Any]:
    """The reply to one request."""
    try:
        library.select(request["voice"])
        return {"id": request["id"], "phonemes": [library.phonemes(text) for text in request["texts"]]}
    except ValueError as error:
        return {"id": request["id"], "error": str(error)}


def leave_with_parent() -> None:
    """End when the parent is gone, even if a fork of it still holds our standard input open."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(PARENT_CHECK_SECONDS)
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()


def write(reply: dict[str, Any]) -> None:
    """One line to the parent."""
    sys.stdout.write(json.dumps(reply) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Answer line by line until the input ends."""
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
