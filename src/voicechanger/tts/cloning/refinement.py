"""What is kept between two rounds of refining a saved voice."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Refinement:
    """How far a voice has come.

    Likeness is the engine's own measure, -1 to 1 = as the clip; judges outside decide what it is worth.
    """

    encoder_version: str
    rounds: int = 0
    """Rounds done so far."""
    done: bool = False
    """Whether nothing is left to try."""
    likeness_before: float = 0.0
    """Of the voice as it was learned."""
    likeness_after: float = 0.0
    """Of the refined voice, once it is done."""
    state: dict[str, Any] = field(default_factory=dict[str, Any])
    """The engine's own notes for the next round, as JSON keeps them."""

    @property
    def better(self) -> bool:
        """Whether a voice was found that betters the one that was learned."""
        return self.done and self.likeness_after > self.likeness_before

    def to_bytes(self) -> bytes:
        """Return a portable form."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Read what `to_bytes` wrote; TypeError or ValueError when it is of another version."""
        return cls(**json.loads(data))
