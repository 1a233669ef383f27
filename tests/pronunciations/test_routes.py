"""The dictionary over HTTP: what it takes, refuses, lists and forgets."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, func, select

from tests.support.server import Member, Server, settings_for
from voicechanger.domains.accounts import service as accounts
from voicechanger.domains.accounts.tables import Account
from voicechanger.domains.pronunciations.tables import Pronunciation
from voicechanger.settings import Settings

WORDS = "/v1/account/pronunciations"
LIMIT = 4


@pytest.fixture
def server_settings(fresh_database_url: str, tmp_path: Path) -> Settings:
    """A dictionary that is soon full."""
    return settings_for(fresh_database_url, tmp_path, max_pronunciations=LIMIT)


async def put(member: Member, word: str = "Nguyen", phonemes: str = "wˈɪn", **fields: str) -> dict[str, Any]:
    answer = await member.client.put(WORDS, json={"word": word, "phonemes": phonemes, **fields})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def words(member: Member, **query: str | int) -> list[str]:
    answer = await member.client.get(WORDS, params=query)
    assert answer.status_code == 200, answer.text
    return [item["word"] for item in answer.json()["items"]]


async def test_set_show_replace_delete(member: Member) -> None:
    made = await put(member)
    assert (made["word"], made["phonemes"], made["language"]) == ("Nguyen", "wˈɪn", "any")
    assert (await member.client.get(f"{WORDS}/{made['id']}")).json() == made
    again = await put(member, "NGUYEN", "ŋwˈiən")
    assert (again["id"], again["word"], again["phonemes"]) == (made["id"], "NGUYEN", "ŋwˈiən")
    assert again["created_at"] == made["created_at"] and again["updated_at"] > made["updated_at"]
    assert await words(member) == ["NGUYEN"]
    assert (await member.client.delete(f"{WORDS}/{made['id']}")).status_code == 204
    gone = await member.client.get(f"{WORDS}/{made['id']}")
    assert (gone.status_code, gone.json()["code"]) == (404, "pronunciation_not_found")
    assert await words(member) == []


async def test_a_word_may_have_an_entry_in_each_language(member: Member) -> None:
    entries = [await put(member, "chat", "ʃˈa", language=name) for name in ("fr", "any", "EN", "pt_BR")]
    assert [entry["language"] for entry in entries] == ["fr", "any", "en-us", "pt-br"]
    assert len({entry["id"] for entry in entries}) == 4
    assert len(await words(member, language="en")) == 1


async def test_ipa_becomes_symbols_of_the_model(member: Member) -> None:
    given = "təˈmeɪtoʊ"
    assert (await put(member, "tomato", given, alphabet="ipa"))["phonemes"] == "təˈmAtO"
    assert (await put(member, "tomato", given))["phonemes"] == given
    assert (await put(member, "chair", "t͡ʃɛɹ"))["phonemes"] == "ʧɛɹ"


async def test_pages_and_search(member: Member) -> None:
    for word in ("Nguyen", "100%er", "GUYANA"):
        await put(member, word)
    first = (await member.client.get(WORDS, params={"limit": 2})).json()
    second = (await member.client.get(WORDS, params={"limit": 2, "cursor": first["next_cursor"]})).json()
    assert [item["word"] for item in first["items"] + second["items"]] == ["GUYANA", "100%er", "Nguyen"]
    assert second["next_cursor"] is None
    assert await words(member, q="GUY") == ["GUYANA", "Nguyen"]
    assert await words(member, q="%") == ["100%er"]
    answer = await member.client.get(WORDS, params={"cursor": "x"})
    assert answer.json()["code"] == "invalid_cursor"


BAD: list[tuple[dict[str, Any], str, str]] = [
    ({"word": "New York"}, "word", "invalid_word"),
    ({"word": "«mot»"}, "word", "invalid_word"),
    ({"word": "…"}, "word", "invalid_word"),
    ({"word": "x" * 61}, "word", "invalid_word"),
    ({"word": "a\x00b"}, "word", "field_invalid"),
    ({"word": ""}, "word", "field_invalid"),
    ({"phonemes": "ж"}, "phonemes", "unknown_phonemes"),
    ({"phonemes": "ˈ"}, "phonemes", "unknown_phonemes"),
    ({"phonemes": "a" * 101}, "phonemes", "field_invalid"),
    ({"alphabet": "sampa"}, "alphabet", "field_invalid"),
    ({"language": "de"}, "language", "unsupported_language"),
    ({"language": "auto"}, "language", "unsupported_language"),
    ({"sound": "x"}, "sound", "unknown_field"),
]


@pytest.mark.parametrize(("change", "field", "code"), BAD)
async def test_a_bad_entry_is_refused(member: Member, change: dict[str, Any], field: str, code: str) -> None:
    answer = await member.client.put(WORDS, json={"word": "mot", "phonemes": "mˈo", **change})
    body = answer.json()
    assert (answer.status_code, body["code"]) == (422, code), answer.text
    assert [problem["field"] for problem in body["errors"]] == [field]
    assert await words(member) == []


async def test_every_wrong_field_is_named_at_once(member: Member) -> None:
    answer = await member.client.put(WORDS, json={"word": "…", "phonemes": "ж", "language": "de"})
    assert {(e["field"], e["code"]) for e in answer.json()["errors"]} == {
        ("word", "invalid_word"),
        ("phonemes", "unknown_phonemes"),
        ("language", "unsupported_language"),
    }


async def test_a_full_dictionary_still_takes_changes(member: Member, other: Member) -> None:
    for number in range(LIMIT):
        await put(member, f"word{number}")
    answer = await member.client.put(WORDS, json={"word": "more", "phonemes": "mˈɔɹ"})
    body = answer.json()
    assert (answer.status_code, body["code"], body["limit"]) == (409, "too_many_pronunciations", LIMIT)
    assert (await put(member, "Word0", "wˈʌn"))["phonemes"] == "wˈʌn"
    await put(other)


async def test_another_accounts_entry_is_not_found(member: Member, other: Member) -> None:
    made = await put(member)
    for method in ("GET", "DELETE"):
        answer = await other.client.request(method, f"{WORDS}/{made['id']}")
        assert (answer.status_code, answer.json()["code"]) == (404, "pronunciation_not_found")
    assert await words(other) == [] and await words(member) == ["Nguyen"]
    assert (await member.client.get(f"{WORDS}/{uuid.uuid4()}")).status_code == 404


async def test_a_key_needs_the_scope(member: Member, server: Server) -> None:
    async with server.services.database.transaction() as session:
        _, key = await accounts.create_key(session, member.account_id, "narrow", scopes=["speech", "jobs"])
    async with server.client(**{"X-API-Key": key}) as client:
        answers = [
            await client.get(WORDS),
            await client.put(WORDS, json={"word": "a", "phonemes": "a"}),
            await client.get(f"{WORDS}/{uuid.uuid4()}"),
            await client.delete(f"{WORDS}/{uuid.uuid4()}"),
        ]
    assert {(a.status_code, a.json()["code"]) for a in answers} == {(403, "scope_missing")}


async def test_it_goes_with_the_account(member: Member, other: Member, server: Server) -> None:
    await put(member)
    await put(other)
    async with server.services.database.transaction() as session:
        await session.execute(delete(Account).where(Account.id == other.account_id))
        owners = list(await session.scalars(select(Pronunciation.account_id)))
        assert owners == [member.account_id]
        assert await session.scalar(select(func.count()).select_from(Pronunciation)) == 1
