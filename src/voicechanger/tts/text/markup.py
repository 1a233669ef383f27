"""Markup to runs: pauses and pronunciations in brackets, and a small subset of SSML.

An unknown tag is an error that names it; it is neither read aloud nor dropped. Text that only looks like a tag
("a < b") is text. expat parses the XML; document types, and with them entities of one's own, are refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.parsers import expat  # document types are refused below, so no entity is ever expanded

from voicechanger.tts.errors import TextError
from voicechanger.tts.text import markup_values as values
from voicechanger.tts.text.ipa import from_symbols
from voicechanger.tts.text.markdown import unmarked
from voicechanger.tts.text.runs import PLAIN, Run, Style

_TAGS = {
    "speak": frozenset({"version", "xmlns", "xml:lang", "xmlns:xsi", "xsi:schemalocation", "xml:base"}),
    "p": frozenset({"xml:lang"}),
    "s": frozenset({"xml:lang"}),
    "break": frozenset({"time", "strength"}),
    "say-as": frozenset({"interpret-as", "format", "detail"}),
    "phoneme": frozenset({"alphabet", "ph"}),
    "prosody": frozenset({"rate", "pitch"}),
    "sub": frozenset({"alias"}),
    "lang": frozenset({"xml:lang"}),
}
"""Tags and the attributes that each may have."""
_TAG = re.compile(r"</?([A-Za-z][\w:-]*)(?:\s+[\w:-]+\s*=\s*(?:\"[^\"<]*\"|'[^'<]*'))*\s*/?>")
_PARTS = re.compile(r"[<&>]")
_ENTITY = re.compile(r"&(?:amp|lt|gt|quot|apos);")
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_INLINE = re.compile(
    r"\[(?:pause|break|silence)\s*+[:=]?\s*+([^\[\]\s]{1,20})\]|\[([^\[\]]{1,200})\]\(/([^()/]{1,400})/\)",
    re.IGNORECASE,
)


def parse(text: str) -> list[Run]:
    """Return the text in runs, in order; TextError for markup that is unknown or not well formed."""
    text = _ILLEGAL.sub("", _without_comments(text))
    if re.match(r"\s*<(?:\?xml|speak\b|!DOCTYPE)", text, re.IGNORECASE):
        return _read(text.strip(), spaced=True)
    return _read(f"<speak>{_escaped(unmarked(text))}</speak>", spaced=False)


def _without_comments(text: str) -> str:
    """Return the text without `<!-- … -->`; a comment that is not closed stays text."""
    parts: list[str] = []
    position = 0
    while (start := text.find("<!--", position)) >= 0:
        # "<!-->" closes nothing: the dashes of the beginning are not those of the end
        end = text.find("-->", start + 4)
        if end < 0:
            break
        parts.append(text[position:start])
        position = end + 3
    return "".join([*parts, text[position:]])


def _escaped(text: str) -> str:
    """Return plain text as XML: everything but tags is escaped."""
    parts: list[str] = []
    position = 0
    for match in _TAG.finditer(text):
        _known(match[1])
        parts += [_characters(text[position : match.start()]), match.group()]
        position = match.end()
    parts.append(_characters(text[position:]))
    return "".join(parts)


def _characters(text: str) -> str:
    text = re.sub(r"&(?!(?:amp|lt|gt|quot|apos);)", "&amp;", text)
    return text.replace("<", "&lt;").replace(">", "&gt;")


def _known(name: str) -> str:
    name = name.lower()
    if name not in _TAGS:
        known = ", ".join(sorted(_TAGS))
        raise TextError(
            "unknown_markup", f"The tag <{name[:40]}> is not supported: use {known}, or write “&lt;” for “<”."
        )
    return name


def _read(xml: str, spaced: bool) -> list[Run]:
    reader = _Reader(spaced)
    parser = expat.ParserCreate()
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    parser.StartDoctypeDeclHandler = reader.doctype
    parser.ProcessingInstructionHandler = reader.instruction
    try:
        parser.Parse(xml.encode(), True)
    except expat.ExpatError as error:
        reason = expat.ErrorString(error.code)
        raise TextError("bad_markup", f"The markup is not well formed ({reason}): correct it.") from error
    return reader.runs


class _Reader:
    """Turns the events of expat into runs."""

    def __init__(self, spaced: bool) -> None:
        self.runs: list[Run] = []
        self._spaced = spaced
        self._styles: list[Style] = [PLAIN]
        self._open: list[str] = []
        self._read: list[str] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._flush()
        name = _known(name)
        given = {key.lower(): value for key, value in attributes.items()}
        unknown = sorted(given.keys() - _TAGS[name])
        if unknown:
            raise TextError("unknown_markup", f"The tag <{name}> has no attribute “{unknown[0][:40]}”: remove it.")
        if name == "speak" and self._open:
            raise TextError("bad_markup", "The tag <speak> may only enclose the whole text: remove the inner one.")
        style = self._styles[-1]
        if style.whole:
            raise TextError("bad_markup", f"<{self._open[-1]}> holds text only: remove <{name}> from it.")
        self._open.append(name)
        self._styles.append(values.style_inside(style, name, given))
        if name == "break":
            self.runs.append(Run("", pause=values.break_seconds(given)))
        elif name in {"p", "s"}:
            self._break(name)

    def end(self, name: str) -> None:
        self._flush()
        self._open.pop()
        self._styles.pop()
        if name.lower() in {"p", "s"}:
            self._break(name.lower())

    def text(self, text: str) -> None:
        # expat delivers long text in parts, which may end inside a word.
        self._read.append(text)

    def _flush(self) -> None:
        text = "".join(self._read)
        self._read.clear()
        if not text:
            return
        if self._spaced:
            text = re.sub(r"\s+", " ", text)
        style = self._styles[-1]
        self.runs += [Run(text, style)] if style.whole else _inline(text, style)

    def doctype(self, *_: object) -> None:
        raise TextError("bad_markup", "A document type (<!DOCTYPE …>) is not accepted: remove it.")

    def instruction(self, *_: object) -> None:
        raise TextError("bad_markup", "Processing instructions (<?…?>) are not accepted: remove them.")

    def _break(self, name: str) -> None:
        """Add a break, one where several meet: two sentences side by side are no paragraphs."""
        while self.runs and self.runs[-1].pause is None and self.runs[-1].text.isspace():
            name = "p" if "\n\n" in self.runs.pop().text else name
        self.runs.append(Run("\n\n" if name == "p" else "\n"))


def _inline(text: str, style: Style) -> Iterator[Run]:
    """Yield the runs of a text with pauses and pronunciations in square brackets."""
    position = 0
    for match in _INLINE.finditer(text):
        pause, word, phonemes = match.groups()
        if match.start() > position:
            yield Run(text[position : match.start()], style)
        position = match.end()
        if word is None:
            yield Run("", pause=values.seconds(pause))
        elif any(c.isalnum() for c in word):
            yield Run(word, values.with_phonemes(style, from_symbols(phonemes)))
        else:
            yield Run(match.group(), style)
    if position < len(text):
        yield Run(text[position:], style)
