"""What the upload check accepts, the encoder encodes: mixtures of speech, silence and noise of any level and length."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from voicechanger.tts.audio.canonical import read_canonical
from voicechanger.tts.audio.clip_check import check
from voicechanger.tts.audio.resample import resample
from voicechanger.tts.cloning.encoder import VoiceEncoder
from voicechanger.tts.cloning.reference import prepare_speech
from voicechanger.tts.errors import ClipError

EXAMPLES = Path(__file__).parents[3] / "examples"
RATE = 16_000
Samples = NDArray[np.float32]
Piece = tuple[str, float, float]
"""Kind, seconds, decibels."""

pieces = st.tuples(
    st.sampled_from(["speech", "speech", "speech", "silence", "noise"]), st.floats(0.6, 4.0), st.floats(-40, 6)
)
uploads = st.lists(st.lists(pieces, min_size=1, max_size=4), min_size=1, max_size=2)
BARELY = [[("speech", 1.3, 0.0), ("silence", 2.0, 0.0)]]
"""Some 1.3 s of speech: the check used to accept it and the encoder to refuse it."""


@cache
def recordings() -> tuple[Samples, ...]:
    return tuple(
        soundfile.read(path, dtype="float32")[0]
        for path in (EXAMPLES / "reference.wav", *sorted((EXAMPLES / "speakers").glob("*.flac")))
    )


def made(parts: list[Piece], noise_db: float, seed: int) -> Samples:
    """The pieces one after the other, with noise over the whole."""
    rng, sounds = np.random.default_rng(seed), list[Samples]()
    for kind, seconds, level in parts:
        size, gain = round(seconds * RATE), np.float32(10 ** (level / 20))
        voice = recordings()[int(rng.integers(len(recordings())))]
        at = int(rng.integers(voice.size - 4 * RATE))
        sound = {
            "speech": voice[at : at + size],
            "silence": np.zeros(size, np.float32),
            "noise": 0.05 * rng.standard_normal(size).astype(np.float32),
        }[kind]
        sounds.append(sound * gain)
    whole = np.concatenate(sounds)
    hiss = 10 ** (noise_db / 20) * rng.standard_normal(whole.size)
    return np.clip(whole + hiss, -1, 1).astype(np.float32)


def accepted(sources: list[list[Piece]], noise_db: float, rate: int, seed: int) -> tuple[Samples, int] | None:
    """The canonical clip as the worker reads it; None when the check refuses the recordings."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{number}.wav" for number in range(len(sources))]
        for number, (path, parts) in enumerate(zip(paths, sources, strict=True)):
            soundfile.write(path, resample(made(parts, noise_db, seed + number), RATE, rate), rate)
        with ExitStack() as files:
            sources_open = [files.enter_context(path.open("rb")) for path in paths]
            out = files.enter_context((Path(folder) / "clip.flac").open("wb"))
            try:
                check(sources_open, out, 1.0, 60.0)
            except ClipError:
                return None
        return read_canonical(Path(folder) / "clip.flac")


conditions = {
    "sources": uploads,
    "noise_db": st.floats(-90, -20),
    "rate": st.sampled_from([8_000, 16_000, 24_000, 44_100]),
    "seed": st.integers(0, 1_000),
}


@settings(max_examples=30, deadline=None)
@given(**conditions)
@example(sources=BARELY, noise_db=-90.0, rate=RATE, seed=0)
def test_what_is_accepted_can_be_prepared(sources: list[list[Piece]], noise_db: float, rate: int, seed: int) -> None:
    clip = accepted(sources, noise_db, rate, seed)
    if clip is not None:
        assert prepare_speech(*clip).size >= 1.5 * RATE


@pytest.mark.slow
def test_what_is_accepted_is_encoded(models: Path) -> None:
    encoder = VoiceEncoder(models)

    @settings(max_examples=30, deadline=None)
    @given(**conditions)
    def encodes(sources: list[list[Piece]], noise_db: float, rate: int, seed: int) -> None:
        clip = accepted(sources, noise_db, rate, seed)
        if clip is not None:
            voice = encoder.encode(*clip)
            assert np.isfinite(voice.style).all() and np.isfinite(voice.offsets).all()

    encodes()


@pytest.mark.parametrize("seconds", [1.0, 1.3, 1.6, 1.9, 2.2, 2.5])
def test_check_and_encoder_agree_about_short_speech(seconds: float) -> None:
    """Both draw the line at the same place, whichever it is for this speech."""
    sources: list[list[Piece]] = [[("speech", seconds, 0.0), ("silence", 2.0, 0.0)]]
    clip = accepted(sources, -90.0, 24_000, 3)
    alone = resample(made(sources[0], -90.0, 3), RATE, 24_000)
    if clip is not None:
        prepare_speech(*clip)
    else:
        with pytest.raises(ClipError):
            prepare_speech(np.round(alone * 32768) / np.float32(32768), 24_000)
