"""Who makes a request: a plain value that `api` resolves and services receive."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from voicechanger.kit.errors import Forbidden


@dataclass(frozen=True, slots=True)
class Caller:
    """Who makes a request, and what they may do."""

    account_id: uuid.UUID
    scopes: frozenset[str]
    key_id: uuid.UUID | None = None
    """None for a signed-in session of the dashboard."""
    credit_cap: int | None = None
    is_admin: bool = False

    def require(self, scope: str) -> None:
        """Forbidden when the key lacks a scope."""
        if scope not in self.scopes:
            raise Forbidden(f"This key lacks the scope '{scope}'.", scope=scope)
