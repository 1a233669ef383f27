"""Write docs/settings.md from settings.py; a test refuses a page that is out of step."""

from __future__ import annotations

from pathlib import Path

from pydantic.fields import FieldInfo

from voicechanger.settings import Settings

PAGE = Path(__file__).resolve().parent.parent / "docs" / "settings.md"
HEAD = """\
# Settings

Every setting is an environment variable, read when a process starts. `voicechanger settings` prints the effective
values with secrets masked; a value that makes no sense stops the process with a sentence that names the variable.
This page is written by `make docs` from `src/voicechanger/settings.py`.

| variable | default | meaning |
| --- | --- | --- |
"""


def page() -> str:
    """The whole page."""
    return HEAD + "".join(row(name, field) for name, field in Settings.model_fields.items())


def row(name: str, field: FieldInfo) -> str:
    default = getattr(field.default, "get_secret_value", lambda: field.default)()
    text = str(default).replace(str(Path.home()), "~")
    shown = f"`{text.lower() if isinstance(default, bool) else text}`" if text else ""
    return f"| `{name.upper()}` | {shown} | {(field.description or '').replace('|', chr(92) + '|')} |\n"


if __name__ == "__main__":
    PAGE.write_text(page())
