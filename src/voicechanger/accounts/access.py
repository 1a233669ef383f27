"""Who calls: an API key in X-API-Key or as a bearer token."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import APIKeyHeader, HTTPBearer
from fastapi.security.http import HTTPAuthorizationCredentials

from voicechanger.accounts.service import Caller, authenticate
from voicechanger.errors import Unauthenticated
from voicechanger.services import services_of

_header = APIKeyHeader(name="X-API-Key", auto_error=False, description="Your API key, vc_…")
_bearer = HTTPBearer(auto_error=False, description="The same key as a bearer token.")


async def caller_of(
    request: Request,
    key: Annotated[str | None, Depends(_header)],
    bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> Caller:
    """The caller; Unauthenticated without a valid key."""
    text = key or (bearer.credentials if bearer else None)
    if not text:
        raise Unauthenticated(
            "Send your API key in the X-API-Key header.",
            code="missing_api_key",
            headers={"WWW-Authenticate": 'Bearer realm="voicechanger"'},
        )
    async with services_of(request).database.transaction() as session:
        return await authenticate(session, text.strip())


SignedCaller = Annotated[Caller, Depends(caller_of)]
