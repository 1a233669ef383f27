"""How what inference refuses is told over HTTP."""

from __future__ import annotations

from voicechanger.tts.errors import InferenceError, MissingPart, PaceError, SynthesisError


def told(error: InferenceError) -> tuple[int, dict[str, object]]:
    """The HTTP status of an error (500 when it is ours to mend) and further members of its problem document."""
    if isinstance(error, PaceError):
        return 422, {"shortest_seconds": round(error.shortest, 3), "longest_seconds": round(error.longest, 3)}
    return (500 if isinstance(error, SynthesisError | MissingPart) else 422), {}
