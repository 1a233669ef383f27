"""Whether word times are right, by what can be seen in the sound: where a hiss begins and ends between vowels.

    python benchmarks/onsets.py --sentences 30

A recogniser's word times are guesses, too, and early ones.  The s of "the sea" is a burst of noise above 4.5 kHz that
anybody can point at: its beginning is the word's, and at the end of "his" the word's end.  Prints how far our times
and the recogniser's lie from it, as medians with the spread (median absolute deviation), positive for late; and for
the first word of a sentence, where the sound itself begins.
"""

from __future__ import annotations

import argparse
import itertools
import re
import statistics
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, sosfiltfilt

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.support.recogniser import Heard, recognise_words, spoken_words  # noqa: E402
from voicechanger.tts.engine import SAMPLE_RATE, SpeedTarget, TimedWord  # noqa: E402
from voicechanger.tts.kokoro import assets  # noqa: E402
from voicechanger.tts.kokoro.engine import KokoroEngine  # noqa: E402
from voicechanger.tts.text.script_writer import write_script  # noqa: E402

VOICES = ("af_heart", "am_michael", "bf_emma")
QUIET = 0.25
"""Seconds around each clip: the recogniser drops words that begin with the file."""
HISS = butter(6, [4500, 11000], "bandpass", fs=SAMPLE_RATE, output="sos")
BEGINS, ENDS = re.compile(r"s(?!h)"), re.compile(r"(?:[^s]s|[cs]e|x)$")
NOISY = re.compile(r"(?:[sxzptk]|[csz]e|[cst]h)$")
"""A word before a hiss whose own end would be taken for it."""
NEAR = 0.2
"""Seconds to either side of our time in which the edge is looked for."""
EDGE = 0.1
"""Share of its peak power at which a hiss begins and ends."""
FLUENT = 0.15
"""Seconds between words up to which no pause lies there."""
FIRST = 1e-3
"""Share of the clip's peak power at which it begins."""


def power(samples: NDArray[np.float64]) -> NDArray[np.float64]:
    """Smoothed over 5 ms."""
    width = SAMPLE_RATE // 200
    return np.convolve(samples**2, np.ones(width) / width, "same")


def edge(hiss: NDArray[np.float64], near: float, begins: bool) -> float | None:
    """Where the hiss nearest to a time begins or ends, in seconds; None where there is none."""
    low, high = max(0, int((near - NEAR) * SAMPLE_RATE)), int((near + NEAR) * SAMPLE_RATE)
    part = hiss[low:high]
    if part.size == 0 or part.max() < 0.02 * hiss.max():
        return None
    peak = int(part.argmax())
    quiet = np.flatnonzero(part < EDGE * part.max())
    quiet = quiet[quiet < peak][-1:] if begins else quiet[quiet > peak][:1]
    return (low + int(quiet[0])) / SAMPLE_RATE if quiet.size else None


def bare(word: str) -> str:
    """A word without its marks."""
    return "".join(spoken_words(word))


def seen(words: list[TimedWord], hiss: NDArray[np.float64]) -> list[tuple[str, int, float]]:
    """What can be pointed at: the kind of place, the index of its word, and when it is."""
    found = list[tuple[str, int, float]]()
    for index, (before, word) in enumerate(itertools.pairwise(words)):
        if word.start - before.end > FLUENT:
            continue
        if BEGINS.match(bare(word.text)) and not NOISY.search(bare(before.text)):
            place = edge(hiss, word.start, begins=True)
            found += [("start", index + 1, place)] if place else []
        if ENDS.search(bare(before.text)) and re.match("[aeioulmnrw]", bare(word.text)):
            place = edge(hiss, before.end, begins=False)
            found += [("end", index, place)] if place else []
    return found


def off(kind: str, word: TimedWord | Heard, place: float, late: float = 0.0) -> float:
    """Milliseconds by which a word's time is late."""
    return 1000 * ((word.end if kind == "end" else word.start) - late - place)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sentences", type=int, default=30)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--models", type=Path, default=assets.default_folder())
    asked = parser.parse_args()
    engine = KokoroEngine.load(asked.models, asked.threads)
    lines = (ROOT / "benchmarks/sentences/en-us.txt").read_text().splitlines()[: asked.sentences]
    late: dict[tuple[str, str], list[float]] = {}
    for voice in VOICES:
        for text in lines:
            plan = engine.plan(write_script(text, "en-us"), engine.stock_voice(voice), SpeedTarget())
            chunks = list(engine.speak(plan))
            samples = np.concatenate([chunk.samples for chunk in chunks]).astype(np.float64)
            words = [word for chunk in chunks for word in chunk.words]
            loud = power(samples)
            begins = int(np.flatnonzero(loud > FIRST * loud.max())[0]) / SAMPLE_RATE
            places = [("first", 0, begins), *seen(words, power(sosfiltfilt(HISS, samples)))]
            padded = np.pad(samples, round(QUIET * SAMPLE_RATE)).astype(np.float32)
            heard = {bare(word.text): word for word in recognise_words(padded, SAMPLE_RATE, "en")}
            for kind, index, place in places:
                late.setdefault((kind, "ours"), []).append(off(kind, words[index], place))
                if other := heard.get(bare(words[index].text)):
                    late.setdefault((kind, "recogniser"), []).append(off(kind, other, place, QUIET))
    print("| edge | whose time | seen | late by | spread |\n| --- | --- | --- | --- | --- |")
    for (kind, whose), each in sorted(late.items()):
        middle = statistics.median(each)
        spread = statistics.median(abs(one - middle) for one in each)
        print(f"| {kind} | {whose} | {len(each)} | {middle:+.0f} ms | {spread:.0f} ms |")


if __name__ == "__main__":
    main()
