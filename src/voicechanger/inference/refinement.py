"""What is kept between two rounds of refining a saved voice."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any, Self

ROUNDS = 2
"""The first hears the voice as it was learned, the second what was made of it."""


@dataclass(frozen=True, slots=True)
class Refinement:
    """How far a voice has come.

    Likeness is the engine's own measure, -1 to 1 = as the clip; judges outside decide what it is worth.
    """

    encoder_version: str
    rounds: int = 0
    """Rounds done so far, of `ROUNDS`."""
    colour: tuple[float, ...] = ()
    """What the first round found to bend in the voice's spectrum (`Voice.colour`)."""
    likeness_before: float = 0.0
    """Of the voice as it was learned."""
    likeness_after: float = 0.0
    """Of the refined voice."""

    @property
    def done(self) -> bool:
        """Whether nothing is left to try."""
        return self.rounds >= ROUNDS

    @property
    def better(self) -> bool:
        """Whether a voice was found that betters the one that was learned."""
        return self.done and self.likeness_after > self.likeness_before

    def to_json(self) -> dict[str, Any]:
        """A form that JSON keeps."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Read what `to_json` made."""
        kept = cls(**data)
        return replace(kept, colour=tuple(kept.colour))
