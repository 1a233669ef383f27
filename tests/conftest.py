"""Fixtures that every test may ask for."""

from __future__ import annotations

pytest_plugins = [
    "tests.support.database",
    "tests.support.server",
    "tests.support.kokoro",
    "tests.support.whole",
]
