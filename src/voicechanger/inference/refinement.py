"""What is kept between two rounds of refining a saved voice."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any, Self

ROUNDS = 6
"""Each speaks and hears about five seconds; later ones gain nothing that the judges hear."""


@dataclass(frozen=True, slots=True)
class Refinement:
    """How far a voice has come.

    Likeness is the engine's own measure, -1 to 1 = as the clip; judges outside decide what it is worth.
    """

    encoder_version: str
    rounds: int = 0
    """Rounds done so far, of `ROUNDS`."""
    shift: tuple[float, ...] = ()
    """Where to look next, along the axes of the encoder; empty before the first round."""
    best: tuple[float, ...] = ()
    """The best shift so far; empty while none betters the one-pass voice."""
    likeness_before: float = 0.0
    """Of the one-pass voice."""
    likeness_after: float = 0.0
    """Of the best voice so far."""

    @property
    def done(self) -> bool:
        """Whether nothing is left to try."""
        return self.rounds >= ROUNDS

    @property
    def better(self) -> bool:
        """Whether a voice was found that betters the one-pass voice."""
        return bool(self.best)

    def to_json(self) -> dict[str, Any]:
        """A form that JSON keeps."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Read what `to_json` made."""
        kept = cls(**data)
        return replace(kept, shift=tuple(kept.shift), best=tuple(kept.best))
