"""Refining by hearing oneself: with the real encoder, and a speaker that answers as it is told."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
import soxr

from voicechanger.inference.kokoro import voice_refine
from voicechanger.inference.kokoro.engine import KokoroEngine
from voicechanger.inference.kokoro.voice_encoder import VoiceEncoder
from voicechanger.inference.kokoro.voice_reference import loud_parts, prepare
from voicechanger.inference.refinement import Refinement
from voicechanger.inference.voice import COLOUR_BANDS, Voice

ROOT = Path(__file__).resolve().parents[3]
BENT = tuple(float(v) for v in np.linspace(5, -5, COLOUR_BANDS))


@pytest.fixture(scope="module")
def encoder(models: Path) -> VoiceEncoder:
    return VoiceEncoder(models)


@pytest.fixture(scope="module")
def clip() -> tuple[np.ndarray, int]:
    return sf.read(ROOT / "examples" / "reference.wav", dtype="float32")


def two_rounds(encoder: VoiceEncoder, clip: tuple, answers: list[np.ndarray]) -> tuple[Refinement, list[Voice]]:
    """Refine with a model that says `answers` in turn, each at 24 kHz."""
    asked: list[Voice] = []

    def say(voice: Voice) -> np.ndarray:
        asked.append(voice)
        return voice_refine.coloured(answers[len(asked) - 1], voice.colour)

    state, speech = None, prepare(*clip).speech
    for _ in answers:
        state = voice_refine.refine(encoder, speech, encoder.hear(speech), state, say)
    assert state is not None and state.done
    return state, asked


def test_a_bent_spectrum_is_bent_back_and_is_better(encoder: VoiceEncoder, clip: tuple) -> None:
    own = soxr.resample(clip[0], clip[1], 24_000).astype(np.float32)
    state, asked = two_rounds(encoder, clip, [voice_refine.coloured(own, BENT)] * 2)
    assert asked[0].colour == () and asked[1].colour == state.colour
    assert np.corrcoef(state.colour, BENT)[0, 1] < -0.9
    assert state.better and state.likeness_after > state.likeness_before + 0.005


def test_what_is_not_nearer_is_not_better(encoder: VoiceEncoder, clip: tuple) -> None:
    own = soxr.resample(clip[0], clip[1], 24_000).astype(np.float32)
    stranger, rate = sf.read(sorted((ROOT / "examples" / "speakers").glob("*.flac"))[0], dtype="float32")
    other = soxr.resample(stranger, rate, 24_000).astype(np.float32)
    assert not two_rounds(encoder, clip, [own, other])[0].better


def test_a_colour_keeps_length_and_place_and_has_bounds() -> None:
    click = np.zeros(2_000, np.float32)
    click[1_000] = 1.0
    heard = voice_refine.coloured(click, BENT)
    assert heard.size == click.size and int(np.argmax(np.abs(heard))) == 1_000
    assert voice_refine.coloured(click[:40], BENT).size == 40
    assert voice_refine.coloured(click, ()) is click
    wild = voice_refine.smooth(np.where(np.arange(COLOUR_BANDS) < 14, 60.0, -60.0))
    assert max(map(abs, wild)) == voice_refine.LIMIT


def test_state_and_colour_survive_being_kept(encoder: VoiceEncoder, clip: tuple) -> None:
    state = Refinement("v", 1, BENT, 0.1, 0.2)
    assert Refinement.from_json(json.loads(json.dumps(state.to_json()))) == state
    voice = replace(encoder.encode(*clip), colour=BENT)
    assert Voice.from_bytes(voice.to_bytes()).colour == BENT
    with pytest.raises(ValueError, match="3 bands"):
        replace(voice, colour=(1.0, 2.0, 3.0))


def test_pauses_are_dropped_from_what_the_model_spoke() -> None:
    tone = np.sin(np.arange(24_000) * 0.1).astype(np.float32) * 0.3
    sound = np.concatenate([tone, np.zeros(48_000, np.float32), tone])
    assert 2.0 <= loud_parts(sound, 24_000).size / 16_000 < 2.5


@pytest.mark.slow
def test_the_real_model_hears_itself(engine: KokoroEngine, clip: tuple) -> None:
    first, voice = engine.refine(*clip, None)
    assert first.rounds == 1 and not first.better and first.likeness_before > 0.5
    assert voice.to_bytes() == engine.encode(*clip).to_bytes()
    second, refined = engine.refine(*clip, first)
    assert second.done and second.likeness_before == first.likeness_before
    assert (refined.colour == first.colour) is second.better
