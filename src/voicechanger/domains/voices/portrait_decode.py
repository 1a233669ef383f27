"""Decode a picture that anyone may have sent.  Only ever run in the child process (`portrait_child`)."""

from __future__ import annotations

from io import BytesIO
from typing import BinaryIO, Final

# Pillow would import its decoders when they are first used, which the child cannot any more
from PIL import (
    Image,
    ImageOps,
    JpegImagePlugin,
    MpoImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    UnidentifiedImageError,
    WebPImagePlugin,
)

SIDE: Final = 512
"""Pixels of the longer side of what is kept."""
MAX_PIXELS: Final = 40_000_000
"""Of the upload, read from its header before anything is decoded."""

PLUGINS: Final = (JpegImagePlugin, MpoImagePlugin, PngImagePlugin, TiffImagePlugin, WebPImagePlugin)
"""MPO and TIFF for JPEG files: cameras put several pictures, and a block in TIFF form, into one."""
_FORMATS = ("PNG", "JPEG", "WEBP")
_QUALITY = 85


class PictureError(Exception):
    """The picture cannot be used."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def remake(file: BinaryIO) -> bytes:
    """Return the picture as WebP of at most 512 × 512, without metadata; PictureError says what is wrong with it."""
    try:
        with Image.open(file, formats=_FORMATS) as image:
            return _encoded(_decoded(image))
    except UnidentifiedImageError as error:
        message = "`image` must be a PNG, JPEG or WebP file."
        raise PictureError("image_unsupported", message) from error
    except Image.DecompressionBombError as error:
        raise _too_many_pixels() from error
    # what Pillow raises for a damaged file, whichever its decoder
    except (OSError, ValueError, SyntaxError, EOFError, IndexError, MemoryError) as error:
        raise PictureError("image_unreadable", "`image` is damaged or incomplete; send the whole file.") from error


def _decoded(image: Image.Image) -> Image.Image:
    """Return the first frame, upright, small enough, without metadata."""
    if image.width * image.height > MAX_PIXELS:
        raise _too_many_pixels()
    # lets the JPEG decoder give a smaller picture at once; other formats ignore it
    image.draft("RGB", (2 * SIDE, 2 * SIDE))
    image.load()
    wanted = "RGBA" if image.has_transparency_data else "RGB"
    # made smaller before it is turned: each copy of 40 megapixels takes 160 MB
    plain = image if image.mode == wanted else image.convert(wanted)
    plain.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    upright = ImageOps.exif_transpose(plain)
    clean = Image.new(upright.mode, upright.size)
    clean.paste(upright)
    return clean


def _encoded(image: Image.Image) -> bytes:
    out = BytesIO()
    image.save(out, "WEBP", quality=_QUALITY)
    return out.getvalue()


def _too_many_pixels() -> PictureError:
    message = f"`image` must have at most {MAX_PIXELS // 1_000_000} megapixels; send a smaller one."
    return PictureError("image_too_large", message)
