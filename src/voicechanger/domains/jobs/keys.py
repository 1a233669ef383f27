"""Storage keys of what a job makes."""

from __future__ import annotations

import uuid


def parts_prefix(account_id: uuid.UUID, job_id: uuid.UUID) -> str:
    """Return the folder of a job's finished utterances."""
    return f"parts/{account_id}/{job_id}"


def stream_prefix(account_id: uuid.UUID, job_id: uuid.UUID) -> str:
    """Return the folder of a streamed job's bytes."""
    return f"streams/{account_id}/{job_id}"


def stream_key(account_id: uuid.UUID, job_id: uuid.UUID, number: int) -> str:
    """Return the key of one piece of a stream, counted from 0."""
    return f"{stream_prefix(account_id, job_id)}/{number:06}"


def result_key(account_id: uuid.UUID, job_id: uuid.UUID, lease: uuid.UUID, extension: str) -> str:
    """Return the key of a result.

    It holds the lease token: a worker taken for dead writes beside the result, never over it.
    """
    return f"{result_prefix(account_id, job_id)}/{lease}.{extension}"


def result_prefix(account_id: uuid.UUID, job_id: uuid.UUID) -> str:
    """Return the folder of a job's results."""
    return f"results/{account_id}/{job_id}"


def job_prefixes(account_id: uuid.UUID, job_id: uuid.UUID) -> tuple[str, ...]:
    """Return every folder in which a job keeps files."""
    return tuple(prefix(account_id, job_id) for prefix in (result_prefix, parts_prefix, stream_prefix))
