"""Fixtures that every test may ask for, and which tests are slow."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from voicechanger.domains.accounts import passwords

pytest_plugins = [
    "tests.support.database",
    "tests.support.serve",
    "tests.support.server",
    "tests.support.kokoro",
    "tests.support.whole",
]
NEED_THE_MODEL = {"models", "engine", "whole"}
"""Fixtures."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark as slow what asks for the model; slow tests share one process, and with it one model."""
    for item in items:
        if operation := getattr(item, "operation_label", None):
            # Schemathesis gives all its tests one id, and xdist runs one test an id
            item._id = item.id.with_params(operation)
        if fixtures_of(item) & NEED_THE_MODEL:
            item.add_marker(pytest.mark.slow)
        if item.get_closest_marker("slow") is not None:
            item.add_marker(pytest.mark.xdist_group("slow"))
    same = [name for name, count in Counter(item.nodeid for item in items).items() if count > 1]
    if same:
        raise pytest.UsageError(f"xdist would run one of several tests of the same id: {same[:5]}")


def fixtures_of(item: pytest.Item) -> set[str]:
    """The fixtures that a test asks for, directly or not; its parameters are left out."""
    if not isinstance(item, pytest.Function):
        return set()
    parameters = item.callspec.params if hasattr(item, "callspec") else {}
    return set(item.fixturenames) - set(parameters)


@pytest.fixture(scope="session", autouse=True)
def cheap_passwords() -> Iterator[None]:
    """Hash passwords in a millisecond: the real parameters take a third of a second each."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", PasswordHash((Argon2Hasher(1, 8, 1),)))
        yield
