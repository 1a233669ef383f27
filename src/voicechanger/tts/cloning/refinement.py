"""The state of a refinement between two of its rounds."""

from __future__ import annotations

import base64
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
    """The engine's own values for the next round, in types that JSON can hold, or bytes."""

    @property
    def better(self) -> bool:
        """Whether a better voice than the unrefined one was found."""
        return self.done and self.likeness_after > self.likeness_before

    def to_bytes(self) -> bytes:
        """Return a portable form: length of the JSON head, head, then the byte strings of `state`."""
        arrays = {name: value for name, value in self.state.items() if isinstance(value, bytes)}
        plain = {name: value for name, value in self.state.items() if name not in arrays}
        sizes = {name: len(value) for name, value in arrays.items()}
        head = json.dumps({"refinement": asdict(replace(self, state=plain)), "arrays": sizes}).encode()
        return len(head).to_bytes(4, "little") + head + b"".join(arrays.values())

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Read what `to_bytes` wrote; TypeError or ValueError when it is of another version."""
        if data[:1] == b"{":
            return cls._from_json(json.loads(data))
        size = 4 + int.from_bytes(data[:4], "little")
        head = json.loads(data[4:size])
        found, arrays, place = cls(**head["refinement"]), dict[str, bytes](), size
        for name, length in head["arrays"].items():
            arrays[name], place = data[place : place + length], place + length
        return replace(found, state=found.state | arrays)

    @classmethod
    def _from_json(cls, data: dict[str, Any]) -> Self:
        """Read the form that was stored before there was a table of its own: arrays are base64."""
        found = cls(**data)
        state = {_RENAMED.get(name, name): value for name, value in found.state.items()}
        if isinstance(state.get("fit"), str):
            state["fit"] = base64.b64decode(state["fit"])
        return replace(found, state=state)
