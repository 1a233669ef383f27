"""Sign messages as Standard Webhooks prescribes.

The secret of an endpoint is derived from SECRET_KEY and a random salt, so the database contains no secret. Changing
SECRET_KEY changes each secret.
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
    """Return a random salt for a new secret."""
    return secrets.token_bytes(_SALT_BYTES)


def secret_of(server_secret: bytes, endpoint_id: uuid.UUID, salt: bytes) -> str:
    """Return the secret of an endpoint as its owner sees it: `whsec_` and 32 bytes in base64."""
    key = hmac.new(server_secret, b"webhook-secret\0" + endpoint_id.bytes + salt, hashlib.sha256).digest()
    return "whsec_" + base64.b64encode(key).decode()


def signed_headers(secrets_in_force: list[str], message_id: str, moment: datetime, payload: str) -> dict[str, str]:
    """Return the headers of one attempt, with one signature for each valid secret."""
    signatures = [Webhook(secret).sign(message_id, moment, payload) for secret in secrets_in_force]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
