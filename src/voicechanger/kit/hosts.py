"""Which names this server answers to: the defence against pages of other names that resolve to it (DNS rebinding)."""

from __future__ import annotations

import ipaddress
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from voicechanger.kit.errors import ProductError
from voicechanger.kit.problems import problem_response

_PROBES: Final = frozenset({"/healthz", "/readyz"})
"""Asked by machines that know only an address; they show nothing and change nothing."""
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_FORWARDED: Final = ("x-forwarded-for", "x-forwarded-host", "forwarded", "x-real-ip", "via")
_HSTS: Final = "max-age=31536000"
"""A year."""


class MisdirectedRequest(ProductError):
    """This server does not answer to that host name."""

    status = 421
    code = "unknown_host"


class HostMiddleware:
    """Refuses a request for another host with 421; tells browsers to keep to https where PUBLIC_URL does."""

    def __init__(self, app: ASGIApp, listen: str, public_url: str) -> None:
        self.app = app
        self._names, self._any_address = allowed_hosts(listen, public_url)
        self._https = public_url.startswith("https:")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_policy(message: Message) -> None:
            if self._https and message["type"] == "http.response.start":
                MutableHeaders(scope=message).setdefault("Strict-Transport-Security", _HSTS)
            await send(message)

        if scope["path"] in _PROBES or self._allows(Headers(scope=scope).getlist("host")):
            await self.app(scope, receive, send_with_policy)
            return
        refusal = MisdirectedRequest(
            "This server does not answer to that host name; use the address in PUBLIC_URL, or change that setting."
        )
        await problem_response(refusal, Request(scope))(scope, receive, send_with_policy)

    def _allows(self, given: list[str]) -> bool:
        name = host_name(given[0]) if len(given) == 1 else ""
        return name in self._names or (self._any_address and _is_address(name))


def allowed_hosts(listen: str, public_url: str) -> tuple[frozenset[str], bool]:
    """Return the host names that are allowed, and whether every IP address is.

    `listen` is the address that the server listens on.  On loopback the loopback names are allowed.  A server without
    PUBLIC_URL that others can reach is asked by its address, which no foreign name can stand for.
    """
    names = {host_name(urlsplit(public_url).netloc)} if public_url else set[str]()
    if is_loopback(listen):
        names |= _LOOPBACK
    return frozenset(names - {""}), not public_url and not is_loopback(listen)


def host_name(host: str) -> str:
    """Return the name of a Host header in lower case, without port and brackets; empty when it has no such form."""
    try:
        found = urlsplit(f"//{host}")
        return (found.hostname or "").rstrip(".") if not (found.path or found.query or found.username) else ""
    except ValueError:
        return ""


def is_loopback(host: str) -> bool:
    """Return whether a name or address is this machine's own."""
    try:
        return host in _LOOPBACK or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def comes_from_here(request: Request) -> bool:
    """Return whether somebody at this machine sent a request, and no proxy for somebody else."""
    client = request.client.host if request.client else ""
    direct = not any(name in request.headers for name in _FORWARDED)
    return direct and is_loopback(client) and is_loopback(host_name(request.headers.get("host", "")))


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
