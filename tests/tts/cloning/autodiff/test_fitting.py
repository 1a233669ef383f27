"""On the real model: its gradient, the timing of a recording, and that steps lead nearer to a voice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import soxr

from voicechanger.tts.cloning import signal
from voicechanger.tts.cloning.autodiff import decoder_gradient
from voicechanger.tts.cloning.autodiff.alignment import Symbols, align, dtw_path
from voicechanger.tts.cloning.autodiff.decoder_gradient import FRAMES, DecoderGradient
from voicechanger.tts.cloning.autodiff.example import Example, aligned, timed
from voicechanger.tts.cloning.autodiff.layers import LayerTape
from voicechanger.tts.cloning.autodiff.speaker import tape_cosine, weights
from voicechanger.tts.cloning.autodiff.spectra import log_mels
from voicechanger.tts.cloning.autodiff.steps import Fit, advance
from voicechanger.tts.cloning.ge2e import SpeakerNetwork
from voicechanger.tts.engine import SAMPLE_RATE
from voicechanger.tts.errors import MissingPart
from voicechanger.tts.kokoro.engine import KokoroEngine
from voicechanger.tts.kokoro.network import Curves, Network
from voicechanger.tts.kokoro.vocabulary import SYMBOLS, token_ids

GOAL = np.full(256, 1 / 16, np.float32)
PHONEMES = "ðə ʃˈɪp sˈAld æt dˈɔn, ænd nˈObədi sˈɔ ɪt lˈiv ðə hˈɑɹbəɹ."


@pytest.fixture(scope="module")
def network(models: Path) -> Network:
    return Network(models, 2)


@pytest.fixture(scope="module")
def gradient(models: Path) -> Iterator[DecoderGradient]:
    return DecoderGradient(models, 2)


def styles_of(engine: KokoroEngine, name: str) -> np.ndarray:
    return np.repeat(engine.stock_voice(name).style[None, :128], 58, axis=0)


def recording(engine: KokoroEngine, network: Network, name: str) -> tuple[np.ndarray, np.ndarray]:
    """16 kHz speech by a stock voice, at an uneven pace, and the frames of its symbols."""
    style = engine.stock_voice(name).style
    features = network.read(token_ids(PHONEMES), style)
    pace = 1 + 0.35 * np.sin(np.arange(features.durations.size) / 5)
    frames = np.maximum(1, np.round(features.durations * pace)).astype(np.int64)
    curves = network.intone(features, frames, style)
    speech = network.decode(np.repeat(features.text, frames, axis=2), curves, styles_of(engine, name))
    return np.asarray(soxr.resample(speech, SAMPLE_RATE, 16_000), np.float32), frames


@pytest.fixture(scope="module")
def spoken(engine: KokoroEngine, network: Network) -> Example:
    sound, frames = recording(engine, network, "am_michael")
    return timed(network, engine.stock_voice("af_heart").style, sound, PHONEMES, frames)


def test_float_decoder_speaks_as_the_int8_one(
    engine: KokoroEngine, network: Network, gradient: DecoderGradient, spoken: Example
) -> None:
    crop, styles = spoken.crop(40, FRAMES), styles_of(engine, "af_heart")
    styles = (styles + 0.1 * np.random.default_rng(0).normal(size=styles.shape)).astype(np.float32)
    _, _, speech = gradient(crop, GOAL, styles)
    theirs = network.decode(crop.text[None], Curves(crop.pitch[None], crop.energy[None]), styles)
    assert speech.size == theirs.size
    # activations are rounded in one of them
    apart = [np.mean(np.abs(a - b)) for a, b in zip(log_mels(speech), log_mels(theirs), strict=True)]
    assert max(apart) < 0.35
    turned = network.decode(crop.text[None], Curves(crop.pitch[None], crop.energy[None]), styles[::-1].copy())
    others = [np.mean(np.abs(a - b)) for a, b in zip(log_mels(speech), log_mels(turned), strict=True)]
    assert all(a < b for a, b in zip(apart, others, strict=True))


def test_gradient_is_the_slope(engine: KokoroEngine, gradient: DecoderGradient, spoken: Example) -> None:
    crop, styles = spoken.crop(40, FRAMES), styles_of(engine, "af_heart")
    distance, slope, _ = gradient(crop, GOAL, styles)
    assert distance > 0 and slope.shape == styles.shape
    way = slope / np.abs(slope).max()
    step = 2e-3
    up, down = (gradient(crop, GOAL, (styles + sign * step * way).astype(np.float32))[0] for sign in (1, -1))
    assert float((slope * way).sum()) == pytest.approx((up - down) / (2 * step), rel=0.05)


def test_speaker_on_the_tape_is_the_networks_own(models: Path, spoken: Example) -> None:
    speech = spoken.speech[24_000 : 24_000 + 600 * FRAMES]
    network = SpeakerNetwork(models)
    heard = np.asarray(soxr.resample(speech, SAMPLE_RATE, 16_000), np.float32)
    # as many frames as on the tape: the network's windows are padded to 1.6 s
    mels = signal.spectrum(heard, 400, 160) ** 2 @ signal.mel_filters(16_000, 400, 40, 8000.0).T
    goal = network.embed(np.asarray(soxr.resample(spoken.speech, SAMPLE_RATE, 16_000), np.float32))
    tape = LayerTape()
    value = tape.input("speech", (1, 1, speech.size), requires_grad=True)
    cosine = tape_cosine(tape, value, tape.constant(goal[None, :, None]), weights(models))
    tape.backward(cosine)
    model = tape.model({"cosine": cosine, "slope": tape.gradient("speech")})
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    found, slope = session.run(["cosine", "slope"], {"speech": speech[None, None]})
    whole = onnxruntime.InferenceSession(str(models / "ge2e.onnx"), providers=["CPUExecutionProvider"])
    tiled = np.tile(mels, (2, 1))[None, :160].astype(np.float32)
    assert float(found.ravel()[0]) == pytest.approx(float(whole.run(None, {"mels": tiled})[0][0] @ goal), abs=0.06)
    step = np.float32(1e-3 / np.abs(slope).max())
    up, down = (session.run(["cosine"], {"speech": speech[None, None] + s * step * slope})[0] for s in (1, -1))
    assert float((up - down).ravel()[0]) == pytest.approx(2 * float(step) * float((slope**2).sum()), rel=0.05)


def test_timing_of_a_recording_is_found(engine: KokoroEngine, network: Network) -> None:
    sound, frames = recording(engine, network, "am_michael")
    found = aligned(network, engine.stock_voice("af_heart").style, sound, PHONEMES)
    assert found.sum() == pytest.approx(frames.sum(), abs=1) and found.min() >= 1
    # frames of 25 ms between the ends of the symbols, the silent edges left out
    off = np.abs(np.cumsum(found) - np.cumsum(frames))[1:-2]
    assert np.median(off) <= 2 and off.max() <= 12


def test_vowels_and_stops_sound_different() -> None:
    symbols = Symbols.load()
    assert symbols.mean.shape == symbols.variance.shape == (178, 28) and symbols.variance.min() > 0
    vowels, stops = (np.array([SYMBOLS[c] for c in letters]) for letters in ("iæɑɔAIO", "ptkbdɡ"))
    apart = np.linalg.norm(symbols.mean[vowels][:, None] - symbols.mean[stops][None], axis=2)
    within = np.linalg.norm(symbols.mean[stops][:, None] - symbols.mean[stops][None], axis=2)
    assert apart.mean() > 1.3 * within[within > 0].mean()


def test_a_recording_too_short_for_its_words_is_refused(engine: KokoroEngine, network: Network) -> None:
    sound, _ = recording(engine, network, "am_michael")
    with pytest.raises(ValueError, match="symbols in"):
        aligned(network, engine.stock_voice("af_heart").style, sound[:8_000], PHONEMES)
    with pytest.raises(ValueError, match="symbols in"):
        align(sound[:400], np.arange(3), sound, np.array([9, 9, 9]), Symbols.load())


def test_warping_follows_a_stretch() -> None:
    rng = np.random.default_rng(0)
    own = rng.normal(size=(60, 8)).astype(np.float32)
    place = dtw_path(own, np.repeat(own, 2, axis=0))
    assert place[0] == 0 and place[-1] == 120
    assert np.abs(place[:-1] - 2 * np.arange(60)).max() <= 2


def test_example_is_as_long_as_its_frames(spoken: Example) -> None:
    assert spoken.speech.size == 600 * spoken.length
    assert spoken.pitch.size == spoken.energy.size == 2 * spoken.length
    assert 90 < np.median(spoken.pitch[spoken.pitch > 0]) < 180
    crop = spoken.crop(3, FRAMES)
    assert crop.text.shape == (512, FRAMES) and crop.speech.size == 600 * FRAMES


def test_steps_lead_nearer_and_repeat(engine: KokoroEngine, gradient: DecoderGradient, spoken: Example) -> None:
    styles = styles_of(engine, "af_heart")
    half = advance(Fit.begin(), gradient, styles, GOAL, [spoken], 5)
    fit = advance(half, gradient, styles, GOAL, [spoken], 5)
    assert fit.steps == 10
    places = range(20, spoken.length - FRAMES, 15)
    before, after = (
        np.mean([gradient(spoken.crop(at, FRAMES), GOAL, styles + change)[0] for at in places])
        for change in (np.float32(0), fit.change)
    )
    assert after < 0.93 * before
    again = advance(half, gradient, styles, GOAL, [spoken], 5)
    np.testing.assert_allclose(again.change, fit.change, atol=1e-4)


def test_a_step_that_is_no_number_changes_nothing(spoken: Example) -> None:
    broken = Fit.begin()

    def gradient(*_: object) -> tuple[float, np.ndarray, np.ndarray]:
        return float("nan"), np.full((58, 128), np.nan, np.float32), np.zeros(0, np.float32)

    fit = advance(broken, gradient, np.zeros((58, 128), np.float32), GOAL, [spoken], 3)
    assert fit.steps == 3 and not fit.change.any()


def test_a_crop_of_a_recording_without_voice_is_its_middle(spoken: Example) -> None:
    silent = replace(spoken, pitch=np.zeros_like(spoken.pitch))
    crop = silent.voiced_crop(FRAMES, np.random.default_rng(0))
    np.testing.assert_array_equal(crop.energy, silent.crop((silent.length - FRAMES) // 2, FRAMES).energy)


def test_a_model_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(MissingPart, match="voicechanger models"):
        decoder_gradient.prepare(tmp_path / "nowhere")
