"""Processor seconds and peak memory that one upload costs, for recordings and pictures made to cost much.

    python benchmarks/uploads.py [--only PART-OF-A-NAME]

Each upload goes through the child process that the server starts for it.  Prints a Markdown table.
"""

from __future__ import annotations

import argparse
import json
import os
import struct
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray
from PIL import Image

from voicechanger.sandbox.child import ENVIRONMENT
from voicechanger.tts.audio.resample import resample

ROOT = Path(__file__).resolve().parents[1]
CLIP = "voicechanger.tts.audio.clip_child"
PICTURE = "voicechanger.domains.voices.portrait_child"
LONGEST = 59

# The kernel starts a process with the peak memory of the one that forked it: a small one stands between
_STARTER = """
import json, os, subprocess, sys
child = subprocess.Popen(sys.argv[2:])
_, status, usage = os.wait4(child.pid, 0)
with open(sys.argv[1], "w") as figures:
    json.dump([status, usage.ru_utime + usage.ru_stime, usage.ru_maxrss], figures)
"""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one upload cost."""

    answer: str
    processor_seconds: float
    peak_mib: float


def cost(module: str, upload: Path, out: Path) -> Cost:
    """Run the child on one file."""
    with tempfile.NamedTemporaryFile("r") as figures:
        command = [sys.executable, "-ISc", _STARTER, figures.name, sys.executable, "-m", module, str(out), str(upload)]
        done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True)
        status, seconds, kib = json.load(figures)
    return Cost(_answer(done.stdout, os.waitstatus_to_exitcode(status)), seconds, kib / 1024)


def _answer(output: str, code: int) -> str:
    if code != 0:
        return f"ended with {code}"
    told = json.loads(output)
    return "accepted" if told["ok"] else str(told["code"])


def speech(rate: int, seconds: float = LONGEST) -> NDArray[np.float32]:
    """Real speech with a little noise, so that it does not pack better than a recording."""
    samples, original = soundfile.read(ROOT / "examples/reference.wav", dtype="float32")
    long = np.tile(samples, int(seconds * original / samples.size) + 1)[: int(seconds * original)]
    raised = resample(long.astype(np.float32), original, rate)
    return (raised + np.random.default_rng(1).standard_normal(raised.size) * 1e-3).astype(np.float32)


def audio(samples: NDArray[np.float32], rate: int, form: str, subtype: str) -> bytes:
    """Encode samples."""
    out = BytesIO()
    soundfile.write(out, samples, rate, format=form, subtype=subtype)
    return out.getvalue()


def many(rate: int, channels: int, seconds: float = LONGEST) -> NDArray[np.float32]:
    """The same speech in every channel, each at a level of its own."""
    return speech(rate, seconds)[:, None] * np.linspace(1, 0.5, channels, dtype=np.float32)


def opposite(rate: int) -> NDArray[np.float32]:
    """Two channels that cancel each other: the file is read twice."""
    return speech(rate)[:, None] * np.array([1, -1], np.float32)


def square(rate: int) -> NDArray[np.float32]:
    """A square wave with noise at its top: every sample lies near the largest."""
    time = np.arange(LONGEST * rate)
    top = np.where(time // (rate // 400) % 2, 0.9, -0.9)
    return (top + np.random.default_rng(2).uniform(-0.005, 0.005, top.size)).astype(np.float32)


def long_flac(seconds: int, channels: int) -> bytes:
    """Silence packs into almost nothing."""
    out = BytesIO()
    with soundfile.SoundFile(out, "w", 192_000, channels, format="FLAC", subtype="PCM_16") as file:
        for _ in range(seconds):
            file.write(np.zeros((192_000, channels), np.int16))
    return out.getvalue()


def huge_wav_claim() -> bytes:
    """A WAV file of eight channels that says it holds four gigabytes."""
    head = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 8, 192_000, 192_000 * 16, 16, 16)
    data = struct.pack("<4sI", b"data", 0xFFFFFFF0) + bytes(10_000)
    return struct.pack("<4sI4s", b"RIFF", 0xFFFFFFFF, b"WAVE") + head + data


def huge_flac_claim() -> bytes:
    """A FLAC file that says it holds 2³⁶ - 1 samples in blocks of the largest size."""
    data = bytearray(audio(speech(192_000, 4), 192_000, "FLAC", "PCM_16"))
    data[8:12] = b"\xff\xff\xff\xff"
    data[18:26] = (int.from_bytes(data[18:26], "big") | (1 << 36) - 1).to_bytes(8, "big")
    return bytes(data)


def picture(form: str, width: int, height: int, mode: str = "RGB") -> bytes:
    """Noise, which packs worst and takes longest to decode."""
    planes = len(mode)
    noise = np.random.default_rng(3).integers(0, 256, (height, width, planes), np.uint8)
    # noise in blocks, so that the file stays within what the server takes
    noise[:, : width * 4 // 5] = 128
    out = BytesIO()
    Image.fromarray(noise.squeeze(), mode).save(out, form)
    return out.getvalue()


def png(width: int, height: int, packed: bytes, depth: int = 8, pixel_kind: int = 0) -> bytes:
    """A PNG with the header and the packed rows given."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, depth, pixel_kind, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def png_bomb(width: int, height: int) -> bytes:
    """A 16-bit PNG of transparent black: the most memory for the least file."""
    packer = zlib.compressobj(9)
    rows = b"".join(packer.compress(bytes(1 + 8 * width)) for _ in range(height)) + packer.flush()
    return png(width, height, rows, depth=16, pixel_kind=6)


UPLOADS: list[tuple[str, str, Callable[[], bytes]]] = [
    ("clip: 8.6 s WAV, 16 kHz", CLIP, (ROOT / "examples/reference.wav").read_bytes),
    ("clip: 59 s WAV, 48 kHz, stereo", CLIP, lambda: audio(many(48_000, 2), 48_000, "WAV", "PCM_16")),
    ("clip: 59 s FLAC, 192 kHz, 16 bit", CLIP, lambda: audio(speech(192_000), 192_000, "FLAC", "PCM_16")),
    ("clip: 59 s FLAC, 192 kHz, 24 bit", CLIP, lambda: audio(speech(192_000), 192_000, "FLAC", "PCM_24")),
    ("clip: 59 s FLAC, 192 kHz, 8 channels", CLIP, lambda: audio(many(192_000, 8), 192_000, "FLAC", "PCM_16")),
    ("clip: 59 s FLAC, 192 kHz, channels cancel", CLIP, lambda: audio(opposite(192_000), 192_000, "FLAC", "PCM_16")),
    ("clip: 59 s FLAC, 192 kHz, square wave", CLIP, lambda: audio(square(192_000), 192_000, "FLAC", "PCM_24")),
    ("clip: 59 s FLAC, 44.1 kHz", CLIP, lambda: audio(speech(44_100), 44_100, "FLAC", "PCM_16")),
    ("clip: 59 s MP3, 48 kHz", CLIP, lambda: audio(speech(48_000), 48_000, "MP3", "MPEG_LAYER_III")),
    ("clip: 59 s of silence, 192 kHz, 8 channels", CLIP, lambda: long_flac(59, 8)),
    ("clip: 20 min of silence, 192 kHz, 8 channels", CLIP, lambda: long_flac(1200, 8)),
    ("clip: WAV that claims 4 GB", CLIP, huge_wav_claim),
    ("clip: FLAC that claims 2³⁶ samples", CLIP, huge_flac_claim),
    ("clip: one byte", CLIP, lambda: b"R"),
    ("clip: FLAC header alone", CLIP, lambda: audio(speech(48_000, 4), 48_000, "FLAC", "PCM_16")[:42]),
    ("picture: JPEG, 3000 × 2000", PICTURE, lambda: picture("JPEG", 3000, 2000)),
    ("picture: JPEG, 39 megapixels", PICTURE, lambda: picture("JPEG", 7800, 5000)),
    ("picture: WebP, 16 megapixels", PICTURE, lambda: picture("WEBP", 4000, 4000)),
    ("picture: PNG, 40 megapixels, 16 bit, black", PICTURE, lambda: png_bomb(8000, 5000)),
    ("picture: PNG that claims 60000 × 60000", PICTURE, lambda: png(60_000, 60_000, zlib.compress(bytes(1_000_000)))),
    ("picture: PNG, 40 megapixels, no rows", PICTURE, lambda: png(8000, 5000, zlib.compress(b""))),
    ("picture: one byte", PICTURE, lambda: b"\x89"),
]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="")
    given = parser.parse_args()
    print("| upload | size, kB | answer | processor s | peak MiB |\n| --- | ---: | --- | ---: | ---: |")
    with tempfile.TemporaryDirectory() as folder:
        for name, module, make in UPLOADS:
            if given.only not in name:
                continue
            upload = Path(folder) / "upload"
            upload.write_bytes(make())
            found = cost(module, upload, Path(folder) / "out")
            size = upload.stat().st_size / 1000
            print(
                f"| {name} | {size:,.0f} | {found.answer} | {found.processor_seconds:.2f} | {found.peak_mib:.0f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
