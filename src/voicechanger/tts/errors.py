"""Errors of inference.

    InferenceError
    ├── TextError      the text cannot be spoken as requested     (the caller can correct it)
    ├── ClipError      the recording cannot serve as a reference  (the caller can replace it)
    ├── PaceError      the requested length or speed is out of reach (the caller can change it)
    ├── MissingPart    a model or language part is not installed  (the operator can install it)
    └── SynthesisError the model returned unusable output         (a fault of this program)

Each has a stable machine `code` (snake_case) and one sentence: what is wrong and what to do.
"""

from __future__ import annotations


class InferenceError(Exception):
    """An error between text and voice and the samples."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class TextError(InferenceError):
    """The text cannot be spoken as requested."""


class ClipError(InferenceError):
    """The recording cannot serve as a reference."""


class PaceError(InferenceError):
    """The requested length or speed is out of reach; `shortest` and `longest` bound it, in seconds."""

    def __init__(self, code: str, message: str, shortest: float, longest: float) -> None:
        super().__init__(code, message)
        self.shortest = shortest
        self.longest = longest


class MissingPart(InferenceError):
    """A model or language part is not installed."""


class SynthesisError(InferenceError):
    """The model returned unusable output; `utterance` is its place, counted from 0."""

    def __init__(self, code: str, message: str, utterance: int | None = None) -> None:
        super().__init__(code, message)
        self.utterance = utterance
