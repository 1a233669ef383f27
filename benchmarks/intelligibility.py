"""How well our speech is understood: error rates by Whisper base, beside kokoro-onnx on the same weights and voice.

    python benchmarks/intelligibility.py --language fr --sentences 30
    python benchmarks/intelligibility.py --language en-us --speeds 0.5 1 2 4

Prints a Markdown table and merges its rows into benchmarks/results/intelligibility.json, so that it can be run in
parts.  Errors are of words, or of sounds where a language writes no spaces: kana for Japanese, pinyin for Mandarin,
letters for Hindi, because the recogniser's spelling is not the speaker's fault.
"""

from __future__ import annotations

import argparse
import difflib
import json
import statistics
import sys
import tempfile
import unicodedata
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path

import jiwer
import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from kokoro_onnx import Kokoro  # noqa: E402

from tests.support.recogniser import Heard, recognise, recognise_words, spoken_words  # noqa: E402
from voicechanger.inference.engine import SAMPLE_RATE, Pace, TimedWord  # noqa: E402
from voicechanger.inference.kokoro import assets  # noqa: E402
from voicechanger.inference.kokoro.engine import KokoroEngine  # noqa: E402
from voicechanger.inference.text.script_writer import write_script  # noqa: E402

RESULTS = ROOT / "benchmarks" / "results" / "intelligibility.json"
SENTENCES = ROOT / "benchmarks" / "sentences"
QUIET = np.zeros(SAMPLE_RATE // 4, np.float32)
"""Around each clip: the recogniser drops words that begin with the file."""

FLUENT = 0.1
"""Seconds between words up to which no pause lies there: the recogniser counts a pause to the word after it."""


@dataclass(frozen=True)
class Spoken:
    """How a language is tested."""

    voice: str
    whisper: str
    kokoro_onnx: str
    unit: str = "WER"


LANGUAGES = {
    "en-us": Spoken("af_heart", "en", "en-us"),
    "en-gb": Spoken("bf_emma", "en", "en-gb"),
    "es": Spoken("ef_dora", "es", "es"),
    "fr": Spoken("ff_siwis", "fr", "fr-fr"),
    "hi": Spoken("hf_alpha", "hi", "hi", "CER"),
    "it": Spoken("if_sara", "it", "it"),
    "ja": Spoken("jf_alpha", "ja", "ja", "CER"),
    "pt-br": Spoken("pf_dora", "pt", "pt-br"),
    "zh": Spoken("zf_xiaobei", "zh", "cmn", "CER"),
}


@dataclass
class Row:
    """One line of the table."""

    language: str
    speed: float
    unit: str
    sentences: int = 0
    ours: float = 0.0
    kokoro_onnx: float | None = None
    timing_start_ms: float | None = None
    """Median distance of word starts to the recogniser's, in milliseconds."""
    timing_end_ms: float | None = None
    timed_words: int = 0
    misheard: list[tuple[str, str]] = field(default_factory=list)


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--language", nargs="+", default=list(LANGUAGES), choices=list(LANGUAGES))
    parser.add_argument("--sentences", type=int, default=30)
    parser.add_argument("--speeds", type=float, nargs="+", default=[1.0])
    parser.add_argument("--models", type=Path, default=assets.default_folder())
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--no-baseline", action="store_true", help="leave kokoro-onnx out")
    asked = parser.parse_args()
    assets.prepare(asked.models, ROOT / "build" / "stock-voices")
    engine = KokoroEngine.load(asked.models, asked.threads)
    with tempfile.TemporaryDirectory() as scratch:
        baseline = None if asked.no_baseline else _kokoro_onnx(Path(scratch), asked.models)
        rows = [
            measure(engine, baseline, language, speed, asked.sentences)
            for language in asked.language
            for speed in asked.speeds
        ]
    print(table(rows))
    _keep(rows)


def measure(engine: KokoroEngine, baseline: Kokoro | None, language: str, speed: float, count: int) -> Row:
    """Speak and hear the first sentences of one language, ours and theirs in the same run."""
    spoken = LANGUAGES[language]
    written = (SENTENCES / f"{language}.txt").read_text().splitlines()[:count]
    row = Row(language, speed, spoken.unit, len(written))
    ours, theirs, starts, ends = list[str](), list[str](), list[float](), list[float]()
    for text in written:
        samples, words = _ours(engine, text, language, spoken.voice, speed)
        heard = recognise_words(_padded(samples), SAMPLE_RATE, spoken.whisper)
        ours.append(" ".join(word.text for word in heard))
        found = list(_distances(words, heard))
        starts += [start for start, _ in found]
        ends += [end for _, end in found]
        if baseline is not None and 0.5 <= speed <= 2:
            samples, _ = baseline.create(text, spoken.voice, speed=speed, lang=spoken.kokoro_onnx)
            theirs.append(recognise(_padded(samples), SAMPLE_RATE, spoken.whisper))
        print(f"{language} ×{speed:g} | {text} | {ours[-1]} | {theirs[-1] if theirs else ''}", file=sys.stderr)
    row.ours = error_rate(written, ours, language)
    row.misheard = [(w, o) for w, o in zip(written, ours, strict=True) if error_rate([w], [o], language)]
    if theirs:
        row.kokoro_onnx = error_rate(written, theirs, language)
    if starts:
        row.timing_start_ms = 1000 * statistics.median(starts)
        row.timing_end_ms = 1000 * statistics.median(ends)
        row.timed_words = len(starts)
    return row


def error_rate(written: list[str], heard: list[str], language: str) -> float:
    """Errors over all words or sounds of the written sentences."""
    references = [_compared(text, language) for text in written]
    hypotheses = [_compared(text, language) for text in heard]
    return float(jiwer.wer(references, hypotheses))


def table(rows: Iterable[Row]) -> str:
    """The rows in Markdown."""
    lines = [
        "| language | speed | sentences | error | ours | kokoro-onnx | word starts off by | word ends off by |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for row in rows:
        theirs = "–" if row.kokoro_onnx is None else f"{row.kokoro_onnx:.1%}"
        start = "–" if row.timing_start_ms is None else f"{row.timing_start_ms:.0f} ms"
        end = "–" if row.timing_end_ms is None else f"{row.timing_end_ms:.0f} ms"
        cells = (row.language, f"{row.speed:g}", row.sentences, row.unit, f"{row.ours:.1%}", theirs, start, end)
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    return "\n".join(lines)


def _ours(
    engine: KokoroEngine, text: str, language: str, voice: str, speed: float
) -> tuple[NDArray[np.float32], list[TimedWord]]:
    plan = engine.plan(write_script(text, language), engine.stock_voice(voice), Pace(speed=speed))
    chunks = list(engine.speak(plan))
    return np.concatenate([chunk.samples for chunk in chunks]), [word for chunk in chunks for word in chunk.words]


def _padded(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.concatenate([QUIET, samples.astype(np.float32), QUIET])


def _distances(ours: list[TimedWord], heard: list[Heard]) -> Iterable[tuple[float, float]]:
    """For each word that both have, after no pause: how far its start and its end lie apart, in seconds."""
    quiet = QUIET.size / SAMPLE_RATE
    left = ["".join(spoken_words(word.text)) for word in ours]
    right = ["".join(spoken_words(word.text)) for word in heard]
    for block in difflib.SequenceMatcher(None, left, right, autojunk=False).get_matching_blocks():
        for offset in range(1, block.size):
            before, one = ours[block.a + offset - 1 : block.a + offset + 1]
            other = heard[block.b + offset]
            if one.start - before.end < FLUENT:
                yield abs(one.start + quiet - other.start), abs(one.end + quiet - other.end)


def _compared(text: str, language: str) -> str:
    """What is compared: words, or sounds with a space between them."""
    if language == "zh":
        from pypinyin import lazy_pinyin

        return " ".join(part for part in lazy_pinyin(text) if part.isalnum())
    if language == "ja":
        import pyopenjtalk

        text = "".join(c for c in str(pyopenjtalk.g2p(text, kana=True)) if c.isalpha())
        return " ".join(text)
    if language == "hi":
        kept = "".join(c for c in unicodedata.normalize("NFKD", text) if c.isalnum() or unicodedata.combining(c))
        return " ".join(kept)
    # The recogniser's words split at apostrophes ("l 'aube").
    return " ".join(spoken_words(text.replace("'", " ").replace("’", " ")))


def _kokoro_onnx(scratch: Path, models: Path) -> Kokoro:
    """kokoro-onnx on the same weights and voices, read from files as it wants them."""
    model = scratch / "kokoro.onnx"
    model.write_bytes(assets.model_bytes())
    with np.load(models / assets.VOICES) as packs:
        np.savez(scratch / "voices.npz", **{name: packs[name][:, None, :] for name in packs.files})
    return Kokoro(str(model), str(scratch / "voices.npz"))


def _keep(rows: list[Row]) -> None:
    """Merge into the file of results: a newer row takes the place of the older one."""
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    kept = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    kept |= {f"{row.language}@{row.speed:g}": asdict(row) for row in rows}
    RESULTS.write_text(json.dumps(kept, ensure_ascii=False, indent=2) + "\n")


if __name__ == "__main__":
    main()
