"""What a worker hands to every task: services, the engine, and what other domains do when a job comes to a point."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import procrastinate

from voicechanger.infra.container import Services
from voicechanger.tts.engine import Engine

PreviewSpoken = Callable[[Services, uuid.UUID, uuid.UUID | None, Path], Awaitable[bool]]
"""Takes services, job id, voice id and the recording of a preview; False when nobody wants it any more."""
ProfileOutdated = Callable[[Services, uuid.UUID, uuid.UUID, str], Awaitable[None]]
"""Takes services, account id, voice id and the engine's encoder version."""


@dataclass(frozen=True, slots=True)
class JobHooks:
    """What jobs call in a domain above them, which they may not import; the worker registers it."""

    preview_spoken: PreviewSpoken
    """A preview's recording is made and not yet stored."""
    profile_outdated: ProfileOutdated
    """A saved voice is about to speak with a profile that another version of the encoder made."""


@dataclass(frozen=True, slots=True)
class Runtime:
    """Handed to every task through the queue's context."""

    services: Services
    engine: Engine
    hooks: JobHooks


def runtime_of(context: procrastinate.JobContext) -> Runtime:
    """Return the runtime of the worker that runs a task."""
    extra = cast("dict[str, object]", context.additional_context)  # pyright: ignore[reportUnknownMemberType]  # bare dict
    return cast(Runtime, extra["runtime"])
