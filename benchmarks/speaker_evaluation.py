"""Measure clones on the test speakers (or the validation speakers): similarity by each judge, words, quality, pitch.

Scaled similarity: 0 = as like the speaker as a stranger is, 1 = as like as the speaker's own other clip, each by the same judge
on the same clips.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from math import comb
from pathlib import Path
from typing import Any

import numpy as np
import soxr
from hibari.g2p import G2P
from judges import Cepstra, Floats, Ge2e, Judge, Network, speech_of

from voicechanger.tts.audio.canonical import read_canonical
from voicechanger.tts.cloning import signal as voice_signal
from voicechanger.tts.cloning.reference import prepare_speech
from voicechanger.tts.cloning.refinement import Refinement
from voicechanger.tts.engine import SAMPLE_RATE, SpeedTarget
from voicechanger.tts.kokoro import assets
from voicechanger.tts.kokoro.engine import KokoroEngine
from voicechanger.tts.utterances import Script, Utterance
from voicechanger.tts.voice import Voice

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

TEXTS = (
    "Please bring a warm coat, because the evenings here are rather cold.",
    "Nobody could remember who had planted the apple trees behind the school.",
)
FEW = 30
"""Speakers among whom the right one should be first."""
TEST_SPEAKERS, VALIDATION_SPEAKERS = (ROOT / "training" / name for name in ("heldout.txt", "keptback.txt"))
EXAMPLES = frozenset(f"librispeech/{n}" for n in (4813, 4195, 5778, 6209))
"""Readers of the recordings in examples/: everybody listens to them, so they count in no claim."""


@dataclass(frozen=True)
class Person:
    name: str
    clip: Floats
    """The reference."""
    rate: int
    other: Floats
    """Trimmed 16 kHz speech of another clip, or of the other half of the only one."""
    pitch: float
    """Median of both, in hertz."""


def people(speakers: Path, listed: Path) -> list[Person]:
    """All listed speakers; those with one clip have it halved."""
    found: list[Person] = []
    for name in listed.read_text().split():
        clips = [read_canonical(p) for p in sorted(speakers.glob(f"{name}-*.flac"))]
        first, rate = clips[0]
        pair = (first, clips[1][0]) if len(clips) > 1 else (first[: len(first) // 2], first[len(first) // 2 :])
        heard = voice_signal.pitch(prepare_speech(np.concatenate(pair), rate))
        found.append(Person(name, pair[0], rate, speech_of(pair[1], rate), voice_signal.pitch_statistics(heard)[0]))
    return found


def chosen(people: list[Person], count: int) -> list[Person]:
    """`count` of each folder, evenly over the sorted names."""
    out: list[Person] = []
    for folder in ("librispeech", "speechocean"):
        of = [p for p in people if p.name.startswith(folder) and p.name not in EXAMPLES]
        out += [of[i] for i in np.unique(np.linspace(0, len(of) - 1, min(count, len(of))).astype(int))]
    return out


def first_of_few(nearer: int, count: int) -> float:
    """Chance that the right speaker is first among FEW, the others drawn from `count` people of whom `nearer` are nearer."""
    others = FEW - 1
    return comb(count - 1 - nearer, others) / comb(count - 1, others)


@dataclass
class Tally:
    """What was measured of one kind of voice."""

    scaled: dict[str, list[float]] = field(default_factory=dict)
    nearer: dict[str, list[int]] = field(default_factory=dict)
    """How many others a judge finds nearer than the right speaker."""
    wer: list[float] = field(default_factory=list)
    mos: list[float] = field(default_factory=list)
    pitch: list[float] = field(default_factory=list)
    pauses: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    refused: dict[str, int] = field(default_factory=dict)

    def row(self, label: str, people: int) -> dict[str, float | str]:
        """One line of a table: means, and the standard error of the similarities."""
        mean = lambda v: round(float(np.mean(v)), 3) if v else "–"  # noqa: E731
        out: dict[str, float | str] = {"voice": label, "clips": len(self.mos)}
        for name, scores in self.scaled.items():
            error = np.std(scores) / max(1, len(scores)) ** 0.5
            out[name] = f"{np.mean(scores):.2f} ± {error:.2f}"
        for name, nearer in self.nearer.items():
            out[f"{name} first of {FEW}"] = f"{np.mean([first_of_few(n, people) for n in nearer]):.0%}"
            out[f"{name} of {people}"] = f"{np.mean([n == 0 for n in nearer]):.0%}"
        out |= {"WER": mean(self.wer), "DNSMOS": mean(self.mos), "pauses, dB": mean(self.pauses)}
        out["pitch off, semitones (median)"] = round(float(np.median(self.pitch)), 2) if self.pitch else "–"
        out["encode, s"] = mean(self.seconds)
        if self.refused:
            out["refused"] = " ".join(f"{code} {n}" for code, n in self.refused.items())
        return out


class Measure:
    """Judges on a common scale, the engine, and the recogniser: loaded once a process."""

    def __init__(self, speakers: Path, threads: int = 1, listed: Path = TEST_SPEAKERS) -> None:
        self.models = folder = assets.default_folder()
        self.engine, self._g2p = KokoroEngine.load(folder, threads), G2P()
        self.judges: list[Judge] = [Ge2e(folder), Cepstra(), Network()]
        self.people = people(speakers, listed)
        self.stranger: dict[str, float] = {}
        self.same: dict[str, float] = {}
        self.others: dict[str, Floats] = {}
        for judge in self.judges:
            self.others[judge.name] = np.array([judge.embed(p.other) for p in self.people])
            heard = np.array([judge.embed(speech_of(p.clip, p.rate)) for p in self.people])
            table = heard @ self.others[judge.name].T
            self.same[judge.name] = float(np.diag(table).mean())
            self.stranger[judge.name] = float(table[~np.eye(len(table), dtype=bool)].mean())

    def speak(self, voice: Voice, text: str) -> Floats:
        script = Script((Utterance(text, "en-us", self._g2p(text), (), 0),))
        return np.concatenate([c.samples for c in self.engine.speak(self.engine.plan(script, voice, SpeedTarget()))])

    def refined(self, clip: Floats, rate: int) -> Voice:
        """What a saved voice becomes when all rounds of its refinement are done."""
        so_far: Refinement | None = None
        while so_far is None or not so_far.done:
            so_far, voice = self.engine.refine(clip, rate, so_far)
        return voice

    def nearest_stock(self) -> Callable[[Person], Voice]:
        """The English stock voice that GE2E finds most like a reference."""
        judge = self.judges[0]
        voices = [self.engine.stock_voice(n) for n in self.engine.stock_names if n[0] in "ab"]
        heard = np.array([judge.embed(speech_of(self.speak(v, TEXTS[0]), SAMPLE_RATE)) for v in voices])
        return lambda person: voices[int(np.argmax(heard @ judge.embed(speech_of(person.clip, person.rate))))]

    def add(self, tally: Tally, person: Person, samples: Floats, text: str | None) -> None:
        """Measure 24 kHz speech that should be `person` saying `text` (None: words are not counted)."""
        speech, at = speech_of(samples, SAMPLE_RATE), self.people.index(person)
        for judge in self.judges:
            scores = self.others[judge.name] @ judge.embed(speech)
            low, high = self.stranger[judge.name], self.same[judge.name]
            tally.scaled.setdefault(judge.name, []).append((float(scores[at]) - low) / (high - low))
            tally.nearer.setdefault(judge.name, []).append(int((scores > scores[at]).sum()))
        tally.mos.append(quality(samples))
        tally.pauses.append(quietest(samples))
        heard = voice_signal.pitch_statistics(voice_signal.pitch(speech))[0]
        if heard and person.pitch:
            tally.pitch.append(abs(12 * float(np.log2(heard / person.pitch))))
        if text:
            tally.wer.append(word_errors(samples, text))


def word_errors(samples: Floats, text: str) -> float:
    import jiwer

    from tests.support.recogniser import recognise, spoken_words

    heard = spoken_words(recognise(samples, SAMPLE_RATE, "en"))
    return float(jiwer.wer(" ".join(spoken_words(text)), " ".join(heard) or "-"))


def quietest(samples: Floats) -> float:
    """Decibels from the loud parts of 24 kHz speech (95th percentile of 10 ms) down to its quietest twentieth: noise between words."""
    blocks = samples[: samples.size // 240 * 240].reshape(-1, 240)
    low, high = np.percentile(10 * np.log10(np.mean(np.square(blocks, dtype=np.float64), axis=1) + 1e-12), (5, 95))
    return round(float(low - high), 1)


def quality(samples: Floats) -> float:
    """DNSMOS P.835, overall."""
    from speechmos import dnsmos

    x = soxr.resample(samples, SAMPLE_RATE, 16_000)
    scores: Any = dnsmos.run((x / max(1.0, np.abs(x).max() * 1.01)).astype(np.float32), sr=16_000)
    return float(scores["ovrl_mos"])


def markdown(rows: Iterable[dict[str, float | str]]) -> str:
    """A table; a column that a row lacks is a dash."""
    listed = list(rows)
    head = list(dict.fromkeys(key for row in listed for key in row))
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(str(row.get(h, "–")) for h in head) + " |" for row in listed])
