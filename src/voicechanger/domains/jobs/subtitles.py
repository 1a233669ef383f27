"""Write word times as subtitles: SubRip and WebVTT."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

MAX_CUE_SECONDS = 7.0
MAX_CUE_CHARACTERS = 84
"""Two lines of 42 characters, the usual limit of subtitles."""


@dataclass(frozen=True, slots=True)
class Cue:
    """One subtitle; times are seconds from the start of the recording."""

    start: float
    end: float
    text: str


def cues(timestamps: dict[str, Any]) -> list[Cue]:
    """Group words into short cues within one sentence; the text is as written in the request."""
    groups: list[list[dict[str, Any]]] = []
    for word in timestamps["words"]:
        if groups and _fits(groups[-1], word):
            groups[-1].append(word)
        else:
            groups.append([word])
    made: list[Cue] = []
    sentence, rest = -1, ""
    for number, group in enumerate(groups):
        if group[0]["sentence"] != sentence:
            sentence = group[0]["sentence"]
            rest = timestamps["sentences"][sentence]
        after = groups[number + 1] if number + 1 < len(groups) else None
        goes_on = after is not None and after[0]["sentence"] == sentence
        text, rest = _split(rest, group, after[0]["text"] if goes_on and after else None)
        made.append(Cue(group[0]["start"], group[-1]["end"], text.replace("-->", "→")))
    return made


def _split(sentence: str, group: list[dict[str, Any]], following: str | None) -> tuple[str, str]:
    """Return the written text of a group of words with punctuation, and the rest of the sentence."""
    if following is None:
        return " ".join(sentence.split()), ""
    position = 0
    for word in group:
        found = sentence.find(word["text"], position)
        if found < 0:
            return " ".join(w["text"] for w in group), sentence
        position = found + len(word["text"])
    end = sentence.find(following, position)
    if end < 0:
        end = position
    return " ".join(sentence[:end].split()), sentence[end:]


def _fits(group: list[dict[str, Any]], word: dict[str, Any]) -> bool:
    length = sum(len(w["text"]) + 1 for w in group) + len(word["text"])
    return (
        word["sentence"] == group[0]["sentence"]
        and word["end"] - group[0]["start"] <= MAX_CUE_SECONDS
        and length <= MAX_CUE_CHARACTERS
    )


def srt(timestamps: dict[str, Any]) -> str:
    """SubRip."""
    blocks = [
        f"{number}\n{_clock(cue.start, ',')} --> {_clock(cue.end, ',')}\n{cue.text}\n"
        for number, cue in enumerate(cues(timestamps), 1)
    ]
    return "\n".join(blocks)


def vtt(timestamps: dict[str, Any]) -> str:
    """WebVTT."""
    blocks = [
        f"{_clock(cue.start, '.')} --> {_clock(cue.end, '.')}\n{_escaped(cue.text)}\n" for cue in cues(timestamps)
    ]
    return "\n".join(["WEBVTT\n", *blocks])


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _clock(seconds: float, comma: str) -> str:
    milliseconds = round(seconds * 1000)
    hours, rest = divmod(milliseconds, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    whole, thousandths = divmod(rest, 1000)
    return f"{hours:02}:{minutes:02}:{whole:02}{comma}{thousandths:03}"
