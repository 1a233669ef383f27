"""What this worker hands to its tasks, with the hooks that domains register with the jobs below them."""

from __future__ import annotations

from voicechanger.domains import tables
from voicechanger.domains.runtime import JobHooks, Runtime
from voicechanger.domains.voices.previews import keep_preview
from voicechanger.domains.voices.refine_tasks import begin_again
from voicechanger.infra.container import Services
from voicechanger.tts.engine import Engine

METADATA = tables.METADATA
"""Loaded for its foreign keys: a worker writes tables that refer to some whose domains it never calls."""

HOOKS = JobHooks(preview_spoken=keep_preview, profile_outdated=begin_again)


def runtime_for(services: Services, engine: Engine) -> Runtime:
    """Return the runtime of a worker."""
    return Runtime(services, engine, HOOKS)
