"""Send one POST request to a URL that a user chose, without reaching hosts of the private network.

The host name is resolved once. Each of its IP addresses must be allowed, and the connection goes to one of these
addresses, so that a second DNS answer (DNS rebinding) has no effect. Redirects are not followed, proxies of the
environment are not used, and only the first bytes of the response are read, without decompression.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Final

import httpx

from voicechanger import __version__
from voicechanger.domains.webhooks.addresses import PORTS, IpAddress, may_reach

SECONDS: Final = 10.0
"""Limit of the whole attempt: DNS, connection, request and first bytes of the response."""
EXCERPT_BYTES: Final = 512

Resolve = Callable[[str, int], Awaitable[list[IpAddress]]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of one attempt."""

    code: int | None
    """HTTP status of the response; None without a response."""
    excerpt: str
    """The first bytes of the response."""
    error: str | None
    """Why the attempt failed; None if it succeeded."""
    milliseconds: int

    @property
    def delivered(self) -> bool:
        """Return whether the receiver accepted the message."""
        return self.error is None


class Refused(Exception):
    """The request is not allowed."""


async def system_resolve(host: str, port: int) -> list[IpAddress]:
    """Resolve a name with the system resolver; unusual notations such as 0x7f.1 become normal IP addresses."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(ipaddress.ip_address(str(item[4][0])) for item in found))


@cache
def trusted() -> ssl.SSLContext:
    """Return a TLS context with the certificates that httpx trusts, loaded once."""
    return httpx.create_ssl_context(trust_env=False)


@dataclass(frozen=True, slots=True)
class Sender:
    """Sends webhook requests; the settings decide whether http and private addresses are allowed."""

    allow_http: bool = False
    allow_private: bool = False
    resolve: Resolve = system_resolve
    tls: ssl.SSLContext = field(default_factory=trusted)

    async def post(self, url: str, headers: dict[str, str], payload: str) -> Outcome:
        """Make one attempt; the outcome holds any failure, and nothing is raised."""
        began = time.monotonic()
        code, excerpt, error = None, "", None
        try:
            async with asyncio.timeout(SECONDS):
                code, excerpt = await self._post(httpx.URL(url), headers, payload)
            error = _not_success(code)
        except Refused as refusal:
            error = str(refusal)
        except TimeoutError:
            error = f"timeout: no response within {SECONDS:g} s"
        except (socket.gaierror, UnicodeError) as failure:
            error = f"name_not_found: {failure}"
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as failure:
            error = f"connection_failed: {type(failure).__name__}: {failure}"
        return Outcome(code, excerpt, error[:300] if error else None, round((time.monotonic() - began) * 1000))

    async def _post(self, url: httpx.URL, headers: dict[str, str], payload: str) -> tuple[int, str]:
        port = url.port or (443 if url.scheme == "https" else 80)
        self._check(url, port)
        addresses = await self.resolve(url.host, port)
        if not addresses:
            raise Refused(f"name_not_found: {url.host} has no IP address")
        for address in addresses:
            if not may_reach(address, allow_private=self.allow_private):
                raise Refused(f"address_refused: {url.host} resolves to {address}, which is not on the public Internet")
        # a new client each time: an open connection for one name must not be used for another at the same address
        async with httpx.AsyncClient(
            verify=self.tls, trust_env=False, follow_redirects=False, timeout=SECONDS
        ) as client:
            return await _first_that_connects(client, url, addresses, headers, payload)

    def _check(self, url: httpx.URL, port: int) -> None:
        if url.scheme != "https" and not (self.allow_http and url.scheme == "http"):
            raise Refused(f"scheme_refused: {url.scheme} is not allowed; use https")
        if port not in PORTS and not self.allow_private:
            raise Refused(f"port_refused: port {port} is not allowed")


async def _first_that_connects(
    client: httpx.AsyncClient, url: httpx.URL, addresses: list[IpAddress], headers: dict[str, str], payload: str
) -> tuple[int, str]:
    for address in addresses[:-1]:
        try:
            return await _ask(client, url, address, headers, payload)
        except httpx.ConnectError:
            continue
    return await _ask(client, url, addresses[-1], headers, payload)


async def _ask(
    client: httpx.AsyncClient, url: httpx.URL, address: IpAddress, headers: dict[str, str], payload: str
) -> tuple[int, str]:
    request = client.build_request(
        "POST",
        url.copy_with(host=str(address)),
        headers={
            **headers,
            "Host": url.netloc.decode("ascii"),
            "Content-Type": "application/json",
            "User-Agent": f"VoiceChangerAPI/{__version__}",
            "Accept-Encoding": "identity",
        },
        content=payload.encode(),
        # the certificate is checked against the name, although the connection uses the IP address
        extensions={"sni_hostname": url.host},
    )
    answer = await client.send(request, stream=True)
    try:
        body = b""
        async for piece in answer.aiter_raw():
            body += piece
            if len(body) >= EXCERPT_BYTES:
                break
        # PostgreSQL cannot store NUL in text
        return answer.status_code, body[:EXCERPT_BYTES].decode("utf-8", "replace").replace(
            "\0", "\N{REPLACEMENT CHARACTER}"
        )
    finally:
        await answer.aclose()


def _not_success(code: int) -> str | None:
    if 200 <= code < 300:
        return None
    if 300 <= code < 400:
        return "redirect: redirects are not followed; use the final URL"
    return f"status: the receiver responded with {code}"
