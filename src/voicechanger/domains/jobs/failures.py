"""HTTP statuses of errors that synthesis raises."""

from __future__ import annotations

from voicechanger.tts.errors import InferenceError, MissingPart, PaceError, SynthesisError


def http_status_of(error: InferenceError) -> int:
    """Return 422 for errors of the request, 500 for errors of the server."""
    return 500 if isinstance(error, SynthesisError | MissingPart) else 422


def extra_of(error: InferenceError) -> dict[str, object]:
    """Return further members of an error's problem document."""
    if isinstance(error, PaceError):
        return {"shortest_seconds": round(error.shortest, 3), "longest_seconds": round(error.longest, 3)}
    return {}
