"""Signatures by Standard Webhooks."""

from __future__ import annotations

import base64
import hashlib
import hmac
import uuid
from datetime import timedelta

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from voicechanger.domains.webhooks.signing import new_salt, secret_of, signed_headers
from voicechanger.kit.database import now

SERVER = b"0123456789abcdef0123456789abcdef"
BODY = '{"type":"job.completed","data":{"name":"Zoë"}}'


def test_the_reference_library_accepts_it() -> None:
    secret = secret_of(SERVER, uuid.uuid4(), new_salt())
    headers = signed_headers([secret], "msg_1", now(), BODY)
    assert Webhook(secret).verify(BODY, headers)["type"] == "job.completed"


def test_it_is_what_the_specification_says() -> None:
    secret = secret_of(SERVER, uuid.uuid4(), new_salt())
    headers = signed_headers([secret], "msg_1", now(), BODY)
    key = base64.b64decode(secret.removeprefix("whsec_"))
    assert 24 <= len(key) <= 64
    signed = f"msg_1.{headers['webhook-timestamp']}.{BODY}".encode()
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"


@pytest.mark.parametrize("change", ["body", "id", "time", "secret", "old"])
def test_anything_changed_is_refused(change: str) -> None:
    secret = secret_of(SERVER, uuid.uuid4(), new_salt())
    moment = now() - timedelta(minutes=10 if change == "old" else 0)
    headers = signed_headers([secret], "msg_1", moment, BODY)
    body = BODY + " " if change == "body" else BODY
    if change == "id":
        headers["webhook-id"] = "msg_2"
    if change == "time":
        headers["webhook-timestamp"] = str(int(headers["webhook-timestamp"]) - 1)
    if change == "secret":
        secret = secret_of(SERVER, uuid.uuid4(), new_salt())
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(body, headers)


def test_both_secrets_verify_during_a_rotation() -> None:
    endpoint = uuid.uuid4()
    both = [secret_of(SERVER, endpoint, new_salt()) for _ in range(2)]
    headers = signed_headers(both, "msg_1", now(), BODY)
    for secret in both:
        Webhook(secret).verify(BODY, headers)


def test_secrets_differ_by_endpoint_salt_and_server() -> None:
    endpoint, salt = uuid.uuid4(), new_salt()
    made = {
        secret_of(SERVER, endpoint, salt),
        secret_of(SERVER, uuid.uuid4(), salt),
        secret_of(SERVER, endpoint, new_salt()),
        secret_of(SERVER[::-1], endpoint, salt),
    }
    assert len(made) == 4
