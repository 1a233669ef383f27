"""The answer that streams a recording, and settles its job however the connection ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping

from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from voicechanger.domains.jobs.streaming import Stream


class SpeechStream(StreamingResponse):
    """Settles once, after the last byte; a generator that is never started or cut off could not."""

    def __init__(
        self,
        stream: Stream,
        body: AsyncGenerator[bytes] | AsyncGenerator[str],
        media_type: str,
        headers: Mapping[str, str],
    ) -> None:
        super().__init__(body, media_type=media_type, headers=headers)
        self._stream = stream

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Stream until the end or until the listener leaves."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            await asyncio.shield(self._stream.settle())
