"""The three cuts give what the whole graph gives, bit for bit, and each layer takes its own style."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
import pytest

from voicechanger.tts.errors import MissingPart, TextError
from voicechanger.tts.kokoro import assets
from voicechanger.tts.kokoro.network import Network
from voicechanger.tts.kokoro.vocabulary import MAX_SYMBOLS, SYMBOLS, token_ids
from voicechanger.tts.voice import DECODER_LAYERS

PHONEMES = "hˈI ðˈɛɹ."


def test_the_vocabulary_has_the_models_114_symbols() -> None:
    assert len(SYMBOLS) == 114
    assert [SYMBOLS[c] for c in ".Aaˈᵻ"] == [4, 24, 43, 156, 177]
    assert token_ids("A.").tolist() == [[0, 24, 4, 0]]


@pytest.mark.parametrize(
    ("phonemes", "code"),
    [
        ("hé", "unknown_phoneme"),
        ("...", "nothing_to_speak"),
        ("", "nothing_to_speak"),
        ("a" * 511, "utterance_too_long"),
    ],
)
def test_what_the_model_cannot_read_is_refused(phonemes: str, code: str) -> None:
    with pytest.raises(TextError) as refused:
        token_ids(phonemes)
    assert refused.value.code == code


def test_as_many_symbols_as_the_model_takes_are_accepted() -> None:
    assert token_ids("a" * MAX_SYMBOLS).shape == (1, MAX_SYMBOLS + 2)


def test_missing_stock_voices_are_named_with_what_to_do(tmp_path: Path) -> None:
    advice = "nowhere are missing: reinstall voicechanger, or run `make setup`"
    with pytest.raises(MissingPart, match=re.escape(advice)):
        assets.prepare(tmp_path / "models", tmp_path / "nowhere")
    assert not assets.is_ready(tmp_path / "models")
    with pytest.raises(MissingPart):
        Network(tmp_path / "models", 1)


@pytest.mark.slow
def test_the_cuts_give_the_whole_graphs_samples(models: Path) -> None:
    network = Network(models, 2)
    with np.load(models / assets.VOICES) as packs:
        style: Any = np.array(packs["af_heart"][len(PHONEMES) - 1])
    tokens = token_ids(PHONEMES)
    features = network.read(tokens, style)
    frames = np.maximum(1, np.round(features.durations)).astype(np.int64)
    curves = network.intone(features, frames, style)
    text = np.repeat(features.text, frames, axis=2)
    styles = np.tile(style[:128], (DECODER_LAYERS, 1))
    ours = network.decode(text, curves, styles)

    session = ort.InferenceSession(assets.model_bytes(), providers=["CPUExecutionProvider"])
    feed = {"tokens": tokens, "style": style[None], "speed": np.ones(1, np.float32)}
    whole = np.asarray(session.run(None, feed)[0]).ravel()
    assert np.array_equal(ours, whole)

    # Another style in the last layer alone must be heard, and only by it.
    styles[-1] += 0.3
    assert not np.array_equal(network.decode(text, curves, styles), whole)
