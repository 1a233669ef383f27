"""How a clone suffers from a poor reference: length, noise, room, telephone, level, clipping; kinds of voices; other languages.

    python benchmarks/robustness.py SPEAKERS_DIR --speakers 4

Test speakers only, as in cloning.py; the reference is changed, what the clone is compared with is not.  The recordings are
14 s at most, so references of 30 and 60 s are the clip said over again: they test time and memory, not more evidence.
Prints Markdown, writes JSON.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from judges import speech_of
from speaker_evaluation import ROOT, TEXTS, Floats, Measure, Person, Tally, chosen, markdown

from voicechanger.tts.engine import SAMPLE_RATE, SpeedTarget
from voicechanger.tts.errors import ClipError
from voicechanger.tts.text.script_writer import write_script
from voicechanger.tts.voice import Voice

sys.path.insert(0, str(ROOT / "training"))
import augment

CHANGES: dict[str, Callable[[Floats, Floats, np.random.Generator], Floats]] = {
    "as recorded": lambda x, _, rng: x,
    "3 s": lambda x, _, rng: x[: 3 * augment.RATE],
    "5 s": lambda x, _, rng: x[: 5 * augment.RATE],
    "30 s (the same again)": lambda x, _, rng: np.resize(x, 30 * augment.RATE),
    "60 s (the same again)": lambda x, _, rng: np.resize(x, 60 * augment.RATE),
    "noise at 20 dB": lambda x, _, rng: augment.noisy(x, 20, rng),
    "noise at 10 dB": lambda x, _, rng: augment.noisy(x, 10, rng),
    "noise at 0 dB": lambda x, _, rng: augment.noisy(x, 0, rng),
    "room, 0.5 s": lambda x, _, rng: augment.reverberant(x, 0.5, rng),
    "telephone, 8 kHz": lambda x, _, rng: augment.telephone(x),
    "quiet, -40 dB": lambda x, _, rng: x * np.float32(0.01),
    "clipped, 2 %": lambda x, _, rng: augment.clipped(x, 0.02),
    "three tenths by somebody else": lambda x, other, rng: np.concatenate([x, other[: round(len(x) * 0.3 / 0.7)]]),
}
"""What becomes of a clip; the second argument is somebody else's."""
FOREIGN = {
    "fr": ("ff_siwis", "Je voudrais un café et un croissant, s'il vous plaît, avant de prendre le train."),
    "es": ("ef_dora", "El tren de las siete llega siempre con unos minutos de retraso por la lluvia."),
    "ja": ("jf_alpha", "今日は天気がいいので、公園を散歩してから買い物に行きます。"),
    "zh": ("zf_xiaobei", "今天天气很好，我们先去公园散步，然后再去买东西。"),
    "hi": ("hf_alpha", "आज मौसम बहुत अच्छा है, इसलिए हम पार्क में टहलने जाएंगे।"),
}


def conditions(tools: Measure, some: list[Person], only: list[str], refined: bool) -> list[dict[str, float | str]]:
    """Each change of the reference, over the same speakers."""
    rows = []
    for label in only:
        tally, better = Tally(), Tally()
        for number, person in enumerate(some):
            other = some[(number + 1) % len(some)].clip
            rng = np.random.default_rng(number)
            reference = CHANGES[label](person.clip, other, rng).astype(np.float32)
            began = time.process_time()
            try:
                voice = tools.engine.encode(reference, person.rate)
            except ClipError as error:
                tally.refused[error.code] = tally.refused.get(error.code, 0) + 1
                continue
            tally.seconds.append(time.process_time() - began)
            tools.add(tally, person, tools.speak(voice, TEXTS[0]), TEXTS[0])
            if refined:
                voice = tools.refined(reference, person.rate)
                tools.add(better, person, tools.speak(voice, TEXTS[0]), TEXTS[0])
        rows.append(tally.row(label, len(tools.people)))
        if refined:
            rows.append(better.row(f"{label}, refined", len(tools.people)))
        print(*rows[-1 - refined :], sep="\n", file=sys.stderr, flush=True)
    return rows


def kinds(tools: Measure, some: list[Person]) -> list[dict[str, float | str]]:
    """Low, middle and high voices by their own pitch; above 260 Hz they are nearly all children."""
    bounds = {
        "low, under 130 Hz": (0, 130),
        "130 to 200 Hz": (130, 200),
        "200 to 260 Hz": (200, 260),
        "above 260 Hz": (260, 999),
    }
    tallies = {label: Tally() for label in bounds}
    for person in some:
        label = next(k for k, (low, high) in bounds.items() if low <= person.pitch < high)
        tools.add(
            tallies[label], person, tools.speak(tools.engine.encode(person.clip, person.rate), TEXTS[1]), TEXTS[1]
        )
    return [tally.row(label, len(tools.people)) for label, tally in tallies.items() if tally.mos]


def say(tools: Measure, voice: Voice, text: str, language: str) -> Floats:
    plan = tools.engine.plan(write_script(text, language), voice, SpeedTarget())
    return np.concatenate([c.samples for c in tools.engine.speak(plan)])


def languages(tools: Measure, some: list[Person]) -> list[dict[str, float | str]]:
    """English references of test speakers, in other languages.  And the other way round: only the model's own foreign voices
    are at hand, so the reference is made, and the scale (stranger, same speaker) is still that of the people."""
    rows = []
    for language, (stock, text) in FOREIGN.items():
        tally = Tally()
        for person in some:
            tools.add(tally, person, say(tools, tools.engine.encode(person.clip, person.rate), text, language), None)
        rows.append(tally.row(f"English reference, speaks {language}", len(tools.people)))
        own = say(tools, tools.engine.stock_voice(stock), text, language)
        clone = tools.speak(tools.engine.encode(own, SAMPLE_RATE), TEXTS[0])
        row: dict[str, float | str] = {"voice": f"{language} reference (made), speaks English", "clips": 1}
        for judge in tools.judges:
            score = float(judge.embed(speech_of(own, SAMPLE_RATE)) @ judge.embed(speech_of(clone, SAMPLE_RATE)))
            low, high = tools.stranger[judge.name], tools.same[judge.name]
            row[judge.name] = f"{(score - low) / (high - low):.2f}"
        rows.append(row)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("speakers_dir", type=Path)
    parser.add_argument("--speakers", type=int, default=4, help="of each folder")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--refined", action="store_true", help="refine each voice, too: a minute each")
    parser.add_argument("--only", nargs="+", default=[*CHANGES], choices=[*CHANGES], help="these references alone")
    given = parser.parse_args()
    tools = Measure(given.speakers_dir, threads=given.threads)
    some = chosen(tools.people, given.speakers)
    tables = {"reference": conditions(tools, some, given.only, given.refined)}
    if given.only == [*CHANGES]:
        tables["language"] = languages(tools, some[:: max(1, len(some) // 3)])
        tables["voice"] = kinds(tools, chosen(tools.people, 3 * given.speakers))
    for name, rows in tables.items():
        print(f"\nBy {name}:\n\n{markdown(rows)}")
    out = ROOT / "benchmarks" / "results" / "robustness.json"
    out.parent.mkdir(exist_ok=True)
    out.write_text(json.dumps(tables, indent=2) + "\n")


if __name__ == "__main__":
    main()
