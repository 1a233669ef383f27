"""Where in storage a job keeps what it makes."""

from __future__ import annotations

import uuid


def parts_prefix(account_id: uuid.UUID, job_id: uuid.UUID) -> str:
    """Folder of a job's finished utterances."""
    return f"parts/{account_id}/{job_id}"


def stream_prefix(account_id: uuid.UUID, job_id: uuid.UUID) -> str:
    """Folder of a streamed job's bytes."""
    return f"streams/{account_id}/{job_id}"


def stream_key(account_id: uuid.UUID, job_id: uuid.UUID, number: int) -> str:
    """Key of one piece of a stream, from 0."""
    return f"{stream_prefix(account_id, job_id)}/{number:06}"
