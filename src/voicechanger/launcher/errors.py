"""Errors of `serve` and its processes."""

from __future__ import annotations

from voicechanger.kit.errors import CommandError


class ServingError(CommandError):
    """The product cannot start or continue; the message says why and what to do."""
