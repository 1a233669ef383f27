"""What a worker holds beside the services: the engine, loaded once and used by one job at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import procrastinate

from voicechanger.infra.services import Services
from voicechanger.tts.engine import Engine


@dataclass(frozen=True, slots=True)
class Runtime:
    """Handed to every task through the queue's context."""

    services: Services
    engine: Engine


def runtime_of(context: procrastinate.JobContext) -> Runtime:
    """The runtime of the worker that runs a task."""
    extra = cast("dict[str, object]", context.additional_context)  # pyright: ignore[reportUnknownMemberType]  # bare dict
    return cast(Runtime, extra["runtime"])
