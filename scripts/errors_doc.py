"""Write the tables of docs/guide/errors.md from api/error_catalogue.py; a test fails if they are out of date."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from voicechanger.api.error_catalogue import CATALOGUE
from voicechanger.kit.errors import ErrorCode

PAGE = Path(__file__).resolve().parent.parent / "docs" / "guide" / "errors.md"
TABLE_HEAD = "| code | status | meaning |\n| --- | --- | --- |\n"
TABLE = re.compile(re.escape(TABLE_HEAD) + r"(?:\|.*\n)*")


def page(text: str, codes: Mapping[str, ErrorCode] = CATALOGUE) -> str:
    """Return the page with its two tables written anew: codes of the API, then codes outside of it.

    Raises ValueError if the page has not exactly two tables of codes.
    """
    texts = TABLE.split(text)
    if len(texts) != 3:
        raise ValueError(f"the page must have 2 tables of codes; it has {len(texts) - 1}")
    return texts[0] + table(codes, in_reference=True) + texts[1] + table(codes, in_reference=False) + texts[2]


def table(codes: Mapping[str, ErrorCode], *, in_reference: bool) -> str:
    """Return one table, ordered by status and then by code."""
    rows = sorted((code.status, name) for name, code in codes.items() if code.in_reference is in_reference)
    return TABLE_HEAD + "".join(f"| `{name}` | {status} | {codes[name].description} |\n" for status, name in rows)


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text()))
