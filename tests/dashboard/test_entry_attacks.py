"""Sign-in, sign-up and setup as an attacker meets them."""

from __future__ import annotations

import asyncio
import uuid
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select, update

from tests.dashboard.test_entry import EMAIL, PASSWORD, csrf_of, sign_in, sign_up
from tests.support.server import Server, settings_for
from voicechanger.domains.accounts import setup, store
from voicechanger.domains.accounts.tables import Account, SetupToken, SignIn
from voicechanger.infra.container import open_services
from voicechanger.kit.database import now
from voicechanger.server import create_app

LONG = "a" * 130 + "@example.org"


def client_from(server: Server, address: str, **headers: str) -> httpx.AsyncClient:
    """A client whose connection comes from an address."""
    transport = httpx.ASGITransport(server.app, raise_app_exceptions=False, client=(address, 50_000))
    return httpx.AsyncClient(transport=transport, base_url="http://testserver", headers=headers)


async def new_token(server: Server) -> str:
    async with server.services.database.transaction() as session:
        return await setup.new_token(session)


async def administrators(server: Server) -> int:
    async with server.services.database.transaction() as session:
        return len(list(await session.scalars(select(Account.id).where(Account.is_admin))))


@pytest.mark.parametrize(("email", "status"), [(LONG, 401), ("a\0b@example.org", 422)])
async def test_an_odd_email_is_refused_and_counted(server: Server, email: str, status: int) -> None:
    async with server.client() as client:
        answers = [await client.post("/sign-in", data={"email": email, "password": PASSWORD}) for _ in range(12)]
    assert answers[0].status_code == status
    assert answers[-1].status_code in (422, 429)


async def test_an_attacked_address_still_gets_in_from_its_own_network(server: Server) -> None:
    async with client_from(server, "192.0.2.1") as owner:
        await sign_up(owner)
        async with client_from(server, "198.51.100.9") as attacker:
            for _ in range(12):
                answer = await attacker.post("/sign-in", data={"email": EMAIL, "password": "wrong password"})
            assert answer.status_code == 429
        assert (await sign_in(owner)).status_code == 303


async def test_right_passwords_are_not_counted(server: Server) -> None:
    async with server.client() as client:
        await sign_up(client)
        assert {(await sign_in(client)).status_code for _ in range(12)} == {303}


async def test_the_addresses_of_one_ipv6_network_count_together(server: Server) -> None:
    for number in range(12):
        async with client_from(server, f"2001:db8::{number + 1:x}") as client:
            answer = await client.post("/sign-in", data={"email": EMAIL, "password": "wrong password"})
    assert answer.status_code == 429


async def test_sign_ups_of_a_network_are_few(server: Server) -> None:
    answers: list[httpx.Response] = []
    for number in range(11):
        async with client_from(server, f"2001:db8::{number + 1:x}") as client:
            answers.append(await sign_up(client, f"{number}@example.org"))
    assert [answer.status_code for answer in answers] == [303] * 10 + [429]


async def test_sign_up_does_not_tell_whether_an_address_is_taken(server: Server) -> None:
    async with server.client() as client:
        first, second = await sign_up(client), await sign_up(client)
    assert (first.status_code, first.headers["location"]) == (second.status_code, second.headers["location"])
    assert first.text == second.text
    async with server.services.database.transaction() as session:
        assert len(list(await session.scalars(select(Account.id)))) == 1


@pytest.mark.parametrize(
    ("rule", "address", "host", "headers", "status"),
    [
        ("loopback", "127.0.0.1", "localhost:8000", {}, 303),
        ("loopback", "127.0.0.1", "localhost:8000", {"X-Forwarded-For": "127.0.0.1"}, 403),
        ("loopback", "192.0.2.1", "localhost:8000", {}, 403),
        ("closed", "127.0.0.1", "localhost:8000", {}, 403),
        ("open", "127.0.0.1", "localhost:8000", {"X-Forwarded-For": "192.0.2.1"}, 303),
    ],
)
async def test_who_may_sign_up(
    fresh_database_url: str, tmp_path: Path, rule: str, address: str, host: str, headers: dict[str, str], status: int
) -> None:
    settings = settings_for(fresh_database_url, tmp_path, sign_up=rule)
    async with open_services(settings) as services:
        app = create_app(settings)
        app.state.services = services
        async with client_from(Server(app, services), address, Host=host, **headers) as client:
            assert (await sign_up(client)).status_code == status


async def test_nobody_becomes_administrator_by_an_address(server: Server) -> None:
    async with client_from(server, "127.0.0.1", Host="localhost") as client:
        await sign_up(client)
        await sign_in(client)
        assert (await client.get("/v1/admin/accounts")).status_code == 403
    assert await administrators(server) == 0


async def test_of_four_with_the_token_one_is_administrator(server: Server) -> None:
    token = await new_token(server)
    async with server.client() as client:
        answers = await asyncio.gather(
            *(
                client.post("/setup", data={"token": token, "email": f"{n}@example.org", "password": PASSWORD})
                for n in range(4)
            )
        )
    assert sorted(answer.status_code for answer in answers) == [303, 403, 403, 403]
    assert await administrators(server) == 1


async def test_the_token_makes_one_administrator_and_ends(server: Server) -> None:
    token = await new_token(server)
    body = {"token": token, "email": EMAIL, "password": PASSWORD}
    async with server.client() as client:
        assert token in (await client.get("/setup", params={"token": token})).text
        assert (await client.post("/setup", data={**body, "token": token[:-1]})).status_code == 403
        assert (await client.post("/setup", data=body)).status_code == 303
        assert (await client.get("/v1/admin/accounts")).status_code == 200
    async with server.client() as stranger:
        assert (await stranger.post("/setup", data={**body, "email": "bob@example.org"})).status_code == 403


async def test_the_token_expires_and_a_newer_one_ends_it(server: Server) -> None:
    old, new = await new_token(server), await new_token(server)
    body = {"email": EMAIL, "password": PASSWORD}
    async with server.client() as client:
        assert (await client.post("/setup", data={**body, "token": old})).status_code == 403
        async with server.services.database.transaction() as session:
            await session.execute(update(SetupToken).values(expires_at=now()))
        assert (await client.post("/setup", data={**body, "token": new})).status_code == 403


async def test_the_first_account_gets_its_owner(server: Server) -> None:
    async with server.services.database.transaction() as session:
        first = Account(name="First account", is_admin=True)
        session.add(first)
        await session.flush()
        token = await setup.new_token(session)
        assert await setup.is_needed(session)
    async with server.client() as client:
        await client.post("/setup", data={"token": token, "email": EMAIL, "password": PASSWORD})
    async with server.services.database.transaction() as session:
        owner = await store.account_by_email(session, EMAIL)
        assert owner is not None and owner.id == first.id
        assert not await setup.is_needed(session)


async def test_a_session_ends_at_last_however_often_it_is_used(server: Server) -> None:
    async with server.client() as client:
        await sign_up(client)
        await sign_in(client)
        async with server.services.database.transaction() as session:
            moment = now()
            await session.execute(
                update(SignIn).values(
                    created_at=moment - timedelta(days=29),
                    seen_at=moment - timedelta(hours=1),
                    expires_at=moment + timedelta(days=1),
                )
            )
        assert (await client.get("/v1/account")).status_code == 200
        async with server.services.database.transaction() as session:
            ends = await session.scalar(select(SignIn.expires_at))
            assert ends is not None and ends < moment + timedelta(days=2)
            await session.execute(update(SignIn).values(created_at=moment - timedelta(days=31)))
        assert (await client.get("/v1/account")).status_code == 401


async def change(client: httpx.AsyncClient, old: str, **more: bool) -> httpx.Response:
    csrf = csrf_of((await client.get("/account")).text)
    body = {"old_password": old, "new_password": "another long password", **more}
    return await client.post("/v1/account/password", json=body, headers={"X-CSRF-Token": csrf})


async def test_guesses_of_the_old_password_are_few(server: Server) -> None:
    async with server.client() as client:
        await sign_up(client)
        await sign_in(client)
        answers = [await change(client, f"wrong {number}") for number in range(6)]
    assert [answer.status_code for answer in answers] == [422] * 5 + [429]


@pytest.mark.parametrize("revoke", [False, True])
async def test_a_new_password_ends_sessions_and_keys_if_asked(server: Server, revoke: bool) -> None:
    async with server.client() as client, server.client() as elsewhere:
        await sign_up(client)
        await sign_in(client)
        await sign_in(elsewhere)
        csrf = csrf_of((await client.get("/account")).text)
        made = await client.post("/v1/account/keys", json={"name": "mine"}, headers={"X-CSRF-Token": csrf})
        answer = await change(client, PASSWORD, revoke_keys=revoke)
        assert answer.status_code == 200, answer.text
        assert [key["name"] for key in answer.json()["keys"]] == ([] if revoke else ["mine"])
        assert (await elsewhere.get("/v1/account")).status_code == 401
        assert (await client.get("/v1/account")).status_code == 200
    async with server.client(**{"X-API-Key": made.json()["key"]}) as program:
        assert (await program.get("/v1/account")).status_code == (401 if revoke else 200)


async def test_under_https_the_cookie_is_bound_to_the_host(fresh_database_url: str, tmp_path: Path) -> None:
    settings = settings_for(fresh_database_url, tmp_path, public_url="https://testserver")
    async with open_services(settings) as services:
        app = create_app(settings)
        app.state.services = services
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="https://testserver") as client:
            await sign_up(client)
            answer = await sign_in(client)
            assert answer.headers["set-cookie"].startswith("__Host-voicechanger_session=")
            assert {"Secure", "Path=/", "HttpOnly"} <= {
                part.strip() for part in answer.headers["set-cookie"].split(";")
            }
            assert answer.headers["strict-transport-security"] == "max-age=31536000"
            assert (await client.get("/v1/account")).status_code == 200
            assert "Secure" in (await client.post("/sign-out")).headers["set-cookie"]


async def test_a_random_token_is_refused(server: Server) -> None:
    async with server.client() as client:
        for token in ("", str(uuid.uuid4())):
            answer = await client.post("/setup", data={"token": token, "email": EMAIL, "password": PASSWORD})
            assert answer.status_code == 403
