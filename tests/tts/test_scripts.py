"""The scripts of training/ and benchmarks/: each starts, and their arithmetic works on small numbers."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]
sys.path += [str(ROOT / "training"), str(ROOT / "benchmarks")]  # they import each other by bare names

BENCHMARKS = ("clips", "cloning", "fast", "onsets", "robustness", "speed", "stretch", "tries")
TRAINING = ("augment", "features", "judge", "loosen_merge", "loosen_stock", "mixtures", "prepare", "ridge", "split")
LOOSEN = ("batches", "corpus", "decoder", "encoder", "judge", "losses", "progress", "rows", "trainer")
TORCH = (
    *("campplus", "carry", "decoder", "export", "judge_network", "loosen", "losses", "train"),
    *(f"loosen_{part}" for part in LOOSEN),
)


@pytest.mark.slow
@pytest.mark.parametrize("name", BENCHMARKS)
def test_a_benchmark_starts(name: str) -> None:
    paths = os.pathsep.join(str(ROOT / folder) for folder in ("", "src", "training", "benchmarks"))
    command = [sys.executable, str(ROOT / "benchmarks" / f"{name}.py"), "--help"]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": paths})
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("usage:")


@pytest.mark.slow
@pytest.mark.parametrize("name", TRAINING)
def test_a_training_script_is_importable(name: str) -> None:
    assert callable(getattr(importlib.import_module(name), "main", print))


@pytest.mark.slow
@pytest.mark.parametrize("name", TORCH)
def test_a_training_script_is_importable_where_torch_is(name: str) -> None:
    pytest.importorskip("torch")
    assert importlib.import_module(name)


def test_every_script_is_named_here() -> None:
    found = {path.stem for folder in ("benchmarks", "training") for path in (ROOT / folder).glob("*.py")}
    others = {"judges", "scoring", "speaker_evaluation", "hindi_letters", "intelligibility", "text_cost"}
    others |= {"attack", "uploads"}  # they start servers and processes of their own
    assert found - others == {*BENCHMARKS, *TRAINING, *TORCH}


def test_lists_of_speakers_do_not_overlap() -> None:
    split = importlib.import_module("split")
    test, validation = split.test_speakers(), split.validation_speakers()
    assert len(test) == 64 and len(set(validation)) == 32 and not test & set(validation)
    assert split.speaker_of("speakers/librispeech/103-1240.flac") == "librispeech/103"


def test_augmented_speech_is_finite_and_as_long() -> None:
    augment = importlib.import_module("augment")
    speech = np.random.default_rng(0).normal(size=16_000).astype(np.float32)
    for seed in range(12):
        changed = augment.anything(speech, np.random.default_rng(seed))
        assert changed.size == pytest.approx(speech.size, abs=1) and np.isfinite(changed).all()


@pytest.mark.slow
def test_axes_separate_speakers() -> None:
    features = importlib.import_module("features")
    rng = np.random.default_rng(0)
    who = np.repeat([f"s{i}" for i in range(200)], 4)
    places = rng.normal(size=(200, 150))
    x = places[np.repeat(np.arange(200), 4)] + 0.3 * rng.normal(size=(800, 150))
    axes = features.discriminant(x, who)
    projected = x @ axes
    _, number = np.unique(who, return_inverse=True)
    means = np.array([projected[number == i].mean(axis=0) for i in range(200)])
    assert axes.shape == (150, features.AXES)
    assert (projected - means[number]).std() < 0.5 * means.std()


@pytest.mark.slow
def test_tallies_of_processes_are_joined() -> None:
    cloning, evaluation = importlib.import_module("cloning"), importlib.import_module("speaker_evaluation")
    one, other = evaluation.Tally(), evaluation.Tally()
    one.scaled, other.scaled = {"GE2E": [0.4]}, {"GE2E": [0.6]}
    one.nearer, other.nearer = {"GE2E": [0]}, {"GE2E": [3]}
    one.refused = {"clip_silent": 1}
    joined = cloning.merged([{"a": one}, {"a": other}])["a"]
    row = joined.row("a", 64)
    assert row["GE2E"].startswith("0.50") and row["refused"] == "clip_silent 1"
    assert evaluation.first_of_few(0, 64) == 1 > evaluation.first_of_few(5, 64)
    assert evaluation.markdown([row]).count("\n") == 2
