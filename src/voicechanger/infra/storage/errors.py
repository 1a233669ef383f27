"""Error codes of the file store and of links to files."""

from __future__ import annotations

from typing import Final

from voicechanger.kit.errors import ErrorCode, ErrorCodes

ERRORS: Final[ErrorCodes] = {
    "storage_unavailable": ErrorCode(503, "The file store does not answer; try again."),
    "file_not_found": ErrorCode(404, "The file behind a link no longer exists.", in_reference=False),
    "link_invalid": ErrorCode(403, "The link was changed, or not made by this server.", in_reference=False),
    "link_expired": ErrorCode(410, "The link has expired; request a fresh one.", in_reference=False),
}
