"""Marks of this folder: every test that gets the real model is slow, whether or not it says so."""

from __future__ import annotations

from pathlib import Path

import pytest

MODEL_FIXTURES = {"models", "engine"}
HERE = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark before pytest selects by mark."""
    for item in items:
        if HERE in item.path.parents and MODEL_FIXTURES & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.slow)
