"""Sentences to utterances: each fragment pronounced, groups of one style joined, long ones split, pauses between."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from voicechanger.tts.errors import TextError
from voicechanger.tts.symbols import has_sound, require_supported
from voicechanger.tts.text import languages, say_as
from voicechanger.tts.text.language import Pronounced
from voicechanger.tts.text.lexicon import ANY, Lexicon
from voicechanger.tts.text.sentences import LONGEST_SENTENCE, Fragment, Sentence, bounded
from voicechanger.tts.text.split_utterances import LIMIT, split
from voicechanger.tts.utterances import Script, Utterance, Word

CLAUSE_PAUSE, SENTENCE_PAUSE, LINE_PAUSE, PARAGRAPH_PAUSE = 0.1, 0.3, 0.45, 0.75
"""Seconds of silence at speed 1, on top of what the model itself makes at the end of an utterance."""
NOTHING_TO_SPEAK = "The text has no letter or digit: give at least one word or number."
_CLOSING = ".,!?;:…)”"


@dataclass(frozen=True, slots=True)
class _Group:
    """Fragments of one language, rate and pitch with no pause between them: pronounced together."""

    language: str
    rate: float
    pitch: float
    fragments: tuple[Fragment, ...]

    @property
    def text(self) -> str:
        return "".join(fragment.text for fragment in self.fragments)


class UtteranceBuilder:
    """Collects the utterances of a text, sentence by sentence."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._entries: dict[str, dict[str, str]] = {}
        self._utterances: list[Utterance] = []
        self._sentence = 0
        self._notices: list[str] = []

    def add(self, sentence: Sentence, language: str) -> None:
        """Append the utterances of a sentence; `language` is that of fragments without one of their own."""
        before = len(self._utterances)
        for part in _groups(sentence, language):
            if isinstance(part, _Group):
                self._add_group(part)
            else:
                self._add_pause(part)
        if len(self._utterances) == before:
            return
        last = self._utterances[-1]
        pause = last.pause_after if last.fixed_pause else _natural_pause(sentence)
        self._utterances[-1] = replace(last, phonemes=_with_final_mark(last.phonemes), pause_after=pause)
        self._sentence += 1

    def script(self, notices: Sequence[str]) -> Script:
        """Return everything added, `notices` before its own; TextError `text_not_speakable` when that is nothing."""
        if not self._utterances:
            raise TextError("text_not_speakable", NOTHING_TO_SPEAK)
        last = self._utterances[-1]
        if not last.fixed_pause:
            self._utterances[-1] = replace(last, pause_after=0.0)
        return Script(tuple(self._utterances), (*notices, *dict.fromkeys(self._notices)))

    def _add_pause(self, seconds: float) -> None:
        if not self._utterances:
            self._notices.append("The pause before the first word was left out.")
            return
        last = self._utterances[-1]
        requested = seconds + (last.pause_after if last.fixed_pause else 0.0)
        self._utterances[-1] = replace(last, pause_after=requested, fixed_pause=True)

    def _add_group(self, group: _Group) -> None:
        pronounced = self._pronounce_group(group)
        if pronounced is None:
            return
        written = _WrittenText(group.text)
        parts = list(split(pronounced))
        for part in parts:
            last = part is parts[-1]
            self._utterances.append(
                Utterance(
                    text=written.rest() if last else written.through(part.words),
                    language=group.language,
                    phonemes=part.phonemes,
                    words=part.words,
                    sentence=self._sentence,
                    pause_after=0.0 if last else CLAUSE_PAUSE,
                    rate=group.rate,
                    pitch=group.pitch,
                )
            )

    def _pronounce_group(self, group: _Group) -> Pronounced | None:
        pronounced = (self._pronounce_fragment(fragment, group.language) for fragment in group.fragments)
        whole = _joined(part for part in pronounced if part is not None)
        require_supported(whole.phonemes, group.text.strip()[:40])
        return whole if has_sound(whole.phonemes) else None

    def _pronounce_fragment(self, fragment: Fragment, language: str) -> Pronounced | None:
        style, written = fragment.style, fragment.text.strip()
        if style.phonemes is not None:
            return Pronounced(style.phonemes, (Word(written, 0, len(style.phonemes)),))
        text = style.alias or fragment.text
        if style.say_as is not None:
            text = say_as.reading_of(text, style.say_as, style.format, language)
        if not _has_word(text):
            marks = "".join(c for c in text if c in ".,!?;:…—")
            return Pronounced(marks, ()) if marks else None
        pronounced = self._pronounce_text(text.replace("\n", " ").strip(), language)
        if style.whole:
            return Pronounced(pronounced.phonemes, (Word(written, 0, len(pronounced.phonemes.rstrip(".,!?;:… "))),))
        return pronounced

    def _pronounce_text(self, text: str, language: str) -> Pronounced:
        """Pronounce in parts of a bounded length: an alias, or what is spelled out, is longer than any sentence."""
        parts = [text[start:end].strip() for start, end in bounded(text, 0, len(text), LONGEST_SENTENCE)]
        reader, entries = languages.load(language), self._entries_of(language)
        return _joined(reader.pronounce(part, entries) for part in parts if _has_word(part))

    def _entries_of(self, language: str) -> dict[str, str]:
        """Return the lexicon of one language: its own entries win over those of any."""
        if language not in self._entries:
            self._entries[language] = {**self._lexicon.get(ANY, {}), **self._lexicon.get(language, {})}
        return self._entries[language]


class _WrittenText:
    """Hands out a written text in order, piece by piece."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def through(self, words: Sequence[Word]) -> str:
        """Return the text up to the last of the words and the marks after it."""
        end = self._at
        for word in words:
            found = self._text.find(word.text, end)
            end = end if found < 0 else found + len(word.text)
        while end < len(self._text) and not self._text[end].isspace() and not self._text[end].isalnum():
            end += 1
        text = self._text[self._at : end].strip()
        self._at = end
        return text

    def rest(self) -> str:
        """Return what was not handed out yet."""
        return self._text[self._at :].strip()


def _groups(sentence: Sentence, language: str) -> Iterator[_Group | float]:
    """Yield the groups of a sentence and the pauses between them, in seconds."""
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


def _joined(parts: Iterable[Pronounced]) -> Pronounced:
    """Return the parts as one, with a space between two of them unless a closing mark follows."""
    texts, words = list[str](), list[Word]()
    length = 0
    for part in parts:
        if texts and not texts[-1].endswith(" ") and part.phonemes[0] not in _CLOSING:
            texts.append(" ")
            length += 1
        words += [Word(word.text, word.start + length, word.end + length) for word in part.words]
        texts.append(part.phonemes)
        length += len(part.phonemes)
    return Pronounced("".join(texts), tuple(words))


def _has_word(text: str) -> bool:
    return any(c.isalnum() for c in text)


def _natural_pause(sentence: Sentence) -> float:
    if sentence.ends_paragraph:
        return PARAGRAPH_PAUSE
    return LINE_PAUSE if sentence.ends_line else SENTENCE_PAUSE


def _with_final_mark(phonemes: str) -> str:
    """Add a full stop where the text has no mark: without one the model cuts the last sound short."""
    ended = phonemes.rstrip('”") ')[-1:] in ".!?…,;:—"
    return phonemes if ended or len(phonemes) >= LIMIT else phonemes + "."
