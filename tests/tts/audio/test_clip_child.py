"""The child that checks untrusted recordings: each fault its own code, in bounded memory, without a hang."""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import soxr
from numpy.typing import NDArray

from voicechanger.sandbox.child import ENVIRONMENT
from voicechanger.tts.audio.encode import FileEncoder
from voicechanger.tts.audio.loudness import measure
from voicechanger.tts.audio.resample import resample

ROOT = Path(__file__).parents[3]
RATE = 16_000
MOST_MEMORY = 150 << 10
"""KiB that a child may have held at once."""


@dataclass(frozen=True)
class Ended:
    """How a child ended."""

    exit_code: int
    output: str
    memory: int
    """KiB at its peak."""

    @property
    def told(self) -> dict[str, Any]:
        assert self.exit_code == 0 and self.output.count("\n") == 1
        return json.loads(self.output)


# A process starts out with the peak of the one that forked it, and the test run's own is large: a small one between.
_STARTER = """
import os, subprocess, sys
child = subprocess.Popen(sys.argv[2:])
_, status, usage = os.wait4(child.pid, 0)
with open(sys.argv[1], "w") as told:
    told.write(f"{status} {usage.ru_maxrss}")
"""


def run(source: Path | list[Path], out: Path, *options: str) -> Ended:
    sources = [str(one) for one in (source if isinstance(source, list) else [source])]
    command = [sys.executable, "-m", "voicechanger.tts.audio.clip_child", str(out), *sources, *options]
    with tempfile.NamedTemporaryFile() as told:
        starter = [sys.executable, "-ISc", _STARTER, told.name, *command]
        done = subprocess.run(starter, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=ENVIRONMENT)
        status, memory = map(int, Path(told.name).read_text().split())
    return Ended(os.waitstatus_to_exitcode(status), done.stdout.decode(), memory)


def speech() -> NDArray[np.float32]:
    return soundfile.read(ROOT / "examples/reference.wav", dtype="float32")[0]


def noise(size: int, level: float = 0.1) -> NDArray[np.float32]:
    return (np.random.default_rng(7).standard_normal(size) * level).astype(np.float32)


def wav(samples: NDArray[Any], rate: int = RATE, channels: int = 1, claimed: int | None = None) -> bytes:
    """A float WAV whose header may say what it likes."""
    data = samples.astype("<f4").tobytes()
    size = len(data) if claimed is None else claimed
    head = struct.pack("<4sIHHIIHH", b"fmt ", 16, 3, channels, rate, rate * 4 & 0xFFFFFFFF, 4 * channels, 32)
    return (
        struct.pack("<4sI4s", b"RIFF", (size + 36) & 0xFFFFFFFF, b"WAVE")
        + head
        + struct.pack("<4sI", b"data", size)
        + data
    )


def written(path: Path, samples: NDArray[Any], rate: int = RATE, **how: str) -> bytes:
    soundfile.write(path, samples, rate, **how)
    return path.read_bytes()


def with_one(value: float) -> NDArray[np.float32]:
    samples = speech()
    samples[50_000] = value
    return samples


def noisy(snr_db: float) -> NDArray[np.float32]:
    voice = speech()
    hiss = noise(voice.size)
    hiss *= 10 ** ((measure(voice, RATE) - measure(hiss, RATE) - snr_db) / 20)
    mixed = voice + hiss
    return (0.8 * mixed / np.abs(mixed).max()).astype(np.float32)


def tones() -> NDArray[np.float32]:
    """Music-like: chords of harmonics that change every half second."""
    time = np.arange(RATE // 2) / RATE
    chords = [(262, 330, 392), (294, 370, 440), (247, 294, 392), (220, 262, 330)] * 4
    parts = [sum(np.sin(2 * np.pi * f * h * time) / h for f in chord for h in (1, 2, 3)) for chord in chords]
    return (0.08 * np.concatenate(parts)).astype(np.float32)


def clicks() -> NDArray[np.float32]:
    samples = np.zeros(8 * RATE, np.float32)
    samples[:: RATE // 5] = 0.9
    return samples


def overdriven(gain: float) -> NDArray[np.float32]:
    return np.clip(speech() * gain / np.abs(speech()).max(), -1, 1) * np.float32(0.5)


def hum() -> NDArray[np.float32]:
    time = np.arange(8 * RATE) / RATE
    return sum(0.2 / h * np.sin(2 * np.pi * 50 * h * time) for h in range(1, 8)).astype(np.float32)


def long_silence(path: Path) -> bytes:
    """An hour of silence that packs into a few kilobytes."""
    with soundfile.SoundFile(path, "w", 48_000, 2, format="FLAC") as out:
        for _ in range(60):
            out.write(np.zeros((48_000 * 60, 2), np.int16))
    return path.read_bytes()


def flac_claiming(path: Path, frames: int) -> bytes:
    data = bytearray(written(path, speech(), format="FLAC"))
    word = int.from_bytes(data[18:26], "big") >> 36 << 36 | frames
    data[18:26] = word.to_bytes(8, "big")
    return bytes(data)


Maker = Callable[[Path], bytes]

REFUSED: dict[str, tuple[str, Maker]] = {
    "empty file": ("clip_empty", lambda _: b""),
    "header only": ("clip_empty", lambda _: wav(np.zeros(0))),
    "text": ("clip_not_audio", lambda _: b"This is a letter, not a recording.\n" * 500),
    "random bytes": ("clip_not_audio", lambda _: np.random.default_rng(3).bytes(100_000)),
    "zeros": ("clip_not_audio", lambda _: bytes(100_000)),
    "zip": ("clip_not_audio", lambda _: b"PK\x03\x04" + bytes(1_000)),
    "png": ("clip_not_audio", lambda _: b"\x89PNG\r\n\x1a\n" + bytes(1_000)),
    "no channel": ("clip_not_audio", lambda _: wav(speech(), channels=0)),
    "m4a": ("clip_unsupported_format", lambda _: b"\0\0\0\x20ftypM4A " + bytes(1_000)),
    "webm": ("clip_unsupported_format", lambda _: b"\x1a\x45\xdf\xa3" + bytes(1_000)),
    "au": ("clip_unsupported_format", lambda p: written(p, speech(), format="AU")),
    "caf": ("clip_unsupported_format", lambda p: written(p, speech(), format="CAF")),
    "0 Hz": ("clip_bad_rate", lambda _: wav(speech(), rate=0)),
    "4 GHz": ("clip_bad_rate", lambda _: wav(speech(), rate=4_000_000_000)),
    "2 kHz": ("clip_bad_rate", lambda _: wav(speech(), rate=2_000)),
    "1 MHz": ("clip_bad_rate", lambda _: wav(speech(), rate=1_000_000)),
    "64 channels": ("clip_too_many_channels", lambda _: wav(noise(64 * 1_000), channels=64)),
    "nan": ("clip_bad_samples", lambda _: wav(with_one(np.nan))),
    "infinity": ("clip_bad_samples", lambda _: wav(with_one(np.inf))),
    "double too large": (
        "clip_bad_samples",
        lambda p: written(p, with_one(1).astype(float) * 1e300, format="WAV", subtype="DOUBLE"),
    ),
    "not samples": ("clip_bad_samples", lambda _: wav(speech() * 32_768)),
    "one second": ("clip_too_short", lambda _: wav(speech()[:RATE])),
    "61 s": ("clip_too_long", lambda _: wav(np.tile(speech(), 8))),
    "hour of silence": ("clip_too_long", long_silence),
    "first second only": ("clip_truncated", lambda _: wav(speech())[: 44 + 4 * RATE]),
    "no sample left": ("clip_truncated", lambda _: wav(np.zeros(0), claimed=400_000)),
    "flac cut short": ("clip_truncated", lambda p: written(p, speech(), format="FLAC")[:20_000]),
    "silence": ("clip_silent", lambda _: wav(np.zeros(5 * RATE))),
    "soft hiss": ("clip_silent", lambda _: wav(noise(5 * RATE, 1e-4))),
    "white noise": ("clip_no_speech", lambda _: wav(noise(8 * RATE))),
    "tones": ("clip_no_speech", lambda _: wav(tones())),
    "clicks": ("clip_no_speech", lambda _: wav(clicks())),
    "hum": ("clip_no_speech", lambda _: wav(hum())),
    "one word in a long pause": ("clip_no_speech", lambda _: wav(np.pad(speech()[3_000:12_000], (0, 20 * RATE)))),
    "overdriven": ("clip_clipped", lambda _: wav(overdriven(6))),
    "loud room": ("clip_too_noisy", lambda _: wav(noisy(0))),
}


@pytest.mark.parametrize(
    "case", [pytest.param(c, marks=pytest.mark.slow) if c == "hour of silence" else c for c in REFUSED]
)
def test_each_fault_has_its_code(case: str, tmp_path: Path) -> None:
    code, make = REFUSED[case]
    source, out = tmp_path / "upload", tmp_path / "clip.flac"
    source.write_bytes(make(tmp_path / "made"))
    ended = run(source, out)
    assert ended.told["ok"] is False
    assert ended.told["code"] == code, ended.told
    assert ended.told["message"].endswith(".") and len(ended.told["message"]) > 30
    assert ended.memory < MOST_MEMORY
    assert out.read_bytes() == b""


ACCEPTED: dict[str, tuple[set[str], Maker]] = {
    "float": (set(), lambda _: wav(speech())),
    "double": (set(), lambda p: written(p, speech(), format="WAV", subtype="DOUBLE")),
    "24 bits": (set(), lambda p: written(p, speech(), format="WAV", subtype="PCM_24")),
    "8 bits": (set(), lambda p: written(p, speech(), format="WAV", subtype="PCM_U8")),
    "extensible": (set(), lambda p: written(p, speech(), format="WAVEX", subtype="PCM_16")),
    "flac": (set(), lambda p: written(p, speech(), format="FLAC")),
    "mp3": (set(), lambda p: written(p, speech(), format="MP3")),
    "vorbis": (set(), lambda p: written(p, speech(), format="OGG", subtype="VORBIS")),
    "opus": (set(), lambda p: written(p, speech(), format="OGG", subtype="OPUS")),
    "48 kHz stereo": (
        set(),
        lambda p: written(p, np.repeat(resample(speech(), RATE, 48_000)[:, None], 2, 1), 48_000, format="WAV"),
    ),
    "192 kHz": (set(), lambda p: written(p, resample(speech(), RATE, 192_000), 192_000, format="WAV")),
    "opposite phases": (set(), lambda p: written(p, speech()[:, None] * np.array([1, -1], np.float32), format="WAV")),
    "twice full scale": (set(), lambda _: wav(speech() * 4)),
    "8 kHz": ({"narrowband"}, lambda p: written(p, resample(speech(), RATE, 8_000), 8_000, format="WAV")),
    "claims 4 GB": ({"truncated"}, lambda _: wav(speech(), claimed=4_000_000_000)),
    "size unknown": (set(), lambda _: wav(speech(), claimed=0xFFFFFFFF)),
    "flac claims an hour": ({"truncated"}, lambda p: flac_claiming(p, 3600 * RATE)),
    "flac of unknown length": (set(), lambda p: flac_claiming(p, 0)),
    "cut after 6 s": ({"truncated"}, lambda _: wav(speech())[: 44 + 4 * 6 * RATE]),
    "soft": ({"quiet"}, lambda _: wav(speech() * 0.05)),
    "noisy": ({"noisy"}, lambda _: wav(noisy(8))),
}


@pytest.mark.parametrize("case", ACCEPTED)
def test_every_usable_kind_is_accepted(case: str, tmp_path: Path) -> None:
    warnings, make = ACCEPTED[case]
    source, out = tmp_path / "upload", tmp_path / "clip.flac"
    source.write_bytes(make(tmp_path / "made"))
    ended = run(source, out)
    told = ended.told
    assert told["ok"] is True, told
    assert set(told["warnings"]) == warnings
    assert ended.memory < MOST_MEMORY
    clip, rate = soundfile.read(out, dtype="float32")
    assert (rate, clip.ndim, soundfile.info(out).subtype) == (24_000, 1, "PCM_16")
    assert clip.size / rate == pytest.approx(told["seconds"], abs=0.01)
    original = soxr.resample(speech(), RATE, 24_000)[: clip.size]
    likeness = np.corrcoef(original[: clip.size], clip[: original.size])[0, 1]
    assert abs(likeness) > (0.8 if case in {"noisy", "opus", "mp3"} else 0.98)


def test_the_same_sound_has_the_same_hash(tmp_path: Path) -> None:
    hashes = set()
    for form, subtype in (("WAV", "PCM_16"), ("FLAC", "PCM_16"), ("WAV", "FLOAT")):
        written(tmp_path / "in", speech(), format=form, subtype=subtype)
        hashes.add(run(tmp_path / "in", tmp_path / "out").told["sha256"])
    assert len(hashes) == 1


def test_what_we_speak_is_accepted(tmp_path: Path) -> None:
    with FileEncoder(tmp_path / "in", "mp3") as out:
        out.write(resample(speech(), RATE, 24_000))
    assert run(tmp_path / "in", tmp_path / "out").told["seconds"] == pytest.approx(8.6, abs=0.001)


@pytest.mark.parametrize("least, most, code", [("9", "60", "clip_too_short"), ("3", "8", "clip_too_long")])
def test_the_bounds_are_the_callers(least: str, most: str, code: str, tmp_path: Path) -> None:
    ended = run(ROOT / "examples/reference.wav", tmp_path / "out", "--min-seconds", least, "--max-seconds", most)
    assert ended.told["code"] == code


def test_a_full_disk_is_not_blamed_on_the_recording(tmp_path: Path) -> None:
    ended = run(ROOT / "examples/reference.wav", tmp_path / "no folder" / "out")
    assert (ended.exit_code, ended.output) == (74, "")


def test_the_limits_hold() -> None:
    """A child that asks for more memory or file than it may have is stopped by the system."""
    code = (
        "from voicechanger.tts.audio.clip_child import LIMITS; LIMITS.apply()\n"
        "import resource; assert resource.getrlimit(resource.RLIMIT_CORE) == (0, 0)\n"
        "assert 0 < resource.getrlimit(resource.RLIMIT_CPU)[1] <= 60\n"
        "try: bytearray(2 << 30)\n"
        "except MemoryError: print('memory')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "memory\n"


FUZZ = """
import random, sys
from pathlib import Path
from voicechanger.tts.audio.clip_child import LIMITS
LIMITS.apply()
from voicechanger.tts.audio.clip_read import read_recording
from voicechanger.tts.errors import ClipError
good, work, dice = Path(sys.argv[1]).read_bytes(), Path(sys.argv[2]), random.Random(11)
for turn in range(60):
    data = bytearray(good)
    for _ in range(dice.choice((1, 4, 30))):
        data[dice.randrange(min(len(data), dice.choice((64, 4096, len(data)))))] = dice.randrange(256)
    if turn % 3 == 0:
        del data[dice.randrange(len(data)):]
    if turn % 7 == 0:
        begin = dice.randrange(len(data) + 1)
        data[begin:begin] = bytes(dice.randrange(256) for _ in range(50))
    work.write_bytes(data)
    try:
        with work.open("rb") as file:
            assert read_recording(file, 60).samples.size <= 60 * 24_000 + 1
    except ClipError as error:
        assert error.code.startswith("clip_") and error.message
print("survived")
"""


@pytest.mark.parametrize(
    "form, subtype", [("WAV", "PCM_16"), ("FLAC", "PCM_16"), ("MP3", None), ("OGG", "OPUS"), ("OGG", "VORBIS")]
)
def test_damaged_files_are_read_or_refused(form: str, subtype: str | None, tmp_path: Path) -> None:
    """Bytes flipped, files cut, bytes put in: never another exception, a crash or a hang."""
    soundfile.write(tmp_path / "good", speech()[: 4 * RATE], RATE, format=form, subtype=subtype)
    done = subprocess.run(
        [sys.executable, "-c", FUZZ, str(tmp_path / "good"), str(tmp_path / "work")],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.stdout == "survived\n", done.stderr[-800:]


def spoken(folder: Path, name: str, first: float, last: float, gain: float = 1.0) -> Path:
    """A stretch of the shipped recording, in seconds."""
    samples, rate = soundfile.read(ROOT / "examples" / "reference.wav", dtype="float32")
    path = folder / name
    soundfile.write(path, gain * samples[round(first * rate) : round(last * rate)], rate)
    return path


def test_several_recordings_become_one_equally_loud(tmp_path: Path) -> None:
    out = tmp_path / "clip.flac"
    loud, soft = spoken(tmp_path, "a.wav", 0, 3), spoken(tmp_path, "b.wav", 3, 6, 0.2)
    told = run([loud, soft], out).told
    samples, rate = soundfile.read(out, dtype="float32")
    assert told["ok"] and told["seconds"] == pytest.approx(6) and rate == 24_000
    assert samples.size == pytest.approx(6.4 * rate, abs=2)
    first, second = (np.sqrt(np.mean(part**2)) for part in (samples[: 3 * rate], samples[-3 * rate :]))
    assert first == pytest.approx(second, rel=0.35)
    assert np.abs(samples[round(3.05 * rate) : round(3.35 * rate)]).max() < 0.02


def test_short_recordings_are_long_enough_together(tmp_path: Path) -> None:
    parts = [spoken(tmp_path, f"{i}.wav", 1.8 * i, 1.8 * (i + 1)) for i in range(2)]
    assert run(parts[0], tmp_path / "one.flac").told["code"] == "clip_too_short"
    assert run(parts, tmp_path / "both.flac").told["ok"]
    assert run(parts, tmp_path / "both.flac", "--min-seconds", "5").told["code"] == "clip_too_short"
    assert run(parts, tmp_path / "both.flac", "--max-seconds", "3").told["code"] == "clip_too_long"


def test_a_refusal_says_which_of_several_recordings(tmp_path: Path) -> None:
    good, bad = spoken(tmp_path, "a.wav", 0, 4), tmp_path / "b.wav"
    bad.write_bytes(b"no audio at all")
    told = run([good, bad], tmp_path / "clip.flac").told
    assert told["code"] == "clip_not_audio" and told["message"].startswith("Recording 2 of 2: ")
