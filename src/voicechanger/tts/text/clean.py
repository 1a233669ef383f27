"""Cleaning of pasted Unicode: composed, without invisible characters, one kind of dash and quote."""

from __future__ import annotations

import re
import unicodedata

_DROPPED_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_SPOKEN_SYMBOLS = "°©®™№℃℉"
_EMOJI_PARTS = "\ufe0e\ufe0f\u20e3\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff"
_EMOJI_SIGNS = re.compile("[\u2300-\u23ff\u2500-\u27bf\u2b00-\u2bff\u3030\u303d]")
"""Blocks in which emoji and ornaments lie."""
_CHARACTERS = {
    **dict.fromkeys("‐‑‒⁃", "-"),
    **dict.fromkeys("―⸺⸻", "—"),
    **dict.fromkeys("−﹣－", "-"),
    **dict.fromkeys("‘’‚‛ʼ＇`´′", "'"),
    **dict.fromkeys("„‟〝〞＂″", '"'),
    **dict.fromkeys("⁄∕", "/"),
    "\u2028": "\n",
    "\u2029": "\n\n",
    "\x0b": "\n",
    "\x0c": "\n\n",
    "\x85": "\n",
    "\t": " ",
}
_REPEATED = re.compile(r"([!?])[!?]{2,}|(,){2,}|(;){2,}")
_ELLIPSIS = re.compile(r"\.(?: ?\.){2,}|…+")
_DASHES = re.compile(r"(?<!-)(?:---?)(?!-)")
_RULE = re.compile(r"^[ \t]*([-*_=~#])(?:[ \t]*\1){2,}[ \t]*$", re.MULTILINE)
_SPACES = re.compile(r"[^\S\n]+")
_BLANK_LINES = re.compile(r" ?\n(?: ?\n)+ ?")
_MARKS_RUN = re.compile(r"([\u0300-\u036f]{3})[\u0300-\u036f]+")


def clean(text: str) -> str:
    """Return the text composed (NFC), without control, invisible or emoji characters.

    Emoji are decoration and are not read aloud. Characters of a compatibility alphabet (bold letters, full-width
    letters and digits, ligatures) become plain ones. Time is linear in the length.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = _MARKS_RUN.sub(r"\1", unicodedata.normalize("NFC", text))
    text = "".join(_plain(character) for character in text)
    text = _RULE.sub("\n", text)
    text = _ELLIPSIS.sub("…", text)
    text = _DASHES.sub("—", text)
    text = _REPEATED.sub(_one_mark, text)
    text = _SPACES.sub(" ", text)
    return _BLANK_LINES.sub("\n\n", text)


def unread_signs(text: str) -> str:
    """Return the signs that `clean` leaves out although they are no emoji, each once, in order."""
    return "".join(c for c in dict.fromkeys(text) if unicodedata.category(c) == "So" and _is_unread(c))


def _is_unread(sign: str) -> bool:
    emoji = sign >= "\U0001f000" or _EMOJI_SIGNS.match(sign)
    return not emoji and sign not in _SPOKEN_SYMBOLS and _symbol(sign) == " " and not sign.isdigit()


def _plain(character: str) -> str:
    if character in "\n " or ("!" <= character <= "~" and character != "`"):
        return character
    if character in _CHARACTERS:
        return _CHARACTERS[character] if character != "`" else "`"
    category = unicodedata.category(character)
    if category in _DROPPED_CATEGORIES or character in _EMOJI_PARTS:
        return ""
    if category == "So" and character not in _SPOKEN_SYMBOLS:
        return _symbol(character)
    if category in {"Zs", "Zl", "Zp"}:
        return " "
    if character.isdigit() and not character.isdecimal() and character not in "²³":
        # ①, ₂: int() refuses what isdigit() takes
        return f" {unicodedata.digit(character)} "
    return _folded(character)


def _symbol(character: str) -> str:
    """Return a unit in one sign as letters (㎞ → km), an East Asian word in one sign as it is, others as a space."""
    folded = unicodedata.normalize("NFKC", character)
    if "\u3200" <= character <= "\u33ff" and folded != character:
        return folded if folded.isascii() and folded.isalpha() else character
    return " "


def _folded(character: str) -> str:
    """Return letters and digits of compatibility alphabets as plain ones: 𝐇 → H, Ａ → A, ﬁ → fi, ℃ → °C."""
    folded = unicodedata.normalize("NFKC", character)
    if folded == character:
        return character
    ascii_letters = folded.isascii() and folded.isalnum() and character.isalpha() and character not in "ªº"
    full_width_digit = unicodedata.category(character) == "Nd"
    if ascii_letters or full_width_digit or character in "℃℉%％＆＋＝＄￥￡":
        return folded
    return character


def _one_mark(match: re.Match[str]) -> str:
    marks = match.group()
    if "?" in marks:
        return "?"
    return marks[0]
