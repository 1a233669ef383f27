"""The form of an API key: `vc_<prefix>_<secret>`; shown once, kept as prefix and hash."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZabcdefghjkmnpqrstvwxyz"
_PREFIX_LENGTH = 10
_FORM = re.compile(r"vc_([0-9A-Za-z]{10})_([0-9A-Za-z]{44})")

SCOPES = ("speech", "voices", "jobs", "webhooks", "account")
"""What a key may be allowed: speak, manage voices, see and end jobs, manage webhooks, see the account."""


@dataclass(frozen=True, slots=True)
class KeyParts:
    """A key taken apart."""

    prefix: str
    secret: str

    @property
    def secret_hash(self) -> bytes:
        """What is stored."""
        return hashlib.sha256(self.secret.encode()).digest()

    @property
    def text(self) -> str:
        """What the owner is shown, once."""
        return f"vc_{self.prefix}_{self.secret}"

    def matches(self, secret_hash: bytes) -> bool:
        """Whether the secret is the stored one, in constant time."""
        return hmac.compare_digest(self.secret_hash, secret_hash)


def new_key() -> KeyParts:
    """A fresh key; 44 characters of 54 hold 253 random bits."""
    return KeyParts(
        "".join(secrets.choice(_ALPHABET) for _ in range(_PREFIX_LENGTH)),
        "".join(secrets.choice(_ALPHABET) for _ in range(44)),
    )


def parse_key(text: str) -> KeyParts | None:
    """The parts of a key, None when the text is not of its form."""
    found = _FORM.fullmatch(text)
    return KeyParts(found[1], found[2]) if found else None
