"""Who uses the dashboard: the signed-in session, never an API key."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from voicechanger.domains.accounts import sign_in
from voicechanger.infra.container import services_of
from voicechanger.kit.answer_headers import add_headers
from voicechanger.kit.browser_request import browser_request_of
from voicechanger.kit.caller import Caller
from voicechanger.kit.errors import Forbidden, Unauthenticated
from voicechanger.kit.rate_limits.limiter import count_failure, spend_request


def cookie_of(request: Request) -> str:
    """Return the name of the session's cookie on this server."""
    return sign_in.cookie_name(services_of(request).settings.base_url)


async def signed_in_caller(request: Request) -> Caller:
    """Return the signed-in caller; raise Unauthenticated when nobody is signed in."""
    services = services_of(request)
    try:
        async with services.database.transaction() as session:
            caller = await sign_in.caller_from_cookie(
                session, browser_request_of(request, cookie_of(request)), services.settings.secret()
            )
            allowance = await spend_request(session, caller.account_id, services.settings.requests_per_minute)
    except Unauthenticated:
        await count_failure(services.database, request.client.host if request.client else "")
        raise
    add_headers(request, allowance.headers())
    return caller


SignedInCaller = Annotated[Caller, Depends(signed_in_caller)]


async def administrator(caller: SignedInCaller) -> Caller:
    """Return the signed-in administrator; raise Forbidden for anybody else."""
    if not caller.is_admin:
        raise Forbidden("Only an administrator may do that.", code="admin_only")
    return caller


Administrator = Annotated[Caller, Depends(administrator)]


async def signed_in(request: Request) -> Caller | None:
    """Return who is signed in, None when nobody is."""
    token = request.cookies.get(cookie_of(request))
    if not token:
        return None
    async with services_of(request).database.transaction() as session:
        return await sign_in.caller_of_session(session, token)
