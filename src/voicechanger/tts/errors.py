"""What inference refuses or fails at.

    InferenceError
    ├── TextError      the text cannot be spoken as asked        (the caller's to mend)
    ├── ClipError      the recording cannot serve as a reference (the caller's to mend)
    ├── PaceError      the asked length or speed cannot be reached (the caller's to mend)
    ├── MissingPart    a model or language part is not installed  (the operator's to mend)
    └── SynthesisError the model gave something unusable          (ours to mend)

Each carries a stable machine `code` (snake_case) and one sentence that says what to do.
"""

from __future__ import annotations


class InferenceError(Exception):
    """Something in the way from text and voice to samples went wrong."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class TextError(InferenceError):
    """The text cannot be spoken as asked."""


class ClipError(InferenceError):
    """The recording cannot serve as a reference."""


class PaceError(InferenceError):
    """The asked length or speed cannot be reached; `shortest` and `longest` bound it, in seconds."""

    def __init__(self, code: str, message: str, shortest: float, longest: float) -> None:
        super().__init__(code, message)
        self.shortest = shortest
        self.longest = longest


class MissingPart(InferenceError):
    """A model or language part is not installed."""


class SynthesisError(InferenceError):
    """The model gave something unusable; `utterance` says where, counted from 0."""

    def __init__(self, code: str, message: str, utterance: int | None = None) -> None:
        super().__init__(code, message)
        self.utterance = utterance
