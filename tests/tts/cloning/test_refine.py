"""Rounds of refining: with the real encoder and alignment, but a voice and ears that are told what to do."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile as sf
import soxr
from scipy import signal

from benchmarks.judges import Network, speech_of
from voicechanger.tts.audio.pcm import from_pcm16, to_pcm16
from voicechanger.tts.cloning import refine as voice_refine
from voicechanger.tts.cloning import spectral_eq
from voicechanger.tts.cloning.autodiff.decoder_gradient import Crop
from voicechanger.tts.cloning.encoder import VoiceEncoder
from voicechanger.tts.cloning.prepared import PreparedClip, clip_key
from voicechanger.tts.cloning.refinement import Refinement
from voicechanger.tts.kokoro.engine import KokoroEngine
from voicechanger.tts.kokoro.network import Network as Cuts
from voicechanger.tts.recogniser import Segment, bare_words
from voicechanger.tts.voice import SPECTRAL_EQ_BANDS, Voice

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
BENT = tuple(float(v) for v in np.linspace(5, -5, SPECTRAL_EQ_BANDS))
SAID = "wˌʌn hˈʌndɹəd ænd ˈɛv ɹi wˈɜɹd ʌv ɪt wˌʌz hˈɜɹd bI ˌɛvɹibˌɑdi hˌu stˈʊd ðˈɛɹ"


class Ears:
    """Hears what it is told."""

    def __init__(self, segments: list[Segment], heard: list[str] | None = None) -> None:
        self._segments, self._heard = segments, heard or []

    def segments(self, sound: np.ndarray) -> list[Segment]:
        return self._segments

    def words(self, sound: np.ndarray, language: str) -> list[str]:
        return bare_words(self._heard.pop(0) if self._heard else voice_refine.REFERENCE_TEXT)


@pytest.fixture(scope="module")
def encoder(models: Path) -> VoiceEncoder:
    return VoiceEncoder(models)


@pytest.fixture(scope="module")
def network(models: Path) -> Cuts:
    return Cuts(models, 2)


@pytest.fixture(scope="module")
def clip() -> tuple[np.ndarray, int]:
    return sf.read(EXAMPLES / "reference.wav", dtype="float32")


@pytest.fixture
def whole(clip: tuple) -> list[Segment]:
    return [Segment(0.0, len(clip[0]) / clip[1], SAID)]


def at_24k(samples: np.ndarray, rate: int) -> np.ndarray:
    return soxr.resample(samples, rate, 24_000).astype(np.float32)


def stranger() -> np.ndarray:
    return at_24k(*sf.read(sorted((EXAMPLES / "speakers").glob("*.flac"))[0], dtype="float32"))


def pushes(crop: Any, goal: np.ndarray, styles: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
    """A gradient that always points the same way."""
    return 1.0, np.ones((58, 128), np.float32), np.zeros(0, np.float32)


def rounds(
    encoder: VoiceEncoder,
    network: Cuts,
    clip: tuple,
    say: Callable[[Voice], np.ndarray],
    ears: Ears | None,
    scores: tuple[float, ...] = (),
) -> tuple[list[Refinement], Voice]:
    """All rounds, each going on from what JSON kept of the one before."""
    recogniser = (lambda: ears) if ears else None
    told = iter(scores)
    tools = voice_refine.Tools(network, encoder, say, recogniser, lambda _: next(told, 3.0), lambda: pushes)
    prepared = PreparedClip(encoder, *clip)
    done: list[Refinement] = []
    so_far: Refinement | None = None
    while so_far is None or not so_far.done:
        so_far, voice = voice_refine.refine(tools, prepared, so_far)
        so_far = Refinement.from_bytes(so_far.to_bytes())
        assert so_far.rounds == len(done) + 1
        done.append(so_far)
    return done, voice


def moved(voice: Voice, learned: Voice) -> float:
    return float(np.abs(voice.offsets - learned.offsets).max())


def test_steps_are_taken_and_kept_when_it_is_more_like_the_speaker(
    encoder: VoiceEncoder, network: Cuts, clip: tuple, whole: list[Segment]
) -> None:
    learned, own, other = encoder.encode(*clip), at_24k(*clip), stranger()
    say = lambda voice: own if moved(voice, learned) > 0.1 else other  # noqa: E731
    done, voice = rounds(encoder, network, clip, say, Ears(whole))
    assert len(done) == 2 + voice_refine.STEPS / voice_refine.A_ROUND
    assert done[-1].better and done[-1].likeness_after > 0.9 > done[-1].likeness_before
    assert moved(voice, learned) > 0.1 and voice.spectral_eq == () and done[-1].state == {}


def test_a_change_that_costs_a_word_is_taken_by_a_share_of_it(
    encoder: VoiceEncoder, network: Cuts, clip: tuple, whole: list[Segment]
) -> None:
    learned, own, other = encoder.encode(*clip), at_24k(*clip), stranger()
    say = lambda voice: own if moved(voice, learned) > 0.05 else other  # noqa: E731
    full = moved(rounds(encoder, network, clip, say, Ears(whole))[1], learned)
    lost = ["The ship sailed and nobody saw it"] * len(voice_refine.QUIET)
    ears = Ears(whole, [voice_refine.REFERENCE_TEXT] * len(voice_refine.QUIET) + lost)
    _, voice = rounds(encoder, network, clip, say, ears)
    assert moved(voice, learned) == pytest.approx(voice_refine.SHARES[1] * full, rel=0.01)


def test_a_change_that_sounds_worse_is_taken_by_a_share_of_it(
    encoder: VoiceEncoder, network: Cuts, clip: tuple, whole: list[Segment]
) -> None:
    learned, own, other = encoder.encode(*clip), at_24k(*clip), stranger()
    say = lambda voice: own if moved(voice, learned) > 0.05 else other  # noqa: E731
    full = moved(rounds(encoder, network, clip, say, Ears(whole), (3.0, 2.9))[1], learned)
    _, voice = rounds(encoder, network, clip, say, Ears(whole), (3.0, 2.7, 2.9))
    assert moved(voice, learned) == pytest.approx(voice_refine.SHARES[1] * full, rel=0.01)
    _, voice = rounds(encoder, network, clip, say, Ears(whole), (3.0, 2.7, 2.7))
    assert moved(voice, learned) == 0


def test_a_change_that_helps_nothing_is_dropped_for_a_spectral_eq(
    encoder: VoiceEncoder, network: Cuts, clip: tuple, whole: list[Segment]
) -> None:
    learned, own, other = encoder.encode(*clip), at_24k(*clip), stranger()

    def say(voice: Voice) -> np.ndarray:
        bent = spectral_eq.apply_spectral_eq(own, BENT)
        return other if moved(voice, learned) > 0 else spectral_eq.apply_spectral_eq(bent, voice.spectral_eq)

    done, voice = rounds(encoder, network, clip, say, Ears(whole))
    assert "fit" in done[-3].state and "spectral_eq" in done[-2].state
    assert done[-1].better and voice.spectral_eq and moved(voice, learned) == 0


@pytest.mark.parametrize("ears", [None, Ears([]), Ears([Segment(0, 1, SAID)]), Ears([Segment(0, 9, "⊘")])])
def test_a_bent_spectrum_is_bent_back_where_no_words_are_known(
    encoder: VoiceEncoder, network: Cuts, clip: tuple, ears: Ears | None
) -> None:
    bent = spectral_eq.apply_spectral_eq(at_24k(*clip), BENT)
    done, voice = rounds(
        encoder, network, clip, lambda voice: spectral_eq.apply_spectral_eq(bent, voice.spectral_eq), ears
    )
    assert len(done) == 2 and np.corrcoef(voice.spectral_eq, BENT)[0, 1] < -0.9
    assert done[-1].better and done[-1].likeness_after > done[-1].likeness_before + 0.005


def test_what_somebody_else_says_is_not_fitted(encoder: VoiceEncoder, network: Cuts, clip: tuple) -> None:
    own, rate = clip
    other = soxr.resample(stranger(), 24_000, rate).astype(np.float32)[: len(own) // 2]
    both = np.concatenate([own, other])
    segments = [Segment(0.0, len(own) / rate, SAID), Segment(len(own) / rate, len(both) / rate, SAID)]
    done, _ = rounds(encoder, network, (both, rate), lambda _: at_24k(*clip), Ears(segments))
    assert [p["first"] for p in done[0].state["segments"]] == [0]


def test_what_is_not_nearer_is_not_better(encoder: VoiceEncoder, network: Cuts, clip: tuple) -> None:
    own, other = at_24k(*clip), stranger()
    done, voice = rounds(encoder, network, clip, lambda voice: other if voice.spectral_eq else own, None)
    assert not done[-1].better and voice.spectral_eq == ()


def test_a_spectral_eq_is_the_filter_of_scipy() -> None:
    """Written out in the product, because scipy.signal takes seconds to import."""
    rng = np.random.default_rng(0)
    samples = rng.normal(size=24_001).astype(np.float32)
    centres = spectral_eq._bands() @ np.linspace(0, 8_000, 513)
    places = [0.0, *centres, 7_900, 12_000]
    gains = np.array([BENT[0], *BENT, BENT[-1], BENT[-1] / 2])
    kernel = signal.firwin2(257, places, 10 ** (gains / 20), fs=24_000)
    wanted = signal.fftconvolve(samples, kernel)[128 : 128 + samples.size]
    assert np.abs(spectral_eq.apply_spectral_eq(samples, BENT) - wanted).max() < 1e-6


def test_a_spectral_eq_keeps_length_and_place_and_has_bounds() -> None:
    click = np.zeros(2_000, np.float32)
    click[1_000] = 1.0
    heard = spectral_eq.apply_spectral_eq(click, BENT)
    assert heard.size == click.size and int(np.argmax(np.abs(heard))) == 1_000
    assert spectral_eq.apply_spectral_eq(click[:40], BENT).size == 40
    assert spectral_eq.apply_spectral_eq(click, ()) is click
    wild = spectral_eq.smooth(np.where(np.arange(SPECTRAL_EQ_BANDS) < 14, 60.0, -60.0))
    assert max(map(abs, wild)) == spectral_eq.LIMIT


def test_a_spectral_eq_survives_being_stored(encoder: VoiceEncoder, clip: tuple) -> None:
    voice = replace(encoder.encode(*clip), spectral_eq=BENT)
    assert Voice.from_bytes(voice.to_bytes()).spectral_eq == BENT


def test_words_are_counted_by_edits() -> None:
    said = np.zeros(1_000, np.float32)
    text = voice_refine.REFERENCE_TEXT
    for heard, errors in (
        (text, 0),
        (text.replace("ship ", ""), 1),
        (f"Oh, {text}", 1),
        (text.replace("saw", "sat"), 1),
    ):
        assert voice_refine.misheard(Ears([], [heard, heard]), said) == errors
        assert voice_refine.misheard(Ears([], [heard, text]), said) == 0


def test_the_gradient_is_given_back_to_jobs(models: Path, clip: tuple) -> None:
    gradient = voice_refine.Gradient(models, 1)
    assert gradient() is gradient()
    first = gradient()
    gradient.release()
    assert gradient() is not first


def test_a_prepared_clip_kept_between_rounds_changes_nothing(
    encoder: VoiceEncoder, network: Cuts, clip: tuple, whole: list[Segment]
) -> None:
    def slope(crop: Crop, goal: np.ndarray, styles: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        """A gradient that depends on everything it is given."""
        seen = crop.speech.sum() + crop.text.sum() + crop.pitch.sum() + crop.energy.sum() + goal.sum()
        return 1.0, np.float32(np.sin(seen)) + styles.astype(np.float32), np.zeros(0, np.float32)

    own = at_24k(*clip)
    tools = voice_refine.Tools(network, encoder, lambda _: own, lambda: Ears(whole), lambda _: 3.0, lambda: slope)
    kept, anew, voices = PreparedClip(encoder, *clip), None, []
    so_far: Refinement | None = None
    while so_far is None or not so_far.done:
        anew = PreparedClip(encoder, *clip)
        results = [voice_refine.refine(tools, prepared, so_far) for prepared in (kept, anew)]
        assert results[0][0] == results[1][0]
        voices = [voice.to_bytes() for _, voice in results]
        assert voices[0] == voices[1]
        so_far = results[0][0]
    assert so_far.rounds > voice_refine.STEPS / voice_refine.A_ROUND


def test_a_clip_is_known_again_by_its_samples_and_rate(clip: tuple) -> None:
    canonical = from_pcm16(to_pcm16(clip[0]))
    report = hashlib.sha256(to_pcm16(canonical).tobytes()).hexdigest()
    assert clip_key(canonical, 24_000) == (report, 24_000)
    nearly = canonical + np.float32(1e-6)
    keys = {clip_key(samples, rate) for samples in (canonical, nearly) for rate in (16_000, 24_000)}
    assert len(keys) == 4


@pytest.mark.slow
@pytest.mark.timeout(1_800)  # seven rounds, two minutes of a core that is free
def test_the_engine_refines_a_real_clip(engine: KokoroEngine, clip: tuple) -> None:
    canonical = from_pcm16(to_pcm16(at_24k(*clip)))
    sha256 = hashlib.sha256(to_pcm16(canonical).tobytes()).hexdigest()
    assert engine.refine_prepared(sha256, None) is None
    learned = engine.encode(canonical, 24_000)
    so_far, voice = engine.refine(canonical, 24_000, None)
    assert engine.refine_prepared("another clip", so_far) is None
    while not so_far.done:
        found = engine.refine_prepared(sha256, so_far)
        assert found is not None, "the clip was prepared by the round before"
        so_far, voice = found
    assert engine.refine_prepared(sha256, so_far) is None
    assert so_far.rounds == 2 + voice_refine.STEPS / voice_refine.A_ROUND
    assert so_far.better and moved(voice, learned) > 0.05 and voice.spectral_eq == ()
    assert so_far.likeness_after > so_far.likeness_before + 0.015
    # A judge that is in no loss agrees: 0.34 before, 0.48 after
    judge = Network()
    own = judge.embed(speech_of(canonical, 24_000))
    before, after = (
        float(own @ judge.embed(speech_of(engine.refinement_speech(one), 24_000))) for one in (learned, voice)
    )
    assert after > before + 0.05
