"""The state of a refinement between two of its rounds."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Self

_RENAMED = {"colour": "spectral_eq", "passages": "segments"}
"""Keys of states that were stored before they were renamed."""


@dataclass(frozen=True, slots=True)
class Refinement:
    """How far the refinement of a voice has come.

    Likeness is the cosine of speaker embeddings, -1 to 1 (as the clip itself).
    """

    encoder_version: str
    rounds: int = 0
    """Rounds done so far."""
    done: bool = False
    """Whether nothing is left to try."""
    likeness_before: float = 0.0
    """Of the unrefined voice."""
    likeness_after: float = 0.0
    """Of the refined voice, once it is done."""
    state: dict[str, Any] = field(default_factory=dict[str, Any])
    """The engine's own values for the next round, in types that JSON can hold."""

    @property
    def better(self) -> bool:
        """Whether a better voice than the unrefined one was found."""
        return self.done and self.likeness_after > self.likeness_before

    def to_bytes(self) -> bytes:
        """Return a portable form."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Read what `to_bytes` wrote; TypeError or ValueError when it is of another version."""
        found = cls(**json.loads(data))
        return replace(found, state={_RENAMED.get(name, name): value for name, value in found.state.items()})
