"""Error codes of the file store and of links to files."""

from __future__ import annotations

from typing import Final

from voicechanger.kit.errors import ErrorCode, ErrorCodes

ERRORS: Final[ErrorCodes] = {
    "storage_unavailable": ErrorCode(503, "The file store does not respond. Try again."),
    "file_not_found": ErrorCode(404, "The file of the link was deleted.", in_reference=False),
    "link_invalid": ErrorCode(403, "The link was changed, or was not issued by this server.", in_reference=False),
    "link_expired": ErrorCode(410, "The link has expired. Request a new one.", in_reference=False),
}
