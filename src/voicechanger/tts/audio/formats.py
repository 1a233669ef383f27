"""The audio formats of results.  Imports no numpy, so that the API process may read it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AudioFormat:
    """Names of a format in requests, files and HTTP."""

    name: str
    """Value of the `format` field: wav, mp3, flac, opus or pcm."""
    mime_type: str
    extension: str
    """Of file names, without the dot."""
    streamable: bool
    """True when common players start before the last byte has arrived."""


FORMATS: dict[str, AudioFormat] = {
    form.name: form
    for form in (
        AudioFormat("wav", "audio/wav", "wav", streamable=True),
        AudioFormat("mp3", "audio/mpeg", "mp3", streamable=True),
        AudioFormat("flac", "audio/flac", "flac", streamable=True),
        AudioFormat("opus", "audio/ogg", "opus", streamable=True),
        AudioFormat("pcm", "audio/pcm", "pcm", streamable=True),
    )
}
"""By name.  `pcm` is headerless 16-bit little-endian mono at 24 kHz; `opus` is Opus in Ogg."""
