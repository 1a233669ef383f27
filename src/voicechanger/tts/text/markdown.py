"""Markdown in a text: its marks are removed, the marked text stays."""

from __future__ import annotations

import html
import re

_FENCE = re.compile(r"^[ \t]*(?:```|~~~).*$", re.MULTILINE)
_HEADING = re.compile(r"^[ \t]{0,3}#{1,6}+[ \t]++(.*)$", re.MULTILINE)
_UNDERLINE = re.compile(r"^[ \t]*(?:=+|-{2,})[ \t]*$", re.MULTILINE)
_QUOTE = re.compile(r"^[ \t]*(?:>[ \t]?)+", re.MULTILINE)
_BULLET = re.compile(r"^[ \t]*(?:[-*+•‣◦▪●–][ \t]+)(?:\[[ xX]\][ \t]+)?(?=\S)", re.MULTILINE)
_NUMBERED = re.compile(r"^[ \t]*(\d{1,3})[.)][ \t]+(?=\S)", re.MULTILINE)
_TABLE_RULE = re.compile(
    r"^[ \t]*+\|?[ \t]*+:?-{2,}+:?[ \t]*+(?:\|[ \t]*+:?-{2,}+:?[ \t]*+)*+\|?[ \t]*+$", re.MULTILINE
)
_TABLE_ROW = re.compile(r"^[ \t]*\|(.+)\|[ \t]*$", re.MULTILINE)
_IMAGE_OR_LINK = re.compile(
    r"!?\[([^\[\]\n]{0,500})\]"
    r"\((?!/[^()\s/]+/\))[^()\s]*(?:\([^()\s]*\))?(?:[ \t]+\"[^\"\n]*\")?\)"
)
_REFERENCE = re.compile(r"\[([^\[\]\n]{1,500})\]\[(?!(?:pause|break|silence)\b)[^\[\]\n]{0,99}\]")
_FOOTNOTE = re.compile(r"\[\^[^\[\]\n]{1,99}\]:?")
_AUTOLINK = re.compile(r"<((?:https?|ftp)://[^\s<>]+|[\w.+-]+@[\w.-]+)>")
_CODE = re.compile(r"(`{1,8}+)([^`\n]++)\1")
_STRONG = re.compile(r"(?<![\w*_])(\*\*\*|\*\*|___|__)(?=\S)([^*_\n]{1,2000}?)(?<=\S)\1(?![\w*_])")
_EMPHASIS = re.compile(r"(?<![\w*_\\])([*_])(?=[^\s*_])([^*_\n]{1,2000}?)(?<=[^\s*_])\1(?![\w*_])")
_STRUCK = re.compile(r"~~(?=\S)([^~\n]{1,2000})~~")
_ENTITY = re.compile(r"&(?!(?:amp|lt|gt|quot|apos);)(?:#\d{1,7}|#x[0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_ESCAPE = re.compile(r"\\([\\`*_{}\[\]()#+\-.!|>~])")
_WRAPPED = 60
"""Characters from which a line break counts as a wrap, not as the end of a line."""
_BLANKS = " \t"


def unmarked(text: str) -> str:
    """Return the text without Markdown marks; headings and list items become lines of their own.

    `[word](/phonemes/)` stays for `markup`.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = _FENCE.sub("", text)
    text = _TABLE_RULE.sub("", text)
    text = _UNDERLINE.sub("\n", text)
    text = _HEADING.sub(lambda m: f"\n{m[1].rstrip(_BLANKS).rstrip('#').rstrip(_BLANKS)}\n", text)
    text = _QUOTE.sub("", text)
    text = _TABLE_ROW.sub(lambda m: ", ".join(c.strip() for c in m[1].split("|") if c.strip()) + ".\x0b", text)
    text = _BULLET.sub("\x0b", text)
    text = _NUMBERED.sub("\x0b\\1: ", text)
    for pattern in (_IMAGE_OR_LINK, _REFERENCE, _AUTOLINK, _STRUCK):
        text = pattern.sub(r"\1", text)
    text = _FOOTNOTE.sub("", text)
    for pattern in (_CODE, _STRONG, _EMPHASIS):
        text = pattern.sub(r"\2", text)
    text = _ENTITY.sub(lambda m: _character(m.group()), text)
    text = _ESCAPE.sub(r"\1", text)
    return _rejoined(text)


def _character(entity: str) -> str:
    character = html.unescape(entity)
    return entity if character in "<>&\"'" else character


def _rejoined(text: str) -> str:
    """Join wrapped lines; the other line breaks stay."""
    lines = text.split("\n")
    parts: list[str] = []
    for line, after in zip(lines, [*lines[1:], ""], strict=True):
        wrapped = len(line.strip()) >= _WRAPPED and after.strip() and not after.startswith("\x0b")
        parts.append(line + (" " if wrapped and not line.endswith("\x0b") else "\n"))
    return "".join(parts).replace("\n\x0b", "\n").replace("\x0b", "\n")
