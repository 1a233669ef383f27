"""Intelligibility: error rates of Whisper base on this engine and on kokoro-onnx, same weights and voice.

    python benchmarks/intelligibility.py --language fr --sentences 30
    python benchmarks/intelligibility.py --language en-us --speeds 0.5 1 2 4

Prints a Markdown table and merges its rows into benchmarks/results/intelligibility.json, so that it can be run in
parts.  Errors are of words, or of sounds where a language writes no spaces: kana for Japanese, pinyin for Mandarin,
consonants and long vowels for Hindi (Whisper writes it in either script, see hindi_letters.py), because the recogniser's
spelling is not the speaker's fault.
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

import numpy as np
import onnxruntime
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from kokoro_onnx import Kokoro  # noqa: E402
from misaki.ja import JAG2P  # noqa: E402
from misaki.zh import ZHG2P  # noqa: E402

from benchmarks.hindi_letters import common  # noqa: E402
from benchmarks.scoring import difference, error_rate  # noqa: E402
from tests.support.recogniser import Heard, recognise_words, spoken_words  # noqa: E402
from voicechanger.tts.engine import SAMPLE_RATE, SpeedTarget, TimedWord  # noqa: E402
from voicechanger.tts.kokoro import assets  # noqa: E402
from voicechanger.tts.kokoro.engine import KokoroEngine  # noqa: E402
from voicechanger.tts.text.script_writer import write_script  # noqa: E402

RESULTS = ROOT / "benchmarks" / "results" / "intelligibility.json"
SENTENCES = ROOT / "benchmarks" / "sentences"
QUIET = (0.25, 0.1, 0.5)
"""Seconds around each clip, one for each hearing: the recogniser drops words that begin with the file, and a little more
silence or less is enough to make it change its mind about a doubtful word."""

FLUENT = 0.1
"""Seconds between words up to which no pause lies there: the recogniser counts a pause to the word after it."""


@dataclass(frozen=True)
class Spoken:
    """Settings of the test of one language."""

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
    difference: tuple[float, float] | None = None
    """Ours less theirs: where it lies with 95 % confidence."""
    timing_start_ms: float | None = None
    """Median distance of word starts to the recogniser's, in milliseconds."""
    timing_end_ms: float | None = None
    bias_start_ms: float | None = None
    """Median of ours less the recogniser's, signed: what a constant error of ours would show as."""
    bias_end_ms: float | None = None
    timed_words: int = 0
    heard: list[tuple[str, str, str | None]] = field(default_factory=list)
    """Written text, transcript of this engine, transcript of kokoro-onnx."""


def main() -> None:
    """Run the languages and speeds of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--language", nargs="+", default=list(LANGUAGES), choices=list(LANGUAGES))
    parser.add_argument("--sentences", type=int, default=30)
    parser.add_argument("--speeds", type=float, nargs="+", default=[1.0])
    parser.add_argument("--models", type=Path, default=assets.default_folder())
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--hearings", type=int, default=1, choices=range(1, len(QUIET) + 1))
    parser.add_argument("--no-baseline", action="store_true", help="leave kokoro-onnx out")
    parser.add_argument("--rescore", action="store_true", help="do not synthesize: score the stored transcripts again")
    asked = parser.parse_args()
    rows = [score(row) for row in _kept().values()] if asked.rescore else _spoken(asked)
    print(table(rows))
    _keep(rows)


def _spoken(asked: argparse.Namespace) -> list[Row]:
    assets.prepare(asked.models)
    engine = KokoroEngine.load(asked.models, asked.threads)
    with tempfile.TemporaryDirectory() as scratch:
        baseline = None if asked.no_baseline else _kokoro_onnx(Path(scratch), asked.models, asked.threads)
        return [
            measure(engine, baseline, language, speed, asked.sentences, asked.hearings)
            for language in asked.language
            for speed in asked.speeds
        ]


def measure(
    engine: KokoroEngine, baseline: Kokoro | None, language: str, speed: float, count: int, hearings: int
) -> Row:
    """Synthesize and transcribe the first sentences of one language, with both engines in the same run."""
    spoken = LANGUAGES[language]
    written = (SENTENCES / f"{language}.txt").read_text().splitlines()[:count]
    row = Row(language, speed, spoken.unit, len(written))
    found = list[tuple[float, float]]()
    for text in written:
        samples, words = _ours(engine, text, language, spoken.voice, speed)
        other = _theirs(baseline, text, language, speed) if baseline is not None and 0.5 <= speed <= 2 else None
        for quiet in QUIET[:hearings]:
            heard = recognise_words(_padded(samples, quiet), SAMPLE_RATE, spoken.whisper)
            found += _distances(words, heard, quiet)
            theirs = None
            if other is not None:
                theirs = _joined(recognise_words(_padded(other, quiet), SAMPLE_RATE, spoken.whisper), language)
            row.heard.append((text, _joined(heard, language), theirs))
            print(f"{language} ×{speed:g} | {' | '.join(map(str, row.heard[-1]))}", file=sys.stderr, flush=True)
    if found:
        starts, ends = zip(*found, strict=True)
        row.timing_start_ms, row.bias_start_ms = _medians(starts)
        row.timing_end_ms, row.bias_end_ms = _medians(ends)
        row.timed_words = len(found)
    return score(row)


def score(row: Row) -> Row:
    """Compute the error rates from the transcripts."""
    written, ours, theirs = map(list, zip(*row.heard, strict=True))
    row.ours = error_rate(written, ours, row.language)
    if None not in theirs:
        row.kokoro_onnx = error_rate(written, theirs, row.language)
        row.difference = difference(written, ours, theirs, row.language)
    return row


def _medians(seconds: Iterable[float]) -> tuple[float, float]:
    """Median of the distances and of the signed differences, in milliseconds."""
    each = [1000 * second for second in seconds]
    return statistics.median(map(abs, each)), statistics.median(each)


def _joined(heard: list[Heard], language: str) -> str:
    """The recogniser's words as one text; its pieces of Japanese and Mandarin are no words and have no space."""
    return ("" if language in ("ja", "zh") else " ").join(word.text for word in heard)


def table(rows: Iterable[Row]) -> str:
    """The rows in Markdown."""
    lines = [
        "| language | speed | sentences × hearings | error | ours | kokoro-onnx | ours − theirs (95 %) "
        "| word starts off by | word ends off by |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for row in rows:
        theirs = "–" if row.kokoro_onnx is None else f"{row.kokoro_onnx:.1%}"
        between = "–" if row.difference is None else f"{row.difference[0]:+.1%} to {row.difference[1]:+.1%}"
        start = "–" if row.timing_start_ms is None else f"{row.timing_start_ms:.0f} ms"
        end = "–" if row.timing_end_ms is None else f"{row.timing_end_ms:.0f} ms"
        speed, ours = f"{row.speed:g}", f"{row.ours:.1%}"
        spoken = f"{row.sentences} × {len(row.heard) // row.sentences}"
        cells = (row.language, speed, spoken, row.unit, ours, theirs, between, start, end)
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    return "\n".join(lines)


def _ours(
    engine: KokoroEngine, text: str, language: str, voice: str, speed: float
) -> tuple[NDArray[np.float32], list[TimedWord]]:
    script = write_script(text, language)
    # kokoro-onnx takes the style that a voice has for a sentence's phoneme count: the same voice means the same style.
    style = engine.stock_voice(voice, max(len(utterance.phonemes) for utterance in script.utterances))
    plan = engine.plan(script, style, SpeedTarget(speed=speed))
    chunks = list(engine.speak(plan))
    return np.concatenate([chunk.samples for chunk in chunks]), [word for chunk in chunks for word in chunk.words]


def _theirs(baseline: Kokoro, text: str, language: str, speed: float) -> NDArray[np.float32]:
    spoken = LANGUAGES[language]
    # Its eSpeak does not write the Mandarin that the model was taught, and names Japanese characters in English; its
    # own examples use misaki for both.
    phonemes = _misaki(text, language)
    samples, _ = baseline.create(phonemes or text, spoken.voice, speed, spoken.kokoro_onnx, is_phonemes=bool(phonemes))
    return samples


def _misaki(text: str, language: str) -> str | None:
    if language == "zh":
        return str(ZHG2P()(text)[0])
    if language == "ja":
        # without its marks of pitch, which this model was not taught
        return "".join(token.phonemes + token.whitespace for token in JAG2P(version="pyopenjtalk")(text)[1])
    return None


def _padded(samples: NDArray[np.float32], quiet: float) -> NDArray[np.float32]:
    return np.pad(samples.astype(np.float32), round(quiet * SAMPLE_RATE))


def _distances(ours: list[TimedWord], heard: list[Heard], quiet: float) -> Iterable[tuple[float, float]]:
    """For each word that both have, after no pause: its start and end in ours less those heard, in seconds."""
    left, right = [_bare(word.text) for word in ours], [_bare(word.text) for word in heard]
    for block in difflib.SequenceMatcher(None, left, right, autojunk=False).get_matching_blocks():
        for offset in range(1, block.size):
            before, one = ours[block.a + offset - 1 : block.a + offset + 1]
            other = heard[block.b + offset]
            if one.start - before.end < FLUENT:
                yield one.start + quiet - other.start, one.end + quiet - other.end


def _bare(word: str) -> str:
    return (
        common(word)
        if any(unicodedata.name(c, "").startswith(("DEVANAGARI", "ARABIC")) for c in word)
        else "".join(spoken_words(word))
    )


def _kokoro_onnx(scratch: Path, models: Path, threads: int) -> Kokoro:
    """kokoro-onnx on the same weights and voices, read from files as it wants them."""
    model = scratch / "kokoro.onnx"
    model.write_bytes(assets.model_bytes())
    with np.load(models / assets.VOICES) as packs:
        np.savez(scratch / "voices.npz", **{name: packs[name][:, None, :] for name in packs.files})
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    return Kokoro.from_session(session, str(scratch / "voices.npz"))


def _keep(rows: list[Row]) -> None:
    """Merge into the file of results: a newer row takes the place of the older one."""
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    kept = _kept() | {_key(row): row for row in rows}
    written = {key: asdict(row) for key, row in kept.items()}
    RESULTS.write_text(json.dumps(written, ensure_ascii=False, indent=2) + "\n")


def _kept() -> dict[str, Row]:
    return {key: Row(**row) for key, row in json.loads(RESULTS.read_text()).items()} if RESULTS.exists() else {}


def _key(row: Row) -> str:
    return f"{row.language}@{row.speed:g}"


if __name__ == "__main__":
    main()
