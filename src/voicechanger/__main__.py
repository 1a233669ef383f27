"""`python -m voicechanger`."""

from __future__ import annotations

from voicechanger.cli import app

app()
