"""What makes very fast speech intelligible: settings of durations and stretch, tried one against the other.

    python benchmarks/fast.py --sentences 15
    python benchmarks/fast.py --only "as it is"

Speaks English sentences by af_heart at each try's speed and prints the word error rate by Whisper base, with the
median stretch that was left for WSOLA once the durations had given what they may.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from dataclasses import dataclass, field
from pathlib import Path
from unittest.mock import patch

import jiwer
import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.support.recogniser import recognise_words, spoken_words  # noqa: E402
from voicechanger.tts.audio import stretch  # noqa: E402
from voicechanger.tts.engine import SAMPLE_RATE, SpeedTarget  # noqa: E402
from voicechanger.tts.kokoro import assets, timing  # noqa: E402
from voicechanger.tts.kokoro.engine import KokoroEngine  # noqa: E402
from voicechanger.tts.kokoro.vocabulary import Kind  # noqa: E402
from voicechanger.tts.text.script_writer import write_script  # noqa: E402


@dataclass(frozen=True)
class Try:
    """One line of the table."""

    name: str
    speed: float = 4.0
    fastest: float = 0.6
    """Time scale down to which durations go."""
    window: int = stretch.WINDOW
    search: int = stretch.SEARCH
    power: dict[Kind, float] = field(default_factory=dict[Kind, float])
    least: dict[Kind, float] = field(default_factory=dict[Kind, float])


VOWELS = {Kind.VOWEL: 1.4, Kind.CONSONANT: 0.6}
TRIES = [
    *(Try("as it is", speed) for speed in (2.0, 3.0, 3.5, 4.0)),
    Try("window of 20 ms", window=480),
    Try("window of 20 ms, search of 5 ms", window=480, search=120),
    Try("window of 15 ms, search of 7 ms", window=360, search=168),
    *(Try(f"durations down to {fastest:g}", fastest=fastest) for fastest in (0.55, 0.7)),
    *(Try(f"durations down to {one:g}, window of 20 ms", fastest=one, window=480) for one in (0.5, 0.8, 1.0)),
    Try("vowels give more", 3.0, power=VOWELS, least={Kind.VOWEL: 0.4}),
    Try("vowels give more", power=VOWELS, least={Kind.VOWEL: 0.4}),
    Try("vowels give more, durations down to 0.55", fastest=0.55, power=VOWELS, least={Kind.VOWEL: 0.4}),
    Try("vowels give more, durations down to 0.5", fastest=0.5, power=VOWELS, least={Kind.VOWEL: 0.4}),
    Try("vowels give most", power={Kind.VOWEL: 1.7, Kind.CONSONANT: 0.4}, least={Kind.VOWEL: 0.35}),
]


def measure(engine: KokoroEngine, tried: Try, lines: list[str]) -> tuple[float, float]:
    """Word error rate and median stretch under a try's settings."""
    bounds = {kind: (tried.least.get(kind, low), high) for kind, (low, high) in timing._BOUNDS.items()}
    heard, left = list[str](), list[float]()
    with (
        patch.multiple(timing, _SCALES=(tried.fastest, 2.2), _POWER=timing._POWER | tried.power, _BOUNDS=bounds),
        patch.multiple(stretch, WINDOW=tried.window, HOP=tried.window // 2, SEARCH=tried.search),
    ):
        for text in lines:
            plan = engine.plan(write_script(text, "en-us"), engine.neutral_voice(), SpeedTarget(speed=tried.speed))
            samples = np.concatenate([chunk.samples for chunk in engine.speak(plan)])
            words = recognise_words(np.pad(samples, SAMPLE_RATE // 4), SAMPLE_RATE, "en")
            heard.append(_plain(" ".join(word.text for word in words)))
            left.append(plan.stretch)
    return float(jiwer.wer([_plain(text) for text in lines], heard)), statistics.median(left)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sentences", type=int, default=15)
    parser.add_argument("--only", help="tries of this name")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--models", type=Path, default=assets.default_folder())
    asked = parser.parse_args()
    engine = KokoroEngine.load(asked.models, asked.threads)
    lines = (ROOT / "benchmarks/sentences/en-us.txt").read_text().splitlines()[: asked.sentences]
    print("| try | speed | stretch | WER |\n| --- | --- | --- | --- |")
    for tried in TRIES:
        if asked.only in (None, tried.name):
            errors, left = measure(engine, tried, lines)
            print(f"| {tried.name} | {tried.speed:g} | {left:.2f} | {errors:.1%} |", flush=True)


def _plain(text: str) -> str:
    return " ".join(spoken_words(text.replace("9", "nine")))


if __name__ == "__main__":
    main()
