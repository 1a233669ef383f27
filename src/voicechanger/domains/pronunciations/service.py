"""Rules of the pronunciations of an account."""

from __future__ import annotations

import asyncio
import uuid
from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from voicechanger.domains.pronunciations import store
from voicechanger.domains.pronunciations.tables import Pronunciation
from voicechanger.infra.container import Services
from voicechanger.kit.caller import Caller
from voicechanger.kit.database import lock_account
from voicechanger.kit.errors import Conflict, FieldProblem, InvalidRequest, NotFound
from voicechanger.kit.paging import Page
from voicechanger.tts.errors import TextError
from voicechanger.tts.text.ipa import from_ipa, from_symbols
from voicechanger.tts.text.languages import AUTO, canonical, supported
from voicechanger.tts.text.lexicon import ANY, needed, written_form


@dataclass(frozen=True, slots=True)
class Wanted:
    """A pronunciation as the caller sent it."""

    word: str
    phonemes: str
    alphabet: str
    """`model` or `ipa`."""
    language: str


async def put(services: Services, caller: Caller, wanted: Wanted) -> Pronunciation:
    """Add a pronunciation, or replace the one of the same word and language.

    Raises InvalidRequest for an invalid field, Conflict at the limit of pronunciations.
    """
    entry = _checked(wanted)
    limit = services.settings.max_pronunciations
    async with services.database.transaction() as session:
        await lock_account(session, caller.account_id)
        found = await store.entry_for(session, caller.account_id, entry.word.casefold(), entry.language)
        if found is not None:
            found.word, found.phonemes = entry.word, entry.phonemes
            await session.flush()
            return found
        if await store.count(session, caller.account_id) >= limit:
            raise Conflict(
                f"The account has {limit} pronunciations, the limit; delete one first.",
                code="too_many_pronunciations",
                limit=limit,
            )
        made = Pronunciation(
            id=uuid.uuid4(),
            account_id=caller.account_id,
            word=entry.word,
            folded=entry.word.casefold(),
            language=entry.language,
            phonemes=entry.phonemes,
        )
        session.add(made)
    return made


def _checked(wanted: Wanted) -> Wanted:
    """Return the pronunciation in its stored form; raise InvalidRequest for an invalid field."""
    problems: list[FieldProblem] = []
    word, phonemes, language = wanted.word, wanted.phonemes, wanted.language
    try:
        word = written_form(word)
    except TextError as error:
        problems.append(FieldProblem("word", error.code, error.message))
    try:
        phonemes = from_ipa(phonemes) if wanted.alphabet == "ipa" else from_symbols(phonemes)
    except TextError as error:
        problems.append(FieldProblem("phonemes", error.code, error.message))
    try:
        language = language_of(language)
    except InvalidRequest as error:
        problems.extend(error.problems)
    if problems:
        raise InvalidRequest(*problems)
    return Wanted(word, phonemes, wanted.alphabet, language)


def language_of(name: str) -> str:
    """Return the tag of a language that a caller named, or `any`; raise InvalidRequest for other values."""
    if name.strip().lower() == ANY:
        return ANY
    try:
        tag = canonical(name)
    except TextError:
        tag = AUTO
    if tag == AUTO:
        valid = ", ".join([ANY, *(language.tag for language in supported())])
        raise InvalidRequest(FieldProblem("language", "unsupported_language", f"`language` must be one of: {valid}."))
    return tag


async def find(services: Services, caller: Caller, entry_id: uuid.UUID) -> Pronunciation:
    """Return a pronunciation of the caller; raise NotFound for those of other accounts."""
    async with services.database.transaction() as session:
        return _existing(await store.entry_of(session, caller.account_id, entry_id))


async def remove(services: Services, caller: Caller, entry_id: uuid.UUID) -> None:
    """Delete a pronunciation; jobs that are already accepted keep it."""
    async with services.database.transaction() as session:
        await session.delete(_existing(await store.entry_of(session, caller.account_id, entry_id)))


def _existing(entry: Pronunciation | None) -> Pronunciation:
    if entry is None:
        raise NotFound("This pronunciation does not exist.", code="pronunciation_not_found")
    return entry


async def page_of(
    services: Services, caller: Caller, *, q: str, language: str | None, limit: int, cursor: str | None
) -> Page[Pronunciation]:
    """Return a page of the caller's pronunciations, newest first."""
    tag = None if language is None else language_of(language)
    async with services.database.transaction() as session:
        return await store.page_of(session, caller.account_id, q=q.casefold(), language=tag, limit=limit, cursor=cursor)


async def lexicon_for(session: AsyncSession, account_id: uuid.UUID, text: str) -> dict[str, dict[str, str]] | None:
    """Return the lexicon of a text: the account's pronunciations that it may need; None when there are none."""
    rows = await store.all_of(session, account_id)
    if not rows:
        return None
    lexicon: dict[str, dict[str, str]] = defaultdict(dict)
    for language, word, phonemes in rows:
        lexicon[language][word] = phonemes
    # in a thread: comparing thousands of entries with a long text would block the event loop
    return await asyncio.to_thread(needed, lexicon, text) or None
