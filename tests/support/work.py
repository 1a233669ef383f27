"""A worker in the test's own process: what is due is run, as a worker process does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

import numpy as np
from sqlalchemy import text

from tests.support.server import Server
from voicechanger.infra.queue.names import LIGHT_QUEUE, SPEECH_QUEUE
from voicechanger.tts.cloning.refinement import Refinement
from voicechanger.tts.engine import Engine
from voicechanger.tts.errors import ClipError
from voicechanger.tts.voice import DECODER_LAYERS, STYLE_SIZE, Voice
from voicechanger.worker.process import register_tasks
from voicechanger.worker.runtime import runtime_for

BETTER_PITCH = 123.0
"""Median pitch of a voice that `Listener` has refined."""
ROUNDS = 2
"""Of `Listener`."""


class Listener:
    """An encoder at the engine's seam, which hears every clip alike and cannot speak."""

    def __init__(self, version: str = "1", refuses: bool = False, before: Callable[[], None] | None = None) -> None:
        self.encoder_version = version
        self.heard = 0
        self.likenesses = [0.5] * ROUNDS
        self.rounds: list[int] = []
        self._refuses, self._before = refuses, before

    def encode(self, clip: Any, rate: int) -> Voice:
        """A voice of zeros."""
        self.heard += 1
        assert clip.size > rate
        if self._before is not None:
            self._before()
        if self._refuses:
            raise ClipError("clip_no_speech", "The recording holds no speech.")
        return self._voice()

    def refine(self, clip: Any, rate: int, so_far: Refinement | None) -> tuple[Refinement, Voice]:
        """The next of `likenesses`; a better voice is told by its pitch."""
        state = so_far or Refinement(self.encoder_version)
        found = self.likenesses[state.rounds]
        before = state.likeness_before if state.rounds else found
        rounds = state.rounds + 1
        state = replace(state, rounds=rounds, done=rounds == ROUNDS, likeness_before=before, likeness_after=found)
        self.rounds.append(state.rounds)
        return state, self._voice(BETTER_PITCH if state.better else 0.0)

    def refine_prepared(self, clip_sha256: str, so_far: Refinement | None) -> tuple[Refinement, Voice] | None:
        """Nothing is kept between rounds."""
        return None

    def _voice(self, pitch: float = 0.0) -> Voice:
        offsets = np.zeros((DECODER_LAYERS, STYLE_SIZE // 2), np.float32)
        return Voice(np.zeros(STYLE_SIZE, np.float32), offsets, pitch, 0.0, 1.0, self.encoder_version)


async def work(server: Server, engine: Any = None, queues: tuple[str, ...] = (SPEECH_QUEUE, LIGHT_QUEUE)) -> None:
    """Run everything that is due."""
    app = server.services.queue.app
    register_tasks(app)
    await app.run_worker_async(
        queues=list(queues),
        wait=False,
        concurrency=1,
        install_signal_handlers=False,
        delete_jobs="successful",
        additional_context={"runtime": runtime_for(server.services, cast(Engine, engine))},
    )


async def hurry(server: Server) -> None:
    """Make everything that waits for its time due now."""
    async with server.services.database.transaction() as session:
        await session.execute(text("UPDATE procrastinate_jobs SET scheduled_at = now() WHERE scheduled_at IS NOT NULL"))
