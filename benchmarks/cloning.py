"""Is the clone the speaker?  Three judges, words, quality, pitch and time, on speakers that nobody trained on.

    python benchmarks/cloning.py SPEAKERS_DIR --speakers 15

SPEAKERS_DIR holds the recordings that training/ used; only the speakers of training/heldout.txt are taken.  One clip (or the
first half of a long one) is the reference, another is what the clone is compared with.  Prints Markdown, writes JSON.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import sys
import time
from pathlib import Path

import numpy as np
import soxr
from speaker_evaluation import ROOT, TEXTS, Measure, Person, Tally, chosen, markdown

from voicechanger.tts.engine import SAMPLE_RATE
from voicechanger.tts.errors import ClipError

STOCK, ONE, REFINED, OWN = "nearest stock voice", "one pass", "refined at enrolment", "the speaker's own clip"


def measure(job: tuple[Path, int, int, int, int]) -> tuple[dict[str, Tally], int, dict[str, float], dict[str, float]]:
    """Every `of`-th chosen speaker from `part` on."""
    speakers, count, texts, part, of = job
    tools = Measure(speakers)
    stock = tools.nearest_stock()
    tallies = {label: Tally() for label in (STOCK, ONE, REFINED, OWN)}
    for person in chosen(tools.people, count)[part::of]:
        _person(tools, tallies, person, stock(person), texts)
        told = {k: {n: round(v[-1], 2) for n, v in t.scaled.items() if v} for k, t in tallies.items()}
        print(person.name, told, file=sys.stderr, flush=True)
    return tallies, len(tools.people), tools.stranger, tools.same


def _person(tools: Measure, tallies: dict[str, Tally], person: Person, stock, texts: int) -> None:
    began = time.process_time()
    try:
        voices = {STOCK: stock, ONE: tools.engine.encode(person.clip, person.rate)}
    except ClipError as error:
        tallies[ONE].refused[error.code] = tallies[ONE].refused.get(error.code, 0) + 1
        return
    tallies[ONE].seconds.append(time.process_time() - began)
    began = time.process_time()
    voices[REFINED] = tools.refined(person.clip, person.rate)
    tallies[REFINED].seconds.append(time.process_time() - began)
    for label, voice in voices.items():
        for text in TEXTS[:texts]:
            tools.add(tallies[label], person, tools.speak(voice, text), text)
    own = soxr.resample(person.clip, person.rate, SAMPLE_RATE).astype(np.float32)
    tools.add(tallies[OWN], person, own, None)


def merged(parts: list[dict[str, Tally]]) -> dict[str, Tally]:
    """The tallies of all processes as one."""
    out = {label: Tally() for label in parts[0]}
    for part in parts:
        for label, tally in part.items():
            for name in ("scaled", "nearer"):
                for judge, values in getattr(tally, name).items():
                    getattr(out[label], name).setdefault(judge, []).extend(values)
            for name in ("wer", "mos", "pitch", "pauses", "seconds"):
                getattr(out[label], name).extend(getattr(tally, name))
            for code, count in tally.refused.items():
                out[label].refused[code] = out[label].refused.get(code, 0) + count
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("speakers_dir", type=Path)
    parser.add_argument("--speakers", type=int, default=15, help="of each folder")
    parser.add_argument("--texts", type=int, default=1, choices=(1, 2))
    parser.add_argument("--processes", type=int, default=2)
    given = parser.parse_args()
    jobs = [(given.speakers_dir, given.speakers, given.texts, i, given.processes) for i in range(given.processes)]
    with multiprocessing.get_context("spawn").Pool(given.processes) as pool:
        found = pool.map(measure, jobs)
    tallies, (_, people, stranger, same) = merged([part for part, *_ in found]), found[0]
    rows = [tally.row(label, people) for label, tally in tallies.items()]
    print(markdown(rows))
    for name in stranger:
        print(f"\n{name}: a stranger {stranger[name]:.3f}, the same speaker {same[name]:.3f}", end="")
    print()
    out = ROOT / "benchmarks" / "results" / "cloning.json"
    out.parent.mkdir(exist_ok=True)
    out.write_text(json.dumps({"rows": rows, "stranger": stranger, "same": same}, indent=2) + "\n")


if __name__ == "__main__":
    main()
