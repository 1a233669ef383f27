"""Punctuation: what the model hears of it."""

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
"""Sign as written → sign that the model knows."""

SILENT = frozenset("[]{}*_`~|\\^<>#¿¡'’‘\"ªº")
"""Not heard by themselves: Markdown leftovers, opening marks, quotes."""

CLOSING = frozenset(";:,.!?)”…")
"""Stand against the word before them."""

OPENING = frozenset("(“")
"""Stand against the word after them."""
