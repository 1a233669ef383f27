"""Is the clone the speaker?  Two judges, words, quality, pitch and time, on speakers that nobody trained on.

    python benchmarks/cloning.py SPEAKERS_DIR --speakers 6 --texts 2

SPEAKERS_DIR holds the recordings that training/ used; only the speakers of training/heldout.txt are taken.  One clip (or the
first half of a long one) is the reference, another is what the clone is compared with.  Prints Markdown, writes JSON.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import soundfile as sf
import soxr
from hibari.g2p import G2P
from judges import Cepstra, Floats, Ge2e, Judge, speech_of

from voicechanger.inference.engine import Pace
from voicechanger.inference.kokoro import assets, voice_signal
from voicechanger.inference.kokoro.engine import KokoroEngine
from voicechanger.inference.script import Script, Utterance
from voicechanger.inference.voice import Voice

ROOT = Path(__file__).resolve().parents[1]
TEXTS = (
    "The old bridge across the river was closed for most of the winter.",
    "Please bring a warm coat, because the evenings here are rather cold.",
    "Nobody could remember who had planted the apple trees behind the school.",
)

EXAMPLES = frozenset(f"librispeech/{n}" for n in (4813, 4195, 5778, 6209))
"""Readers of the recordings in examples/: everybody listens to them, so they count in no claim."""


@dataclass
class Person:
    name: str
    clip: Floats
    rate: int
    other: Floats
    pitch: float


@dataclass
class Tally:
    scores: dict[str, list[float]] = field(default_factory=dict)
    first: dict[str, list[bool]] = field(default_factory=dict)
    wer: list[float] = field(default_factory=list)
    mos: list[float] = field(default_factory=list)
    pitch: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)


def people(speakers: Path) -> list[Person]:
    """All held-out speakers with a usable reference and another clip."""
    found: list[Person] = []
    for name in (ROOT / "training" / "heldout.txt").read_text().split():
        clips = [sf.read(p, dtype="float32") for p in sorted(speakers.glob(f"{name}-*.flac"))]
        rate = clips[0][1]
        first = clips[0][0]
        pair = (first, clips[1][0]) if len(clips) > 1 else (first[: len(first) // 2], first[len(first) // 2 :])
        other = speech_of(pair[1], rate)
        median = voice_signal.pitch_statistics(voice_signal.pitch(speech_of(np.concatenate(pair), rate)))[0]
        found.append(Person(name, pair[0], rate, other, median))
    return found


def speak(engine: KokoroEngine, voice: Voice, text: str, g2p: Callable[[str], str]) -> Floats:
    script = Script((Utterance(text, "en-us", g2p(text), (), 0),))
    return np.concatenate([c.samples for c in engine.speak(engine.plan(script, voice, Pace()))])


def nearest_stock(engine: KokoroEngine, judge: Judge, g2p: Callable[[str], str]) -> Callable[[Floats], Voice]:
    """The English stock voice that the judge finds most like a reference."""
    names = [n for n in engine.stock_names if n[0] in "ab"]
    voices = [engine.stock_voice(n) for n in names]
    heard = np.array([judge.embed(speech_of(speak(engine, v, TEXTS[0], g2p), 24_000)) for v in voices])
    return lambda speech: voices[int(np.argmax(heard @ judge.embed(speech)))]


def word_errors(samples: Floats, text: str) -> float:
    sys.path.insert(0, str(ROOT))
    import jiwer

    from tests.support.recogniser import recognise, spoken_words

    return float(
        jiwer.wer(" ".join(spoken_words(text)), " ".join(spoken_words(recognise(samples, 24_000, "en"))) or "-")
    )


def quality(samples: Floats) -> float:
    from speechmos import dnsmos

    x = soxr.resample(samples, 24_000, 16_000)
    return float(dnsmos.run((x / max(1.0, np.abs(x).max() * 1.01)).astype(np.float32), sr=16_000)["ovrl_mos"])


def add(
    tally: Tally,
    samples: Floats,
    text: str | None,
    person: Person,
    crowd: list[Person],
    judges: list[Judge],
    others: dict[str, Floats],
) -> None:
    speech = speech_of(samples, 24_000)
    at = crowd.index(person)
    for judge in judges:
        scores = others[judge.name] @ judge.embed(speech)
        tally.scores.setdefault(judge.name, []).append(float(scores[at]))
        tally.first.setdefault(judge.name, []).append(int(np.argmax(scores)) == at)
    tally.mos.append(quality(samples))
    heard = voice_signal.pitch_statistics(voice_signal.pitch(speech))[0]
    if heard and person.pitch:
        tally.pitch.append(abs(12 * float(np.log2(heard / person.pitch))))
    if text:
        tally.wer.append(word_errors(samples, text))


def chosen(crowd: list[Person], count: int) -> list[Person]:
    """`count` of each folder, evenly over the sorted names."""
    out: list[Person] = []
    for folder in ("librispeech", "speechocean"):
        of = [p for p in crowd if p.name.startswith(folder) and p.name not in EXAMPLES]
        out += [of[i] for i in np.unique(np.linspace(0, len(of) - 1, min(count, len(of))).astype(int))]
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("speakers_dir", type=Path)
    parser.add_argument("--models", type=Path, default=assets.default_folder())
    parser.add_argument("--speakers", type=int, default=6, help="of each folder")
    parser.add_argument("--texts", type=int, default=2)
    parser.add_argument("--threads", type=int, default=2)
    given = parser.parse_args()
    engine, g2p = KokoroEngine.load(given.models, given.threads), G2P()
    judges: list[Judge] = [Ge2e(given.models), Cepstra()]
    crowd = people(given.speakers_dir)
    others = {j.name: np.array([j.embed(p.other) for p in crowd]) for j in judges}
    references = {j.name: np.array([j.embed(speech_of(p.clip, p.rate)) for p in crowd]) for j in judges}
    stranger, same = {}, {}
    for name, heard in references.items():
        table = heard @ others[name].T
        same[name] = float(np.diag(table).mean())
        stranger[name] = float(table[~np.eye(len(crowd), dtype=bool)].mean())
    print("judges", len(crowd), stranger, same, file=sys.stderr, flush=True)
    stock = nearest_stock(engine, judges[0], g2p)
    engine.encode(crowd[0].clip, crowd[0].rate)
    tallies = {"nearest stock voice": Tally(), "encoder, one pass": Tally(), "the speaker's own clips": Tally()}
    for person in chosen(crowd, given.speakers):
        began = time.perf_counter()
        cloned = engine.encode(person.clip, person.rate)
        tallies["encoder, one pass"].seconds.append(time.perf_counter() - began)
        for label, voice in (
            ("nearest stock voice", stock(speech_of(person.clip, person.rate))),
            ("encoder, one pass", cloned),
        ):
            for text in TEXTS[1 : 1 + given.texts]:
                add(tallies[label], speak(engine, voice, text, g2p), text, person, crowd, judges, others)
        own = soxr.resample(person.clip, person.rate, 24_000).astype(np.float32)
        add(tallies["the speaker's own clips"], own, None, person, crowd, judges, others)
        print(
            person.name,
            {k: {n: round(v[-1], 2) for n, v in t.scores.items()} for k, t in tallies.items()},
            file=sys.stderr,
            flush=True,
        )
    report(tallies, stranger, same, len(crowd))


def report(tallies: dict[str, Tally], stranger: dict[str, float], same: dict[str, float], crowd: int) -> None:
    mean = lambda v: float(np.mean(v)) if v else float("nan")  # noqa: E731
    rows = []
    for label, t in tallies.items():
        row: dict[str, float | str] = {"voice": label}
        for name, scores in t.scores.items():
            row[f"{name} scaled"] = round((mean(scores) - stranger[name]) / (same[name] - stranger[name]), 3)
            row[f"{name} right of {crowd}"] = round(mean(t.first[name]), 3)
        row |= {"WER": round(mean(t.wer), 3), "DNSMOS": round(mean(t.mos), 2)}
        row |= {
            "pitch error, semitones": round(mean(t.pitch), 2),
            "encode, s": round(mean(t.seconds), 2),
            "clips": len(t.mos),
        }
        rows.append(row)
    head = list(rows[0])
    print("| " + " | ".join(head) + " |\n|" + " --- |" * len(head))
    for row in rows:
        print("| " + " | ".join(str(row[h]) for h in head) + " |")
    print(
        "stranger",
        {k: round(v, 3) for k, v in stranger.items()},
        "same speaker",
        {k: round(v, 3) for k, v in same.items()},
    )
    out = ROOT / "benchmarks" / "results" / "cloning.json"
    out.parent.mkdir(exist_ok=True)
    out.write_text(json.dumps({"rows": rows, "stranger": stranger, "same": same}, indent=2) + "\n")


if __name__ == "__main__":
    main()
