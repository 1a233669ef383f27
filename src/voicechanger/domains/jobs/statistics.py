"""Counts of jobs, for metrics and the administrator."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from voicechanger.domains.jobs import store


async def open_by_status(session: AsyncSession) -> dict[str, int]:
    """Return how many jobs of all accounts are queued and processing."""
    return await store.count_open_by_status(session)


async def ended_by_status(session: AsyncSession, since: datetime) -> dict[str, int]:
    """Return how many jobs of all accounts ended after `since`, by their status."""
    return await store.count_ended_by_status(session, since)


async def oldest_queued_at(session: AsyncSession) -> datetime | None:
    """Return when the oldest queued job was accepted; None when no job is queued."""
    return await store.oldest_queued_at(session)
