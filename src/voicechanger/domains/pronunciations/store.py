"""All SQL on pronunciations."""

from __future__ import annotations

import uuid

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from voicechanger.domains.pronunciations.tables import Pronunciation
from voicechanger.kit.paging import Page, newest_first, paginate


async def entry_of(session: AsyncSession, account_id: uuid.UUID, entry_id: uuid.UUID) -> Pronunciation | None:
    """Return one pronunciation of an account."""
    return await session.scalar(
        select(Pronunciation).where(Pronunciation.account_id == account_id, Pronunciation.id == entry_id)
    )


async def entry_for(session: AsyncSession, account_id: uuid.UUID, folded: str, language: str) -> Pronunciation | None:
    """Return the pronunciation of a case-folded word in a language."""
    return await session.scalar(
        select(Pronunciation).where(
            Pronunciation.account_id == account_id,
            Pronunciation.folded == folded,
            Pronunciation.language == language,
        )
    )


async def count(session: AsyncSession, account_id: uuid.UUID) -> int:
    """Return how many pronunciations an account has."""
    found = await session.scalar(
        select(func.count()).select_from(Pronunciation).where(Pronunciation.account_id == account_id)
    )
    return int(found or 0)


async def page_of(
    session: AsyncSession,
    account_id: uuid.UUID,
    *,
    q: str,
    language: str | None,
    limit: int,
    cursor: str | None,
) -> Page[Pronunciation]:
    """Return a page of the pronunciations whose case-folded word contains `q`, newest first."""
    query = select(Pronunciation).where(Pronunciation.account_id == account_id)
    if q:
        query = query.where(Pronunciation.folded.contains(q, autoescape=True))
    if language is not None:
        query = query.where(Pronunciation.language == language)
    return await paginate(session, query, newest_first(Pronunciation), limit, cursor)


async def all_of(session: AsyncSession, account_id: uuid.UUID) -> list[tuple[str, str, str]]:
    """Return language, case-folded word and phonemes of each pronunciation of an account."""
    found = await session.execute(
        select(Pronunciation.language, Pronunciation.folded, Pronunciation.phonemes).where(
            Pronunciation.account_id == account_id
        )
    )
    return [(language, word, phonemes) for language, word, phonemes in found]
