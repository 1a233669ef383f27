"""Which of several trained encoders is better?  One pass each, on the validation speakers.

    python benchmarks/tries.py SPEAKERS_DIR ENCODER.onnx [ENCODER.onnx ...]

The cepstra and the network were trained with recordings of the validation speakers, so their shares of right speakers flatter;
differences between encoders do not.  Claims come from cloning.py and its test speakers.  With --test on those: to measure
a change that was already chosen, never to choose.  Prints Markdown.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
from dataclasses import replace
from pathlib import Path

from cloning import merged
from speaker_evaluation import EXAMPLES, TEST_SPEAKERS, TEXTS, VALIDATION_SPEAKERS, Measure, Tally, markdown

from voicechanger.tts.cloning import reference as voice_reference
from voicechanger.tts.cloning.encoder import VoiceEncoder
from voicechanger.tts.errors import ClipError


def measure(job: tuple[Path, list[Path], Path, int, int]) -> tuple[dict[str, Tally], int]:
    """Every `of`-th speaker from `part` on, by every encoder; those of fewer features look at the first of them."""
    speakers, files, listed, part, of = job
    tools = Measure(speakers, listed=listed)
    encoders = {str(file): VoiceEncoder(tools.models, 1, file.read_bytes()) for file in files}
    tallies = {label: Tally() for label in encoders}
    listener = next(iter(encoders.values()))
    for number in range(part, len(tools.people), of):
        person = tools.people[number]
        if person.name in EXAMPLES:
            continue
        try:
            heard = listener.extract_features(voice_reference.prepare_speech(person.clip, person.rate))
        except ClipError as error:
            print(person.name, error.code, file=sys.stderr)
            continue
        for label, encoder in encoders.items():
            voice = encoder.voice(replace(heard, features=heard.features[: encoder.features]))
            tools.add(tallies[label], person, tools.speak(voice, TEXTS[number % len(TEXTS)]), None)
    return tallies, len(tools.people)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("speakers_dir", type=Path)
    parser.add_argument("encoders", type=Path, nargs="+")
    parser.add_argument("--test", action="store_true")
    parser.add_argument("--processes", type=int, default=2)
    given = parser.parse_args()
    listed = TEST_SPEAKERS if given.test else VALIDATION_SPEAKERS
    jobs = [(given.speakers_dir, given.encoders, listed, i, given.processes) for i in range(given.processes)]
    with multiprocessing.get_context("spawn").Pool(given.processes) as pool:
        found = pool.map(measure, jobs)
    people = found[0][1]
    print(markdown([tally.row(label, people) for label, tally in merged([part for part, _ in found]).items()]))


if __name__ == "__main__":
    main()
