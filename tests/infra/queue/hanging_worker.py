"""A worker process that takes a speech job up and never comes back: its model hangs.  Killed by a test.

python -m tests.infra.queue.hanging_worker DATABASE_URL FOLDER
"""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path
from typing import Any, cast

from tests.support.server import settings_for
from voicechanger.infra.container import open_services
from voicechanger.infra.queue.names import SPEECH_QUEUE
from voicechanger.tts.engine import Engine
from voicechanger.worker.process import register_tasks
from voicechanger.worker.runtime import runtime_for


class Hanging:
    """A model whose encoder never answers."""

    encoder_version = "hanging"

    def encode(self, *_: Any) -> None:
        """Never return."""
        time.sleep(3600)


async def main(database_url: str, folder: str) -> None:
    """Work on speech jobs for ever."""
    async with open_services(settings_for(database_url, Path(folder))) as services:
        app = services.queue.app
        register_tasks(app)
        runtime = runtime_for(services, cast(Engine, Hanging()))
        await app.run_worker_async(
            queues=[SPEECH_QUEUE], install_signal_handlers=False, additional_context={"runtime": runtime}
        )


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
