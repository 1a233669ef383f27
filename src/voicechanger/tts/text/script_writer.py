"""From a text as people write it to a `Script` that an engine speaks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from voicechanger.tts.errors import TextError
from voicechanger.tts.text import detect, languages
from voicechanger.tts.text import writing_systems as scripts
from voicechanger.tts.text.clean import clean
from voicechanger.tts.text.language import Pronounced
from voicechanger.tts.text.lexicon import ANY, Lexicon, checked
from voicechanger.tts.text.markup import parse
from voicechanger.tts.text.runs import Run
from voicechanger.tts.text.say_as import meant
from voicechanger.tts.text.sentences import Fragment, Sentence, sentences
from voicechanger.tts.text.split_utterances import cut
from voicechanger.tts.text.symbols import audible, foreign
from voicechanger.tts.utterances import Script, Utterance, Word

CLAUSE_PAUSE, SENTENCE_PAUSE, LINE_PAUSE, PARAGRAPH_PAUSE = 0.1, 0.3, 0.45, 0.75
"""Seconds of silence at speed 1, on top of what the model itself speaks at the end of an utterance."""
_NOTHING = "The text holds nothing to speak: give it words or numbers."


@dataclass(frozen=True, slots=True)
class _Group:
    """Fragments that are spoken in one go: of one language, rate and pitch, without a pause inside."""

    language: str
    rate: float
    pitch: float
    fragments: tuple[Fragment, ...]

    @property
    def text(self) -> str:
        return "".join(fragment.text for fragment in self.fragments)


def write_script(text: str, language: str = "auto", *, lexicon: Lexicon | None = None) -> Script:
    """The whole text as utterances in order, nothing left out.

    `language` is a tag, one of its other names, or `auto` (decided sentence by sentence); `lexicon` holds
    the reader's own pronunciations, those of a language before those of any. TextError says what the writer
    can do about it; MissingPart names the command that installs a language. Linear in the length of the text.
    """
    tag = languages.canonical(language)
    words = checked(lexicon or {})
    runs = [_cleaned(run) for run in parse(text)]
    if not any(c.isalnum() for run in runs for c in run.text):
        raise TextError("text_not_speakable", _NOTHING)
    for run in runs:
        if run.style.phonemes is None:
            scripts.check(run.style.alias or run.text, run.style.language or tag)
    found = list(sentences(runs, tag))
    notices = detect.assign(found) if tag == languages.AUTO else ()
    spoken = _Speaker(words)
    for sentence in found:
        spoken.add(sentence, tag)
    return spoken.script(notices)


def _cleaned(run: Run) -> Run:
    alias = run.style.alias
    style = run.style if alias is None else replace(run.style, alias=clean(alias))
    return replace(run, text=clean(run.text), style=style)


class _Speaker:
    """Collects utterances; knows the pause that the last one is followed by."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._own: dict[str, dict[str, str]] = {}
        self._utterances: list[Utterance] = []
        self._sentence = 0
        self._notices: list[str] = []

    def add(self, sentence: Sentence, language: str) -> None:
        """Speak one sentence after the others."""
        before = len(self._utterances)
        for part in _grouped(sentence, language):
            if isinstance(part, _Group):
                self._speak(part)
            else:
                self._pause(part)
        if len(self._utterances) == before:
            return
        last = self._utterances[-1]
        pause = last.pause_after if last.fixed_pause else _natural_pause(sentence)
        self._utterances[-1] = replace(last, phonemes=_ended(last.phonemes), pause_after=pause)
        self._sentence += 1

    def script(self, notices: tuple[str, ...]) -> Script:
        """All of it; TextError when nothing was spoken."""
        if not self._utterances:
            raise TextError("text_not_speakable", _NOTHING)
        last = self._utterances[-1]
        if not last.fixed_pause:
            self._utterances[-1] = replace(last, pause_after=0.0)
        return Script(tuple(self._utterances), (*notices, *dict.fromkeys(self._notices)))

    def _pause(self, seconds: float) -> None:
        if not self._utterances:
            self._notices.append("A pause before the first word was left out.")
        else:
            last = self._utterances[-1]
            asked = seconds + (last.pause_after if last.fixed_pause else 0.0)
            self._utterances[-1] = replace(last, pause_after=asked, fixed_pause=True)

    def _speak(self, group: _Group) -> None:
        whole = self._pronounced(group)
        if whole is None:
            return
        written = _Written(group.text)
        parts = list(cut(whole))
        for index, part in enumerate(parts):
            self._utterances.append(
                Utterance(
                    text=written.until(part.words if index < len(parts) - 1 else None),
                    language=group.language,
                    phonemes=part.phonemes,
                    words=part.words,
                    sentence=self._sentence,
                    pause_after=CLAUSE_PAUSE if index < len(parts) - 1 else 0.0,
                    rate=group.rate,
                    pitch=group.pitch,
                )
            )

    def _pronounced(self, group: _Group) -> Pronounced | None:
        phonemes, words = "", list[Word]()
        for fragment in group.fragments:
            said = self._said(fragment, group.language)
            if said is None:
                continue
            spaced = phonemes and not phonemes.endswith(" ") and said.phonemes[0] not in ".,!?;:…)”"
            phonemes += " " if spaced else ""
            words += [Word(w.text, w.start + len(phonemes), w.end + len(phonemes)) for w in said.words]
            phonemes += said.phonemes
        strange = foreign(phonemes)
        if strange:
            raise TextError("unknown_phonemes", f"The model has no sound for “{strange[:20]}”: use its own symbols.")
        return Pronounced(phonemes, tuple(words)) if audible(phonemes) else None

    def _said(self, fragment: Fragment, language: str) -> Pronounced | None:
        style, written = fragment.style, fragment.text.strip()
        if style.phonemes is not None:
            return Pronounced(style.phonemes, (Word(written, 0, len(style.phonemes)),))
        read = style.alias or fragment.text
        if style.say_as is not None:
            read = meant(read, style.say_as, style.format, language)
        if not any(c.isalnum() for c in read):
            marks = "".join(c for c in read if c in ".,!?;:…—")
            return Pronounced(marks, ()) if marks else None
        said = languages.load(language).pronounce(read.replace("\n", " ").strip(), self._words_of(language))
        if style.whole:
            return Pronounced(said.phonemes, (Word(written, 0, len(said.phonemes.rstrip(".,!?;:… "))),))
        return said

    def _words_of(self, language: str) -> dict[str, str]:
        """The lexicon in one language: its own entries win over those of any."""
        if language not in self._own:
            self._own[language] = {**self._lexicon.get(ANY, {}), **self._lexicon.get(language, {})}
        return self._own[language]


class _Written:
    """Hands the written text out again, up to and with a word at a time."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def until(self, words: Sequence[Word] | None) -> str:
        """What is left up to the last of the words and the marks after it; all of it for None."""
        end = len(self._text) if words is None else self._at
        for word in words or ():
            found = self._text.find(word.text, end)
            end = end if found < 0 else found + len(word.text)
        while end < len(self._text) and not self._text[end].isspace() and not self._text[end].isalnum():
            end += 1
        text = self._text[self._at : end].strip()
        self._at = end
        return text


def _grouped(sentence: Sentence, language: str) -> Iterator[_Group | float]:
    group: _Group | None = None
    for part in sentence.parts:
        alone = None
        if isinstance(part, Fragment):
            alone = _Group(part.style.language or language, part.style.rate, part.style.pitch, (part,))
            if group is not None and replace(group, fragments=(part,)) == alone:
                group = replace(group, fragments=(*group.fragments, part))
                continue
        if group is not None:
            yield group
        group = alone
        if not isinstance(part, Fragment):
            yield part
    if group is not None:
        yield group


def _natural_pause(sentence: Sentence) -> float:
    if sentence.ends_paragraph:
        return PARAGRAPH_PAUSE
    return LINE_PAUSE if sentence.ends_line else SENTENCE_PAUSE


def _ended(phonemes: str) -> str:
    """With a full stop where the writer left none: the model cuts the last sound short without."""
    return phonemes if phonemes.rstrip('”") ')[-1:] in ".!?…,;:—" or len(phonemes) >= 500 else phonemes + "."
