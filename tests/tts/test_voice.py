"""Voice profiles as bytes: what was stored is read, by whichever version it was written."""

from __future__ import annotations

import json

import numpy as np
import pytest

from voicechanger.tts.voice import DECODER_LAYERS, SPECTRAL_EQ_BANDS, STYLE_SIZE, Voice

GAINS = tuple(float(gain) for gain in np.linspace(5, -5, SPECTRAL_EQ_BANDS))


def voice(gains: tuple[float, ...] = ()) -> Voice:
    rng = np.random.default_rng(1)
    style, offsets = rng.normal(size=STYLE_SIZE), rng.normal(size=(DECODER_LAYERS, STYLE_SIZE // 2))
    return Voice(style.astype(np.float32), offsets.astype(np.float32), 123.0, 2.5, 1.1, "offsets-2", gains)


@pytest.mark.parametrize("gains", [(), GAINS])
def test_a_voice_comes_back_from_its_bytes(gains: tuple[float, ...]) -> None:
    stored = voice(gains)
    read = Voice.from_bytes(stored.to_bytes())
    assert read.to_bytes() == stored.to_bytes() and read.spectral_eq == gains
    assert np.array_equal(read.style, stored.style) and np.array_equal(read.offsets, stored.offsets)
    assert (read.pitch_median, read.pitch_range, read.rate, read.encoder_version) == (123.0, 2.5, 1.1, "offsets-2")


def test_profiles_of_before_the_field_was_renamed_are_read() -> None:
    data = voice(GAINS).to_bytes()
    size = int.from_bytes(data[4:8], "little")
    head = json.loads(data[8 : 8 + size])
    head["colour"] = head.pop("spectral_eq")
    text = json.dumps(head).encode()
    older = data[:4] + len(text).to_bytes(4, "little") + text + data[8 + size :]
    assert Voice.from_bytes(older).to_bytes() == data


@pytest.mark.parametrize("damage", [b"", b"VCV0", b"VCV1\0\0\0\0", b"VCV1\x02\0\0\0{}\0\0"])
def test_other_bytes_are_refused(damage: bytes) -> None:
    with pytest.raises(ValueError):
        Voice.from_bytes(damage)


def test_a_voice_of_other_shapes_is_refused() -> None:
    with pytest.raises(ValueError, match="spectral EQ of 3 bands"):
        voice((1.0, 2.0, 3.0))
