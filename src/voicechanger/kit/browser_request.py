"""What a request with a session cookie shows about where it came from: the defence against forged requests (CSRF)."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request

_SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


@dataclass(frozen=True, slots=True)
class BrowserRequest:
    """A session cookie and the evidence that a page of this server sent it."""

    token: str
    """The session's token; empty without a cookie."""
    changes: bool
    """Whether the method may change something."""
    csrf: str | None
    """The token that pages of this server send along."""
    same_origin: bool
    """Whether the browser says so (Sec-Fetch-Site), which no page can forge; this admits the playground of /docs."""


def browser_request_of(request: Request, cookie: str) -> BrowserRequest:
    """Read a request whose session token is in `cookie`."""
    return BrowserRequest(
        request.cookies.get(cookie, ""),
        request.method not in _SAFE_METHODS,
        request.headers.get("x-csrf-token"),
        request.headers.get("sec-fetch-site") == "same-origin",
    )
