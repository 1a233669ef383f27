"""Every format: decodes to what went in, has its exact length, and fails plainly."""

from __future__ import annotations

import io
import os
import resource
import subprocess
import sys
import wave
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from voicechanger.tts.audio.encode import FileEncoder, stream_encoder
from voicechanger.tts.audio.formats import FORMATS
from voicechanger.tts.audio.mp3 import padding
from voicechanger.tts.audio.pcm import from_pcm16, to_pcm16

RATE = 24_000
TOLERANCE = {"wav": 2**-15, "pcm": 2**-15, "flac": 2**-15, "mp3": 0.03, "opus": 0.08}
CONTAINED = ["wav", "mp3", "flac", "opus"]


def tone(samples: int) -> NDArray[np.float32]:
    """440 Hz with a soft start and end."""
    time = np.arange(samples) / RATE
    fade = np.minimum(1.0, np.minimum(np.arange(samples), np.arange(samples)[::-1]) / 480)
    return (0.3 * fade * np.sin(2 * np.pi * 440 * time)).astype(np.float32)


def stream(name: str, samples: NDArray[np.float32], chunk: int, promise: bool = False) -> bytes:
    encoder = stream_encoder(name, samples.size if promise else None)
    parts = [encoder.start()]
    parts += [encoder.encode(samples[i : i + chunk]) for i in range(0, samples.size, chunk)]
    return b"".join([*parts, encoder.finish()])


def decode(name: str, data: bytes) -> NDArray[np.float64]:
    if name == "pcm":
        return np.frombuffer(data, "<i2") / 32768
    samples, rate = soundfile.read(io.BytesIO(data))
    assert rate == RATE
    return samples


def decode_by_ffmpeg(data: bytes) -> int:
    with av.open(io.BytesIO(data)) as container:
        source = container.streams.audio[0]
        count = sum(frame.samples for frame in container.decode(audio=0))
        return count * RATE // source.rate


@pytest.mark.parametrize("name", list(FORMATS))
def test_a_file_decodes_to_what_went_in(name: str, tmp_path: Path) -> None:
    samples = tone(72_137)
    path = tmp_path / "out"
    with FileEncoder(path, name) as out:
        for begin in range(0, samples.size, 5_000):
            out.write(samples[begin : begin + 5_000])
    decoded = decode(name, path.read_bytes())
    assert out.seconds == pytest.approx(samples.size / RATE)
    assert decoded.shape == samples.shape
    assert np.abs(decoded - samples).max() <= TOLERANCE[name]


@pytest.mark.parametrize("promise", [True, False])
@pytest.mark.parametrize("name", CONTAINED)
def test_a_stream_plays_to_its_end_in_another_decoder(name: str, promise: bool) -> None:
    data = stream(name, tone(50_000), 7_001, promise)
    # without a promise the padding that ends an MP3 cannot be told: below three frames
    excess = decode_by_ffmpeg(data) - 50_000
    assert excess == 0 or (name == "mp3" and not promise and 0 < excess < 3 * 576)


@pytest.mark.parametrize("name", CONTAINED)
def test_a_promised_length_stands_in_the_stream(name: str) -> None:
    assert soundfile.info(io.BytesIO(stream(name, tone(50_001), 4_096, promise=True))).frames == 50_001


@pytest.mark.parametrize("name", list(FORMATS))
def test_how_it_is_cut_changes_nothing(name: str) -> None:
    samples = tone(24_000)
    whole, pieces = (decode(name, stream(name, samples, chunk, promise=True)) for chunk in (24_000, 333))
    assert np.array_equal(whole, pieces)


@pytest.mark.parametrize("name", ["wav", "mp3", "flac", "opus"])
def test_the_header_comes_once(name: str) -> None:
    mark = {"wav": b"RIFF", "mp3": b"Info", "flac": b"fLaC", "opus": b"OpusHead"}[name]
    assert stream(name, tone(60_000), 2_400).count(mark) == 1


@pytest.mark.parametrize("name", list(FORMATS))
def test_silence_ends_without_a_click(name: str) -> None:
    assert np.abs(decode(name, stream(name, np.zeros(30_000, np.float32), 1_000, promise=True))).max() < 1e-4


def test_the_wave_module_reads_the_file(tmp_path: Path) -> None:
    with FileEncoder(tmp_path / "a.wav", "wav") as out:
        out.write(tone(1_234))
    with wave.open(str(tmp_path / "a.wav")) as read:
        assert (read.getnframes(), read.getframerate(), read.getnchannels()) == (1_234, RATE, 1)
    assert (tmp_path / "a.wav").stat().st_size == 44 + 2 * 1_234


@pytest.mark.parametrize("samples", [1, 575, 576, 577, 1_152, 24_001])
def test_mp3_frames_follow_the_padding_rule(samples: int) -> None:
    frames = len(stream("mp3", np.zeros(samples, np.float32), 10_000)) // 288 - 1
    assert frames * 576 == samples + 576 + padding(samples)


def test_too_loud_is_clipped_not_wrapped() -> None:
    loud = np.array([1.5, -1.5, 1.0, -1.0, 0.0], np.float32)
    assert to_pcm16(loud).tolist() == [32767, -32768, 32767, -32768, 0]


def test_rounding_has_no_bias() -> None:
    ramp = np.linspace(-0.5, 0.5, 100_001, dtype=np.float32)
    error = to_pcm16(ramp) / 32768 - ramp
    assert np.abs(error).max() <= 0.5001 / 32768
    assert abs(error.mean()) < 1e-8


def test_integers_survive_as_floats() -> None:
    every = np.arange(-32768, 32768).astype(np.int16)
    assert np.array_equal(to_pcm16(from_pcm16(every)), every)


@pytest.mark.parametrize("name", list(FORMATS))
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_samples_that_are_no_numbers_are_refused(name: str, bad: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        stream(name, np.array([0.0, bad], np.float32), 10)


@pytest.mark.parametrize("name", list(FORMATS))
def test_a_broken_promise_is_told(name: str) -> None:
    encoder = stream_encoder(name, 100)
    encoder.start()
    encoder.encode(np.zeros(99, np.float32))
    with pytest.raises(ValueError, match="promised"):
        encoder.finish()


def test_an_unknown_format_names_the_known_ones() -> None:
    with pytest.raises(ValueError, match="wav, mp3, flac, opus, pcm"):
        stream_encoder("aiff")


def test_a_failure_leaves_no_half_file(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    with pytest.raises(RuntimeError), FileEncoder(path, "wav") as out:
        out.write(tone(1_000))
        raise RuntimeError
    assert not path.exists()


@pytest.mark.parametrize("name", list(FORMATS))
def test_a_full_disk_is_an_os_error(name: str, tmp_path: Path) -> None:
    """In a child, whose limit on file sizes stands for a full disk."""
    code = (
        "import resource, signal, sys, numpy as np; from pathlib import Path\n"
        "from voicechanger.tts.audio.encode import FileEncoder\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))\n"
        "noise = np.random.default_rng(0).uniform(-0.5, 0.5, 24_000).astype('f4')\n"
        "try:\n"
        "    with FileEncoder(Path(sys.argv[1]), sys.argv[2]) as out:\n"
        "        for _ in range(20): out.write(noise)\n"
        "except OSError: print('OSError', Path(sys.argv[1]).exists())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "out"), name], capture_output=True, text=True, check=True
    )
    assert done.stdout == "OSError False\n"


@pytest.mark.parametrize("name", list(FORMATS))
def test_memory_does_not_grow_with_the_length(name: str) -> None:
    second = tone(RATE)
    encoder = stream_encoder(name)
    encoder.start()
    for _ in range(20):
        encoder.encode(second)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(120):
        encoder.encode(second)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 3_000, f"{grown} KiB"


def test_the_list_of_formats_needs_no_numpy() -> None:
    code = "import sys, voicechanger.tts.audio.formats; sys.exit('numpy' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, env=dict(os.environ))
