"""What can go wrong around the processes of `serve`."""

from __future__ import annotations

from voicechanger.kit.errors import CommandError


class ServingError(CommandError):
    """The product cannot start or continue; its text is one sentence that says what to do."""
