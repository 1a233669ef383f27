"""The real model for the tests of this folder."""

from __future__ import annotations

from tests.support.kokoro import engine, models

__all__ = ["engine", "models"]
