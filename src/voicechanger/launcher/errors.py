"""What goes wrong around the processes; told to the person at the terminal, never to an HTTP client."""

from __future__ import annotations


class ServingError(Exception):
    """The product cannot start or go on; its text is one sentence that says what to do."""
