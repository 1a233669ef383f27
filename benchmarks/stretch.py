"""Which time stretch harms speech least: ours (WSOLA) beside signalsmith's phase vocoder, by DNSMOS and words.

    python benchmarks/stretch.py --sentences 4

Speaks Kokoro's own sentences, stretches each by 0.5, 0.8, 1.25 and 2, and prints a Markdown table of DNSMOS (overall),
word error rate by Whisper base, the shift of the median pitch in cents, and seconds of speech made in a second.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jiwer
import librosa
import numpy as np
import python_stretch
import soxr
from numpy.typing import NDArray
from speechmos import dnsmos

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.support.recogniser import recognise, spoken_words  # noqa: E402
from voicechanger.tts.audio.stretch import stretch  # noqa: E402
from voicechanger.tts.engine import SAMPLE_RATE, SpeedTarget  # noqa: E402
from voicechanger.tts.kokoro import assets  # noqa: E402
from voicechanger.tts.kokoro.engine import KokoroEngine  # noqa: E402
from voicechanger.tts.text.script_writer import write_script  # noqa: E402

Samples = NDArray[np.float32]
FACTORS = (0.5, 0.8, 1.25, 2.0)
VOICES = ("af_heart", "am_michael")


def signalsmith(samples: Samples, factor: float) -> Samples:
    """The phase vocoder, its latency cut off, brought to the exact length."""
    engine: Any = python_stretch.Signalsmith.Stretch(1)
    engine.preset(1, SAMPLE_RATE)
    engine.setTimeFactor(1 / factor)
    wanted = round(samples.size * factor)
    padded = np.pad(samples, (0, SAMPLE_RATE))[None]
    made = np.asarray(engine.process(padded)[0], np.float32)
    late = engine.outputLatency() + round(engine.inputLatency() * factor)
    made = made[late : late + wanted]
    return np.pad(made, (0, wanted - made.size))


METHODS: dict[str, Callable[[Samples, float], Samples]] = {"WSOLA (ours)": stretch, "signalsmith": signalsmith}


def speak(engine: KokoroEngine, voice: str, text: str) -> Samples:
    """A sentence at natural speed."""
    plan = engine.plan(write_script(text, "en-us"), engine.stock_voice(voice), SpeedTarget())
    return np.concatenate([chunk.samples for chunk in engine.speak(plan)])


def quality(samples: Samples) -> float:
    """DNSMOS, overall; short clips are repeated as its authors do."""
    sound = soxr.resample(samples, SAMPLE_RATE, 16_000)
    scores: Any = dnsmos.run(np.clip(sound, -1, 1).astype(np.float32), 16_000)
    return float(scores["ovrl_mos"])


def pitch(samples: Samples) -> float:
    """Median fundamental frequency in hertz where YIN finds a voice."""
    loud = librosa.feature.rms(y=samples, frame_length=2048, hop_length=512)[0]
    found = librosa.yin(samples, fmin=60, fmax=400, sr=SAMPLE_RATE, frame_length=2048, hop_length=512)
    return float(np.median(found[loud[: found.size] > 0.3 * loud.max()]))


def measure(
    spoken: list[tuple[str, Samples]], method: Callable[[Samples, float], Samples], factor: float
) -> dict[str, Any]:
    """One line of the table."""
    began = time.perf_counter()
    made = [method(samples, factor) for _, samples in spoken]
    took = time.perf_counter() - began
    heard = [" ".join(spoken_words(recognise(samples, SAMPLE_RATE, "en"))) for samples in made]
    said = [" ".join(spoken_words(text)) for text, _ in spoken]
    cents = [1200 * np.log2(pitch(y) / pitch(x)) for (_, x), y in zip(spoken, made, strict=True)]
    return {
        "dnsmos": float(np.mean([quality(samples) for samples in made])),
        "wer": float(jiwer.wer(said, heard)),
        "cents": float(np.median(np.abs(cents))),
        "speed": sum(x.size for x in made) / SAMPLE_RATE / max(took, 1e-9),
    }


def row(spoken: list[tuple[str, Samples]], name: str, method: Callable[..., Samples], factor: float) -> dict[str, Any]:
    """Measure and print one line."""
    found = measure(spoken, method, factor)
    figures = f"{found['dnsmos']:.2f} | {found['wer']:.1%} | {found['cents']:.0f} | {found['speed']:.0f}"
    print(f"| {factor:g} | {name} | {figures} |", flush=True)
    return {"method": name, "factor": factor, **found}


def main() -> None:
    """Print the table and keep it as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sentences", type=int, default=4)
    parser.add_argument("--factors", type=float, nargs="+", default=FACTORS)
    parser.add_argument("--models", type=Path, default=assets.default_folder())
    given = parser.parse_args()
    engine = KokoroEngine.load(given.models, 2)
    lines = (ROOT / "benchmarks/sentences/en-us.txt").read_text().splitlines()[: given.sentences]
    spoken = [(text, speak(engine, voice, text)) for voice in VOICES for text in lines]
    print("| length × | method | DNSMOS | WER | pitch off by (cents) | speech s/s |")
    print("| --- | --- | --- | --- | --- | --- |")
    rows = [row(spoken, "none", lambda samples, _: samples, 1.0)]
    rows += [row(spoken, name, method, factor) for factor in given.factors for name, method in METHODS.items()]
    out = ROOT / "benchmarks/results/stretch.json"
    out.parent.mkdir(exist_ok=True)
    out.write_text(json.dumps(rows, indent=2) + "\n")


if __name__ == "__main__":
    main()
