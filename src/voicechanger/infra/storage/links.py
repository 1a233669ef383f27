"""Links to local files: signed with HMAC-SHA256, valid for one file until they expire."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote, urlencode

from voicechanger.kit.database import now
from voicechanger.kit.errors import Forbidden, Gone


@dataclass(frozen=True, slots=True)
class SignedFile:
    """The file that a valid link names."""

    key: str
    mime_type: str
    filename: str
    inline: bool


class LinkSigner:
    """Creates and verifies links; the signature covers key, type, name, disposition and expiry."""

    def __init__(self, secret: bytes, base_url: str) -> None:
        # derived, so that no other signature made with the secret is valid for a link
        self._key = hmac.digest(secret, b"voicechanger file links", "sha256")
        self._base_url = base_url

    def sign(self, key: str, mime_type: str, filename: str, expires_at: datetime, *, inline: bool = False) -> str:
        """Return the URL of a file, valid until `expires_at`."""
        expires = str(int(expires_at.timestamp()))
        query = {
            "expires": expires,
            "type": mime_type,
            "name": filename,
            "inline": "1" if inline else "0",
            "signature": self._signature(key, expires, mime_type, filename, inline),
        }
        return f"{self._base_url}/files/{quote(key)}?{urlencode(query)}"

    def check(self, key: str, expires: str, mime_type: str, filename: str, inline: str, signature: str) -> SignedFile:
        """Return the file of a link; raise Forbidden for an invalid signature, Gone when the link has expired."""
        wanted = self._signature(key, expires, mime_type, filename, inline == "1")
        if not hmac.compare_digest(wanted.encode(), signature.encode()):
            raise Forbidden("This link is not valid; request a new one.", code="link_invalid")
        if datetime.fromtimestamp(int(expires), UTC) <= now():
            raise Gone("This link has expired; request a new one.", code="link_expired")
        return SignedFile(key, mime_type, filename, inline == "1")

    def _signature(self, key: str, expires: str, mime_type: str, filename: str, inline: bool) -> str:
        message = "\n".join(f"{len(part)}:{part}" for part in (key, expires, mime_type, filename, str(int(inline))))
        digest = hmac.digest(self._key, message.encode(), hashlib.sha256)
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")
