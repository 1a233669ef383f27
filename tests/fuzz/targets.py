"""The readers that are fuzzed, each with its input and what it may answer."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from hypothesis import strategies as st

from tests.fuzz.inputs import changed, pictures, recordings, texts
from voicechanger.domains.voices.portrait_decode import SIDE, PictureError, remake
from voicechanger.tts.audio.clip_check import check
from voicechanger.tts.errors import ClipError, MissingPart, TextError
from voicechanger.tts.text.script_writer import write_script


def read_clip(data: bytes) -> None:
    """Read and measure a recording; ClipError is an answer, everything else a finding."""
    with tempfile.TemporaryFile() as file, tempfile.TemporaryFile() as out:
        file.write(data)
        file.flush()
        try:
            report = check([file], out, 3.0, 60.0)
        except ClipError as error:
            assert error.code.startswith("clip_") and error.message.endswith("."), error.message
        else:
            assert 3 <= report.seconds <= 60 and os.fstat(out.fileno()).st_size > 1_000


def read_picture(data: bytes) -> None:
    """Decode a picture; PictureError is an answer, everything else a finding."""
    from PIL import Image

    try:
        made = remake(BytesIO(data))
    except PictureError as error:
        assert error.code.startswith("image_") and error.message.endswith("."), error.message
    else:
        with Image.open(BytesIO(made), formats=("WEBP",)) as picture:
            assert max(picture.size) <= SIDE


def read_text(case: tuple[str, str]) -> None:
    """Turn a text into utterances; TextError is an answer, everything else a finding."""
    text, language = case
    try:
        script = write_script(text, language)
    except MissingPart:
        return
    except TextError as error:
        assert error.code and error.message.strip()
    else:
        assert script.utterances


@dataclass(frozen=True)
class Target:
    """A reader and what is fed to it."""

    run: Callable[[Any], None]
    cases: Callable[[], st.SearchStrategy[Any]]
    slow: float
    """Processor seconds from which on a case is a finding."""


TARGETS = {
    "clip": Target(read_clip, lambda: changed(recordings()), 5),
    "picture": Target(read_picture, lambda: changed(pictures()), 3),
    "text": Target(read_text, texts, 5),
}
