"""Word times as subtitles."""

from __future__ import annotations

from typing import Any

from voicechanger.domains.jobs.subtitles import MAX_CUE_CHARACTERS, cues, srt, vtt


def timestamps(*sentences: str, step: float = 0.5) -> dict[str, Any]:
    """Every word lasts `step` seconds."""
    words = [
        {"text": word.strip(",.!?"), "start": 0.0, "end": 0.0, "sentence": number}
        for number, sentence in enumerate(sentences)
        for word in sentence.split()
    ]
    for place, word in enumerate(words):
        word["start"], word["end"] = place * step, (place + 1) * step
    return {"words": words, "sentences": list(sentences), "seconds": len(words) * step}


def test_a_cue_never_crosses_a_sentence_and_keeps_punctuation() -> None:
    found = cues(timestamps("Hello, Ada!", "How are you?"))
    assert [(c.start, c.end, c.text) for c in found] == [(0.0, 1.0, "Hello, Ada!"), (1.0, 2.5, "How are you?")]


def test_a_long_sentence_is_cut_between_words_and_nothing_is_lost() -> None:
    sentence = "It was a bright, cold day in April; and the clocks were all striking thirteen as he went home, alone."
    found = cues(timestamps(sentence, step=0.2))
    assert len(found) > 1 and all(len(c.text) <= MAX_CUE_CHARACTERS + 1 for c in found)
    assert " ".join(c.text for c in found) == sentence


def test_subrip() -> None:
    assert srt(timestamps("Hi there.")) == "1\n00:00:00,000 --> 00:00:01,000\nHi there.\n"


def test_webvtt_escapes_what_would_be_markup() -> None:
    assert vtt(timestamps("a <b> --> c.")).startswith("WEBVTT\n\n00:00:00.000 --> 00:00:02.000\na &lt;b&gt; → c.")


def test_hours() -> None:
    late = {"words": [{"text": "late", "start": 3661.5, "end": 3662.0, "sentence": 0}], "sentences": ["late"]}
    assert "01:01:01.500 --> 01:01:02.000" in vtt(late)
