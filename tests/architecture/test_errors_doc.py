"""docs/guide/errors.md describes every error code in the words of the code itself."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest

from voicechanger.kit.errors import ErrorCode

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "guide" / "errors.md"


@pytest.fixture(scope="module")
def script() -> Any:
    spec = importlib.util.spec_from_file_location("errors_doc", ROOT / "scripts" / "errors_doc.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_in_step(script: Any) -> None:
    assert PAGE.read_text() == script.page(PAGE.read_text()), "run make docs"


def test_a_changed_description_is_seen(script: Any) -> None:
    assert "| `a` | 404 | One. |\n| `b` | 410 | Two. |\n" in script.page(
        PAGE.read_text(), {"b": ErrorCode(410, "Two."), "a": ErrorCode(404, "One.")}
    )


def test_a_page_without_its_tables_is_refused(script: Any) -> None:
    with pytest.raises(ValueError, match="must have 2 tables"):
        script.page("# Errors\n")
