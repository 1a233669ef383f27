"""A stored piece of a stream: the share of the recording that is spoken at its end, then encoded bytes."""

from __future__ import annotations

import struct
from typing import NamedTuple

_SHARE = struct.Struct("<d")


class Piece(NamedTuple):
    """A piece as it was stored."""

    share: float
    """Of all samples, 0 to 1."""
    data: bytes


def piece_of(data: bytes, share: float) -> bytes:
    """Return what is stored."""
    return _SHARE.pack(share) + data


def read_piece(stored: bytes) -> Piece:
    """Return the piece in what was stored."""
    (share,) = _SHARE.unpack_from(stored)
    return Piece(share, stored[_SHARE.size :])
