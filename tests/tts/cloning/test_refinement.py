"""What is kept between two rounds survives its stored form, also that of older versions."""

from __future__ import annotations

import base64
import json
from dataclasses import asdict

import pytest

from voicechanger.tts.cloning.refinement import Refinement

STATE = {"spectral_eq": [0.5], "steps": 3, "fit": bytes(range(256)), "more": b""}
FOUND = Refinement("offsets-2", rounds=2, likeness_before=0.5, state=STATE)


def test_bytes_stay_bytes() -> None:
    data = FOUND.to_bytes()
    assert Refinement.from_bytes(data) == FOUND
    # the arrays are stored as they are, not as text
    assert bytes(range(256)) in data


def test_the_json_of_older_versions_is_read() -> None:
    older = asdict(FOUND) | {"state": {"colour": [0.5], "fit": base64.b64encode(b"abc").decode()}}
    state = Refinement.from_bytes(json.dumps(older).encode()).state
    assert state == {"spectral_eq": [0.5], "fit": b"abc"}


@pytest.mark.parametrize("data", [b'{"rounds": 1}', b"\x02\x00\x00\x00{]", b"", b'{"encoder_version": "1", "what": 2}'])
def test_anything_else_is_refused(data: bytes) -> None:
    with pytest.raises((TypeError, ValueError)):
        Refinement.from_bytes(data)
