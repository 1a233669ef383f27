"""Write docs/settings.md from settings.py; a test fails if the page is out of date."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo

from voicechanger.settings import Settings

PAGE = Path(__file__).resolve().parent.parent / "docs" / "settings.md"
KINDS: dict[Any, str] = {bool: "`true` or `false`", int: "whole number", float: "number", Path: "folder"}
HEAD = """\
# Settings

Every setting is an environment variable. A process reads it when it starts. `voicechanger settings` prints the values
in use, with secrets masked. If a value is not allowed, the process stops and names the variable.

`make docs` writes this page from `src/voicechanger/settings.py`.

| variable | default | allowed | meaning |
| --- | --- | --- | --- |
"""


def page() -> str:
    """Return the whole page."""
    return HEAD + "".join(row(name, field) for name, field in Settings.model_fields.items())


def row(name: str, field: FieldInfo) -> str:
    cells = [f"`{name.upper()}`", default_of(field), allowed(field), field.description or ""]
    return "| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |\n"


def default_of(field: FieldInfo) -> str:
    default = getattr(field.default, "get_secret_value", lambda: field.default)()
    text = f"{default:g}" if isinstance(default, float) else str(default).replace(str(Path.home()), "~")
    return f"`{text.lower() if isinstance(default, bool) else text}`" if text else "empty"


def allowed(field: FieldInfo) -> str:
    """Return the kind of value and its bounds, e.g. "whole number, 1 to 64"."""
    bounds = {key: value for part in field.metadata for key, value in vars_of(part).items() if value is not None}
    if "pattern" in bounds:
        return " or ".join(f"`{word}`" for word in re.findall(r"\w+", bounds["pattern"]))
    kind = KINDS.get(field.annotation, "text")
    least, most = bounds.get("ge", bounds.get("gt")), bounds.get("le")
    if least is None:
        return kind
    if most is not None:
        return f"{kind}, {least:,} to {most:,}"
    return f"{kind}, {'above' if 'gt' in bounds else 'at least'} {least:,}"


def vars_of(part: Any) -> dict[str, Any]:
    """Return the constraint of one part of a field's metadata, e.g. {"ge": 1}."""
    return {key: getattr(part, key, None) for key in ("ge", "gt", "le", "pattern")}


if __name__ == "__main__":
    PAGE.write_text(page())
