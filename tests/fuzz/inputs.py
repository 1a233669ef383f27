"""What is fed to the readers: valid files with bytes changed, and texts put together from hard parts."""

from __future__ import annotations

import struct
import zlib
from functools import cache
from io import BytesIO
from pathlib import Path

import numpy as np
import soundfile
from hypothesis import strategies as st
from PIL import Image

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
INTERESTING = [0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF]


@cache
def recordings() -> list[bytes]:
    """One small valid file of each kind that is accepted."""
    samples, rate = soundfile.read(ROOT / "examples/reference.wav", dtype="float32")
    short = samples[: 3 * rate + rate // 2]
    kinds = [("WAV", "PCM_16"), ("WAV", "FLOAT"), ("WAV", "IMA_ADPCM"), ("WAV", "ULAW"), ("WAVEX", "PCM_24")]
    kinds += [("RF64", "PCM_16"), ("FLAC", "PCM_16"), ("FLAC", "PCM_24"), ("MP3", "MPEG_LAYER_III")]
    kinds += [("OGG", "VORBIS"), ("OGG", "OPUS")]
    made: list[bytes] = []
    for form, subtype in kinds:
        out = BytesIO()
        soundfile.write(out, short, rate, format=form, subtype=subtype)
        made.append(out.getvalue())
    out = BytesIO()
    soundfile.write(out, np.stack([short, -short, short], 1), rate, format="FLAC", subtype="PCM_16")
    return [*made, out.getvalue()]


@cache
def pictures() -> list[bytes]:
    """Small valid pictures of each kind and mode that is accepted."""
    noise = np.random.default_rng(1).integers(0, 256, (24, 40, 4), np.uint8)
    picture = Image.fromarray(noise, "RGBA")
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "a picture"
    made: list[bytes] = []
    for mode, form, options in [
        ("RGB", "PNG", {"exif": exif}),
        ("RGBA", "PNG", {}),
        ("P", "PNG", {}),
        ("LA", "PNG", {}),
        ("I;16", "PNG", {}),
        ("1", "PNG", {}),
        ("RGB", "JPEG", {"exif": exif, "comment": b"a comment"}),
        ("RGB", "JPEG", {"progressive": True}),
        ("L", "JPEG", {}),
        ("CMYK", "JPEG", {}),
        ("RGBA", "WEBP", {"exif": exif}),
        ("RGB", "WEBP", {"lossless": True}),
    ]:
        out = BytesIO()
        plain = picture.convert("L") if mode == "I;16" else picture
        plain.convert(mode).save(out, form, **options)
        made.append(out.getvalue())
    out = BytesIO()
    picture.save(out, "WEBP", save_all=True, append_images=[picture.rotate(90, expand=False)], duration=50)
    return [*made, out.getvalue()]


@st.composite
def changed(draw: st.DrawFn, seeds: list[bytes]) -> bytes:
    """A valid file with up to a dozen changes, most of them near its head."""
    data = bytearray(draw(st.sampled_from(seeds)))
    for _ in range(draw(st.integers(0, 12))):
        if not data:
            break
        reach = draw(st.sampled_from([32, 256, 4096, len(data)]))
        place = draw(st.integers(0, min(reach, len(data)) - 1))
        _change(draw, data, place, seeds)
    if data.startswith(PNG_SIGNATURE) and draw(st.booleans()):
        return with_checksums(bytes(data))
    return bytes(data)


def _change(draw: st.DrawFn, data: bytearray, place: int, seeds: list[bytes]) -> None:
    kind = draw(st.sampled_from(["byte", "bit", "number", "delete", "insert", "repeat", "cut", "other"]))
    length = draw(st.integers(1, 64))
    if kind == "byte":
        data[place] = draw(st.integers(0, 255))
    elif kind == "bit":
        data[place] ^= 1 << draw(st.integers(0, 7))
    elif kind == "number":
        width = draw(st.sampled_from([2, 4, 8]))
        value = draw(st.sampled_from(INTERESTING)) & ((1 << 8 * width) - 1)
        data[place : place + width] = value.to_bytes(width, draw(st.sampled_from(["little", "big"])))
    elif kind == "delete":
        del data[place : place + length]
    elif kind == "insert":
        data[place:place] = draw(st.binary(min_size=1, max_size=64))
    elif kind == "repeat":
        data[place:place] = data[place : place + length] * draw(st.integers(1, 50))
    elif kind == "cut":
        del data[place:]
    else:
        data[place : place + length] = draw(st.sampled_from(seeds))[place : place + length]


def with_checksums(png: bytes) -> bytes:
    """The same PNG with the checksums of its chunks made right, so that what is in them is read."""
    out, place = bytearray(PNG_SIGNATURE), len(PNG_SIGNATURE)
    while place + 8 <= len(png):
        length = struct.unpack_from(">I", png, place)[0]
        body = png[place + 4 : place + 8 + length]
        out += png[place : place + 4] + body + struct.pack(">I", zlib.crc32(body))
        place += 12 + length
    return bytes(out)


LANGUAGES = ["auto", "en-us", "en-gb", "es", "fr", "hi", "it", "pt-br", "ja", "zh"]
WORDS = (HERE / "words.txt").read_text(encoding="utf-8").split()
HARD = [
    *(HERE / "hard_words.txt").read_text(encoding="utf-8").split(),
    "<break time='1s'/>",
    "<break time='99999s'/>",
    "<prosody rate='999%'>",
    "<say-as interpret-as='date'>1/2/3</say-as>",
    "<say-as interpret-as='cardinal'>x</say-as>",
    "<say-as interpret-as='telephone'>\u0661\u0662\u0663</say-as>",
    "<lang xml:lang='ja'>",
    "<phoneme alphabet='ipa' ph='h'>x</phoneme>",
    "<sub alias='y'>x</sub>",
    "[pause 1s]",
    "\u0301\u0301\u0301\u0301\u0301",
    "                    ",
    "\u200b",
    "\u200d",
    "\u202e",
    "\xad",
    "\u2028",
    "\ufeff",
    "\n",
    "\t",
    "\r\n",
    "\n\n",
]


@st.composite
def texts(draw: st.DrawFn) -> tuple[str, str]:
    """A text as the API lets it through, and a language."""
    free = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=12)
    part = st.one_of(st.sampled_from(WORDS), st.sampled_from(HARD), free, st.from_regex(r"[0-9.,:/ +-]{1,12}"))
    parts = draw(st.lists(part, min_size=1, max_size=14))
    repeated = draw(st.sampled_from([1, 1, 1, 1, 40]))
    text = draw(st.sampled_from([" ", "", "\n"])).join(part * repeated for part in parts)
    return text[:2_000], draw(st.sampled_from(LANGUAGES))
