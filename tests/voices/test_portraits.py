"""Portraits: what is taken, what is refused, and that nothing of the file itself is kept."""

from __future__ import annotations

import struct
import subprocess
import sys
import zlib
from io import BytesIO
from typing import Any

import httpx
import pytest
from PIL import Image, PngImagePlugin

from tests.support.server import Member, Server
from voicechanger.domains.voices import portraits

VOICES = "/v1/custom-voices"
SECRET = "taken at home"


def picture(form: str, size: tuple[int, int] = (64, 32), mode: str = "RGB", **options: Any) -> bytes:
    """A red picture."""
    out = BytesIO()
    Image.new(mode, size, (255, 0, 0) if mode == "RGB" else None).save(out, form, **options)  # type: ignore[arg-type]
    return out.getvalue()


def png_chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def bomb(width: int, height: int) -> bytes:
    """A small PNG that says it is huge."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + png_chunk(b"IHDR", header)
        + png_chunk(b"IDAT", zlib.compress(b"\0" * 1_000_000))
        + png_chunk(b"IEND", b"")
    )


async def send(member: Member, image: bytes) -> httpx.Response:
    """Give a new voice a portrait."""
    voice = await member.save_voice()
    return await member.client.patch(f"{VOICES}/{voice}", files={"image": ("me.png", image)})


async def kept(member: Member, image: bytes) -> tuple[Image.Image, bytes]:
    """What is kept of a portrait, by its link."""
    answer = await send(member, image)
    assert answer.status_code == 200, answer.text
    file = await member.client.get(answer.json()["image_url"])
    assert file.headers["content-type"] == "image/webp"
    assert file.headers["content-disposition"].startswith("inline")
    made = Image.open(BytesIO(file.content))
    made.load()
    return made, file.content


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
async def test_three_kinds_are_taken(member: Member, form: str) -> None:
    made, _ = await kept(member, picture(form))
    assert (made.format, made.size) == ("WEBP", (64, 32))
    red, green, blue = made.convert("RGB").getpixel((30, 16))  # type: ignore[misc]
    assert red > 230 and green < 25 and blue < 25


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
async def test_every_mode_is_taken(member: Member, mode: str) -> None:
    made, _ = await kept(member, picture("PNG", mode=mode))
    assert made.size == (64, 32)


async def test_a_large_one_is_made_smaller(member: Member) -> None:
    made, _ = await kept(member, picture("JPEG", (3000, 1000)))
    assert made.size == (512, 171)


async def test_it_stands_upright_and_its_metadata_is_gone(member: Member) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90 degrees
    exif[0x010E] = SECRET
    made, data = await kept(member, picture("JPEG", (64, 32), exif=exif, comment=SECRET.encode()))
    assert made.size == (32, 64)
    assert SECRET.encode() not in data and dict(made.getexif()) == {}


async def test_text_in_a_png_is_gone(member: Member) -> None:
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Comment", SECRET)
    _, data = await kept(member, picture("PNG", pnginfo=notes))
    assert SECRET.encode() not in data


async def test_the_first_frame_of_an_animation(member: Member) -> None:
    frames = [Image.new("RGB", (16, 16), colour) for colour in ("red", "blue")]
    out = BytesIO()
    frames[0].save(out, "WEBP", save_all=True, append_images=frames[1:], duration=100)
    made, _ = await kept(member, out.getvalue())
    assert getattr(made, "n_frames", 1) == 1
    assert made.convert("RGB").getpixel((8, 8))[0] > 200  # type: ignore[index]


REFUSED = [
    (b"", "image_unsupported"),
    (b"not a picture", "image_unsupported"),
    (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image_unsupported"),
    (picture("GIF"), "image_unsupported"),
    (picture("BMP"), "image_unsupported"),
    (picture("TIFF"), "image_unsupported"),
    (picture("PNG", (400, 400))[:200], "image_unreadable"),
    (picture("JPEG", (400, 400))[:400], "image_unreadable"),
    (picture("WEBP", (400, 400))[:60], "image_unreadable"),
    (bomb(60_000, 60_000), "image_too_large"),
    (bomb(8_000, 6_000), "image_too_large"),
    (picture("PNG") + b"\0" * 5_000_000, "image_too_large"),
]


@pytest.mark.parametrize(("image", "code"), REFUSED)
async def test_what_is_refused(member: Member, server: Server, image: bytes, code: str) -> None:
    answer = await send(member, image)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert answer.json()["errors"][0]["field"] == "image"
    root = server.services.storage.local_root
    assert root is not None and not (root / "portraits").exists()


async def test_a_new_one_replaces_the_old_whose_link_dies(member: Member) -> None:
    voice = await member.save_voice()
    links: list[str] = []
    for colour in ("red", "blue"):
        out = BytesIO()
        Image.new("RGB", (8, 8), colour).save(out, "PNG")
        answer = await member.client.patch(f"{VOICES}/{voice}", files={"image": ("a.png", out.getvalue())})
        links.append(answer.json()["image_url"])
    assert (await member.client.get(links[0])).status_code == 404
    assert (await member.client.get(links[1])).status_code == 200


async def test_a_decoder_that_dies_is_the_pictures_fault(member: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portraits, "_CHILD", "antigravity_that_is_no_module")
    answer = await send(member, picture("PNG"))
    assert (answer.status_code, answer.json()["code"]) == (422, "image_unreadable")


async def test_a_decoder_that_takes_too_long_is_stopped(member: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portraits, "_SECONDS", 0.001)
    answer = await send(member, picture("PNG"))
    assert (answer.status_code, answer.json()["code"]) == (503, "image_check_timeout")
    assert "Retry-After" in answer.headers


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
async def test_the_largest_is_taken(member: Member, form: str) -> None:
    made, _ = await kept(member, picture(form, (8_000, 5_000)))
    assert made.size == (512, 320)


def test_neither_the_server_nor_the_decoder_loads_more_than_it_needs() -> None:
    """The API process opens no picture: it does not even load the decoders; these load no numbers."""
    code = "import sys, voicechanger.domains.voices.{}; print(*sys.modules)"
    loaded = {}
    for module in ("portraits", "portrait_decode"):
        command = [sys.executable, "-c", code.format(module)]
        loaded[module] = set(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split())
    assert "PIL" not in loaded["portraits"]
    assert "PIL" in loaded["portrait_decode"] and not {"numpy", "asyncio"} & loaded["portrait_decode"]
