"""A file does one thing, and a function can be seen whole."""

from __future__ import annotations

import ast
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src"
FILE_LINES = 300
FUNCTION_LINES = 40


def long_functions(code: str) -> list[str]:
    return [
        node.name
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno + 1 > FUNCTION_LINES
    ]


def test_no_file_is_too_long() -> None:
    lengths = {path: len(path.read_text().splitlines()) for path in SOURCE.rglob("*.py")}
    assert {str(path): lines for path, lines in lengths.items() if lines > FILE_LINES} == {}


def test_no_function_is_too_long() -> None:
    # a migration is a list of statements
    files = [path for path in SOURCE.rglob("*.py") if path.parent.name != "versions"]
    found = {str(path): long_functions(path.read_text()) for path in files}
    assert {path: names for path, names in found.items() if names} == {}


def test_a_long_function_is_seen() -> None:
    assert long_functions("async def f():\n" + "    pass\n" * FUNCTION_LINES) == ["f"]
    assert long_functions("def f():\n" + "    pass\n" * (FUNCTION_LINES - 1)) == []
