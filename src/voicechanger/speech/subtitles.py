"""Word times as subtitles: SubRip and WebVTT."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

MAX_CUE_SECONDS = 7.0
MAX_CUE_CHARACTERS = 84
"""Two lines of 42, the usual limit of subtitles."""


@dataclass(frozen=True, slots=True)
class Cue:
    """A line of subtitles, in seconds from the start."""

    start: float
    end: float
    text: str


def cues(timestamps: dict[str, Any]) -> list[Cue]:
    """Group words into cues that never cross a sentence and stay readable."""
    made: list[Cue] = []
    group: list[dict[str, Any]] = []
    for word in timestamps["words"]:
        if group and not _fits(group, word):
            made.append(_cue(group))
            group = []
        group.append(word)
    if group:
        made.append(_cue(group))
    return made


def _fits(group: list[dict[str, Any]], word: dict[str, Any]) -> bool:
    length = sum(len(w["text"]) + 1 for w in group) + len(word["text"])
    return (
        word["sentence"] == group[0]["sentence"]
        and word["end"] - group[0]["start"] <= MAX_CUE_SECONDS
        and length <= MAX_CUE_CHARACTERS
    )


def _cue(group: list[dict[str, Any]]) -> Cue:
    text = " ".join(w["text"] for w in group)
    return Cue(group[0]["start"], group[-1]["end"], text.replace("-->", "→"))


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
