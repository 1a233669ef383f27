"""Who calls: an API key in X-API-Key or as a bearer token, or the dashboard's signed-in session."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import APIKeyHeader, HTTPBearer
from fastapi.security.http import HTTPAuthorizationCredentials

from voicechanger.accounts.service import Caller, authenticate
from voicechanger.accounts.sign_in import COOKIE, caller_from_cookie
from voicechanger.errors import Unauthenticated
from voicechanger.services import services_of

_header = APIKeyHeader(name="X-API-Key", auto_error=False, description="Your API key, vc_…")
_bearer = HTTPBearer(auto_error=False, description="The same key as a bearer token.")

_SAFE = ("GET", "HEAD", "OPTIONS")


async def caller_of(
    request: Request,
    key: Annotated[str | None, Depends(_header)],
    bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> Caller:
    """The caller; Unauthenticated without a valid key or session."""
    services = services_of(request)
    text = key or (bearer.credentials if bearer else None)
    cookie = request.cookies.get(COOKIE)
    async with services.database.transaction() as session:
        if text:
            return await authenticate(session, text.strip())
        if cookie:
            return await caller_from_cookie(
                session,
                cookie,
                changes=request.method not in _SAFE,
                csrf=request.headers.get("x-csrf-token"),
                secret=services.settings.secret(),
            )
    raise Unauthenticated(
        "Send your API key in the X-API-Key header.",
        code="missing_api_key",
        headers={"WWW-Authenticate": 'Bearer realm="voicechanger"'},
    )


SignedCaller = Annotated[Caller, Depends(caller_of)]
