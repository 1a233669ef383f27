"""The front: from a text as people write it to a `Script` that an engine speaks.

parse markup → clean → check writing systems → split into sentences → decide languages → build utterances
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from voicechanger.tts.errors import TextError
from voicechanger.tts.text import detect, languages, writing_systems
from voicechanger.tts.text.clean import clean, unread_signs
from voicechanger.tts.text.lexicon import Lexicon, checked
from voicechanger.tts.text.markup import parse
from voicechanger.tts.text.runs import Run
from voicechanger.tts.text.sentences import split_sentences
from voicechanger.tts.text.utterance_builder import (
    LINE_PAUSE,
    NOTHING_TO_SPEAK,
    PARAGRAPH_PAUSE,
    SENTENCE_PAUSE,
    UtteranceBuilder,
)
from voicechanger.tts.utterances import Script

__all__ = ["LINE_PAUSE", "PARAGRAPH_PAUSE", "SENTENCE_PAUSE", "write_script"]


def write_script(text: str, language: str = "auto", *, lexicon: Lexicon | None = None) -> Script:
    """Return the whole text as utterances in order, nothing left out.

    `language` is a tag, one of its other names, or `auto` (decided sentence by sentence). `lexicon` holds
    pronunciations of the user; those of a language win over those of any language. TextError names what in the
    text is wrong and what to do; MissingPart names the command that installs a language. Time and memory grow
    linearly with the text.
    """
    tag = languages.canonical(language)
    builder = UtteranceBuilder(checked(lexicon or {}))
    runs = [_cleaned(run) for run in parse(text)]
    _require_readable(runs, tag)
    sentences = list(split_sentences(runs, tag))
    notices = detect.assign(sentences) if tag == languages.AUTO else ()
    for sentence in sentences:
        builder.add(sentence, tag)
    return builder.script((*notices, *_unread(text)))


def _unread(text: str) -> Iterator[str]:
    signs = unread_signs(text)
    if signs:
        yield f"These signs have no reading and were left out: {' '.join(signs[:20])}"


def _cleaned(run: Run) -> Run:
    alias = run.style.alias
    style = run.style if alias is None else replace(run.style, alias=clean(alias))
    return replace(run, text=clean(run.text), style=style)


def _require_readable(runs: Sequence[Run], language: str) -> None:
    """Raise TextError when there is no letter or digit, or a writing system that the language does not read."""
    if not any(c.isalnum() for run in runs for c in run.text):
        raise TextError("text_not_speakable", NOTHING_TO_SPEAK)
    for run in runs:
        if run.style.phonemes is None:
            writing_systems.require_readable(run.style.alias or run.text, run.style.language or language)
