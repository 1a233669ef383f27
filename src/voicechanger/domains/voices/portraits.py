"""Decode an uploaded portrait within limits and encode it again, so that nothing of the uploaded file is stored."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import BinaryIO, Final

from PIL import Image, ImageOps, UnidentifiedImageError
from starlette.datastructures import UploadFile

from voicechanger.kit.errors import FieldProblem, InvalidRequest

PORTRAIT_MIME: Final = "image/webp"
SIDE: Final = 512
"""Pixels of the longer side of a stored portrait."""
MAX_PIXELS: Final = 40_000_000
"""Limit of the uploaded image; it is read from the header before decoding."""

_FORMATS = ("PNG", "JPEG", "WEBP")
_QUALITY = 85
# two at a time: one of 40 megapixels takes 160 MB while it is decoded
_decoders = ThreadPoolExecutor(2, thread_name_prefix="portrait")


async def portrait_of(upload: UploadFile, max_bytes: int) -> bytes:
    """Return the portrait as WebP of at most 512 × 512 pixels, without metadata; raise InvalidRequest for `image`."""
    size = upload.size or 0
    if size > max_bytes:
        raise _refusal("image_too_large", f"`image` must have at most {max_bytes:,} bytes; got {size:,}.")
    return await asyncio.get_running_loop().run_in_executor(_decoders, _made_anew, upload.file)


def _made_anew(file: BinaryIO) -> bytes:
    file.seek(0)
    try:
        with Image.open(file, formats=_FORMATS) as image:
            return _encoded(_decoded(image))
    except UnidentifiedImageError as error:
        raise _refusal("image_unsupported", "`image` must be a PNG, JPEG or WebP file.") from error
    except Image.DecompressionBombError as error:
        raise _too_many_pixels() from error
    # what Pillow raises for a damaged file, whichever its decoder
    except (OSError, ValueError, SyntaxError, EOFError, IndexError, MemoryError) as error:
        raise _refusal("image_unreadable", "`image` is damaged or incomplete; send the whole file.") from error


def _decoded(image: Image.Image) -> Image.Image:
    """Return the first frame, upright, within SIDE pixels and without metadata."""
    if image.width * image.height > MAX_PIXELS:
        raise _too_many_pixels()
    # lets the JPEG decoder give a smaller picture at once; other formats ignore it
    image.draft("RGB", (2 * SIDE, 2 * SIDE))
    image.load()
    upright = ImageOps.exif_transpose(image)
    plain = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
    plain.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    clean = Image.new(plain.mode, plain.size)
    clean.paste(plain)
    return clean


def _encoded(image: Image.Image) -> bytes:
    out = BytesIO()
    image.save(out, "WEBP", quality=_QUALITY)
    return out.getvalue()


def _too_many_pixels() -> InvalidRequest:
    return _refusal(
        "image_too_large", f"`image` must have at most {MAX_PIXELS // 1_000_000} megapixels; send a smaller one."
    )


def _refusal(code: str, message: str) -> InvalidRequest:
    return InvalidRequest(FieldProblem("image", code, message))
