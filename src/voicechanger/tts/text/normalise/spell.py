"""Typed access to num2words."""

from __future__ import annotations

import importlib
from typing import Any, cast

_num2words = cast(Any, importlib.import_module("num2words")).num2words


def cardinal(value: int, language: str) -> str:
    """Return a number in words."""
    return str(_num2words(value, lang=language))


def ordinal(value: int, language: str) -> str:
    """Return an ordinal in words, masculine where that matters."""
    return str(_num2words(value, lang=language, to="ordinal"))
