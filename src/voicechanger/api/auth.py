"""Who calls: an API key in X-API-Key or as a bearer token, or the dashboard's signed-in session."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import APIKeyHeader, HTTPBearer
from fastapi.security.http import HTTPAuthorizationCredentials

from voicechanger.domains.accounts.service import authenticate
from voicechanger.domains.accounts.sign_in import caller_from_cookie, cookie_name
from voicechanger.infra.container import services_of
from voicechanger.kit.answer_headers import add_headers
from voicechanger.kit.browser_request import browser_request_of
from voicechanger.kit.caller import Caller
from voicechanger.kit.errors import Unauthenticated
from voicechanger.kit.rate_limits.limiter import count_failure, spend_request

_header = APIKeyHeader(name="X-API-Key", auto_error=False, description="Your API key, vc_…")
_bearer = HTTPBearer(auto_error=False, description="The same key as a bearer token.")


async def caller_of(
    request: Request,
    key: Annotated[str | None, Depends(_header)],
    bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> Caller:
    """Return the caller; raise Unauthenticated without a valid key or session."""
    text = key or (bearer.credentials if bearer else None)
    services = services_of(request)
    cookie = cookie_name(services.settings.base_url)
    if not text and not request.cookies.get(cookie):
        raise Unauthenticated(
            "Send your API key in the X-API-Key header.",
            code="missing_api_key",
            headers={"WWW-Authenticate": 'Bearer realm="voicechanger"'},
        )
    try:
        async with services.database.transaction() as session:
            caller = await (
                authenticate(session, text.strip())
                if text
                else caller_from_cookie(session, browser_request_of(request, cookie), services.settings.secret())
            )
            allowance = await spend_request(session, caller.account_id, services.settings.requests_per_minute)
    except Unauthenticated:
        await count_failure(services.database, request.client.host if request.client else "")
        raise
    add_headers(request, allowance.headers())
    return caller


SignedCaller = Annotated[Caller, Depends(caller_of)]
