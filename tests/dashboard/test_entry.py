"""Signing up, in and out, and what a signed-in browser may do."""

from __future__ import annotations

import re

import httpx
import pytest

from tests.support.server import Server

EMAIL, PASSWORD = "ada@example.org", "correct horse battery"


async def sign_up(client: httpx.AsyncClient, email: str = EMAIL) -> httpx.Response:
    return await client.post("/sign-up", data={"email": email, "password": PASSWORD, "name": "Ada"})


async def sign_in(client: httpx.AsyncClient, email: str = EMAIL) -> httpx.Response:
    return await client.post("/sign-in", data={"email": email, "password": PASSWORD})


async def join(client: httpx.AsyncClient) -> httpx.Response:
    """Sign up and in."""
    await sign_up(client)
    return await sign_in(client)


def csrf_of(page: str) -> str:
    found = re.search(r'<meta name="csrf" content="(\w+)">', page)
    assert found
    return found[1]


async def test_sign_up_and_in_and_gives_credits(server: Server) -> None:
    async with server.client() as client:
        joined = await sign_up(client)
        assert (joined.status_code, joined.headers["location"]) == (303, "/sign-in?joined=true")
        answer = await sign_in(client)
        assert (answer.status_code, answer.headers["location"]) == (303, "/speak")
        cookie = answer.headers["set-cookie"]
        assert "HttpOnly" in cookie and "SameSite=lax" in cookie
        account = (await client.get("/v1/account")).json()
    assert account["balance"] == server.services.settings.signup_credits


async def test_a_change_needs_the_pages_token(server: Server) -> None:
    async with server.client() as client:
        await join(client)
        page = (await client.get("/keys")).text
        without = await client.post("/v1/account/keys", json={"name": "mine"})
        assert (without.status_code, without.json()["code"]) == (403, "csrf_failed")
        made = await client.post("/v1/account/keys", json={"name": "mine"}, headers={"X-CSRF-Token": csrf_of(page)})
        assert made.status_code in (200, 201), made.text
        assert made.json()["key"].startswith("vc_")


async def test_signing_out_ends_the_session(server: Server) -> None:
    async with server.client() as client:
        await join(client)
        kept = dict(client.cookies)
        await client.post("/sign-out")
    async with server.client() as again:
        answer = await again.get("/v1/account", cookies=kept)
    assert (answer.status_code, answer.json()["code"]) == (401, "signed_out")


@pytest.mark.parametrize(("email", "password"), [(EMAIL, "wrong password"), ("nobody@example.org", PASSWORD)])
async def test_a_wrong_pair_tells_nothing(server: Server, email: str, password: str) -> None:
    async with server.client() as first:
        await join(first)
    async with server.client() as client:
        answer = await client.post("/sign-in", data={"email": email, "password": password})
    assert answer.status_code == 401
    assert "Incorrect e-mail or password." in answer.text
    assert "set-cookie" not in answer.headers


async def test_attempts_are_throttled(server: Server) -> None:
    async with server.client() as client:
        answers = [await client.post("/sign-in", data={"email": EMAIL, "password": "x"}) for _ in range(12)]
    assert answers[0].status_code == 401 and answers[-1].status_code == 429


async def test_a_form_from_another_site_is_refused(server: Server) -> None:
    async with server.client(Origin="https://evil.example") as client:
        answer = await sign_up(client)
    assert answer.status_code == 403 or "form has expired" in answer.text


async def test_next_never_leads_away(server: Server) -> None:
    async with server.client() as client:
        await join(client)
        await client.post("/sign-out")
        for target in ("https://evil.example", "//evil.example", "/\\evil.example"):
            answer = await client.post("/sign-in", data={"email": EMAIL, "password": PASSWORD, "next": target})
            assert answer.headers["location"] == "/speak"
        for target in ("//evil.example", "https://evil.example"):
            assert (await client.get("/locale/fr", params={"back": target})).headers["location"] == "/"


async def test_only_the_administrator_sees_accounts(server: Server) -> None:
    async with server.client() as client:
        await join(client)
        # public_url of the test server is no loopback address: nobody becomes administrator by being first
        answer = await client.get("/v1/admin/accounts")
    assert (answer.status_code, answer.json()["code"]) == (403, "admin_only")


async def test_pages_ask_to_sign_in_and_speak_french(server: Server) -> None:
    async with server.client(**{"Accept-Language": "fr-CA,fr;q=0.9"}) as client:
        assert (await client.get("/speak")).headers["location"] == "/sign-in?next=/speak"
        page = await client.get("/")
    assert '<html lang="fr">' in page.text and "Vos mots" in page.text
    policy = page.headers["content-security-policy"]
    assert "default-src 'self'" in policy and "unsafe-inline" not in policy


async def test_every_page_draws(server: Server) -> None:
    async with server.client() as client:
        await join(client)
        for name in ("speak", "voices", "jobs", "pronunciations", "keys", "webhooks", "credits", "account"):
            for locale in ("en", "fr"):
                client.cookies.set("voicechanger_locale", locale)
                answer = await client.get(f"/{name}")
                assert answer.status_code == 200 and f'<html lang="{locale}">' in answer.text, name


@pytest.mark.parametrize(("site", "status"), [("same-origin", 201), ("same-site", 403), ("cross-site", 403)])
async def test_the_playground_may_change_things_and_other_sites_may_not(server: Server, site: str, status: int) -> None:
    async with server.client() as client:
        await join(client)
        made = await client.post("/v1/account/keys", json={"name": "mine"}, headers={"Sec-Fetch-Site": site})
    assert made.status_code == status, made.text
