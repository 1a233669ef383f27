"""Punctuation signs and the symbols of the model that stand for them."""

from __future__ import annotations

MARKS = {
    **{sign: sign for sign in ";:,.!?—…"},
    "–": "—",
    "―": "—",
    "‒": "—",
    "«": "“",
    "»": "”",
    "„": "“",
    "“": "“",
    "”": "”",
    "‟": "“",
    "‹": "“",
    "›": "”",
    "(": "(",
    ")": ")",
    "।": ".",
    "॥": ".",
    "、": ",",
    "，": ",",
    "﹐": ",",
    "。": ".",
    "．": ".",
    "｡": ".",
    "！": "!",
    "？": "?",
    "：": ":",
    "；": ";",
    "（": "(",
    "）": ")",
    "「": "“",
    "」": "”",
    "『": "“",
    "』": "”",
    "《": "“",
    "》": "”",
    "〈": "“",
    "〉": "”",
    "【": "“",
    "】": "”",
    "〜": "—",
    "؟": "?",
    "،": ",",
}
"""Written sign → symbol of the model."""

SILENT = frozenset("[]{}*_`~|\\^<>#¿¡'’‘\"ªº")
"""Silent signs: remains of Markdown, opening marks, quotes."""

CLOSING = frozenset(";:,.!?)”…")
"""Marks with no space before them."""

OPENING = frozenset("(“")
"""Marks with no space after them."""
