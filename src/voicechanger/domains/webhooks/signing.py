"""Signatures by Standard Webhooks.

An endpoint's secret is derived from SECRET_KEY and a random salt, so the database alone gives nobody a secret, and
nothing needs decrypting.  Changing SECRET_KEY changes every secret.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import uuid
from datetime import datetime
from typing import Final

from standardwebhooks.webhooks import Webhook

_SALT_BYTES: Final = 24


def new_salt() -> bytes:
    """A salt for a new secret."""
    return secrets.token_bytes(_SALT_BYTES)


def secret_of(server_secret: bytes, endpoint_id: uuid.UUID, salt: bytes) -> str:
    """The secret of an endpoint as its owner is shown it: `whsec_` and 32 bytes in base64."""
    key = hmac.new(server_secret, b"webhook-secret\0" + endpoint_id.bytes + salt, hashlib.sha256).digest()
    return "whsec_" + base64.b64encode(key).decode()


def signed_headers(secrets_in_force: list[str], message_id: str, moment: datetime, payload: str) -> dict[str, str]:
    """The headers of one attempt: one signature for each secret in force, so that receivers may switch at leisure."""
    signatures = [Webhook(secret).sign(message_id, moment, payload) for secret in secrets_in_force]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
