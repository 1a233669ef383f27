"""Passwords: argon2id through pwdlib, checked in a thread because it is meant to be slow."""

from __future__ import annotations

import asyncio
import functools
from weakref import WeakKeyDictionary

from pwdlib import PasswordHash

from voicechanger.kit.errors import FieldProblem, InvalidRequest

MIN_LENGTH = 10
MAX_LENGTH = 200
"""Longer ones would only feed the hash."""

_AT_ONCE = 2
"""Passwords that are hashed at the same time; further ones wait, so that other requests keep a processor."""

_hasher = PasswordHash.recommended()
_turns: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()


def _turn() -> asyncio.Semaphore:
    """Return the semaphore of this event loop."""
    return _turns.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(_AT_ONCE))


def check_strength(password: str) -> None:
    """InvalidRequest when a password is too short, too long or one character repeated."""
    if len(password) < MIN_LENGTH or len(set(password)) < 4:
        raise InvalidRequest(
            FieldProblem("password", "password_weak", f"Choose a password of at least {MIN_LENGTH} varied characters.")
        )
    if len(password) > MAX_LENGTH:
        raise InvalidRequest(
            FieldProblem("password", "password_too_long", f"Choose a password of at most {MAX_LENGTH} characters.")
        )


async def hash_password(password: str) -> str:
    """What is stored."""
    check_strength(password)
    async with _turn():
        return await asyncio.to_thread(_hasher.hash, password)


async def matches(password: str, stored: str | None) -> bool:
    """Whether a password is the stored one; takes as long when there is none."""
    async with _turn():
        right = await asyncio.to_thread(_verify, password[:MAX_LENGTH], stored)
    return right and stored is not None


def _verify(password: str, stored: str | None) -> bool:
    return _hasher.verify(password, stored or _nobody())


@functools.cache
def _nobody() -> str:
    """What is checked when there is no such account; made at first use, for it takes a third of a second."""
    return _hasher.hash("no account has this password")
