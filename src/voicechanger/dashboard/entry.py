"""Sign-up, sign-in and sign-out: plain HTML forms, rate-limited, safe from forged requests.

Sign-in does not reveal who has an account; sign-up does, for it refuses an address that is taken.
"""

from __future__ import annotations

import uuid
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from voicechanger.dashboard.auth import signed_in
from voicechanger.dashboard.pages import render
from voicechanger.domains.accounts import sign_in
from voicechanger.infra.services import Services, services_of
from voicechanger.kit.errors import Forbidden, ProductError, TooManyRequests
from voicechanger.kit.rate_limits.limiter import spend

router = APIRouter(include_in_schema=False)

ATTEMPTS_PER_MINUTE = 10
"""Sign-ins and sign-ups from one address, and sign-ins to one e-mail."""
_LOOPBACK = ("127.0.0.1", "localhost", "::1")

Text = Annotated[str, Form(max_length=400)]


def _same_origin(request: Request) -> None:
    """Forbidden when another site sent the form: browsers name the origin of every POST."""
    origin = request.headers.get("origin")
    host = request.headers.get("host", "")
    site = request.headers.get("sec-fetch-site")
    foreign = origin is not None and urlsplit(origin).netloc != host
    if foreign or site not in (None, "same-origin", "none"):
        raise Forbidden("This form did not come from the dashboard.", code="csrf_failed")


def _browser(request: Request) -> sign_in.Browser:
    address = request.client.host if request.client else ""
    return sign_in.Browser(request.headers.get("user-agent", ""), address)


async def _throttle(services: Services, *keys: str) -> None:
    async with services.database.transaction() as session:
        spent = [await spend(session, f"sign-in:{key}", ATTEMPTS_PER_MINUTE) for key in keys]
    if not all(one.allowed for one in spent):
        raise TooManyRequests("Too many attempts; wait a minute.", code="too_many_attempts")


def _next(target: str) -> str:
    ours = target.startswith("/") and not target.startswith(("//", "/\\"))
    return target if ours else "/speak"


async def _enter(request: Request, account_id: uuid.UUID, target: str) -> Response:
    services = services_of(request)
    async with services.database.transaction() as session:
        token = await sign_in.start_session(session, account_id, _browser(request))
    answer = RedirectResponse(target, status_code=303)
    answer.set_cookie(
        sign_in.COOKIE,
        token,
        max_age=int(sign_in.LIFETIME.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=services.settings.base_url.startswith("https:"),
    )
    return answer


@router.get("/sign-in")
async def sign_in_page(request: Request, next: str = "/speak") -> Response:
    """The form."""
    if await signed_in(request):
        return RedirectResponse(_next(next), status_code=303)
    return await render(request, "sign_in", None, form={"next": _next(next), "email": ""})


@router.post("/sign-in")
async def enter(request: Request, email: Text = "", password: Text = "", next: Text = "/speak") -> Response:
    """Sign in."""
    services = services_of(request)
    _same_origin(request)
    try:
        await _throttle(services, _browser(request).address, email.strip().lower()[:320])
        async with services.database.transaction() as session:
            account = await sign_in.verify(session, email, password)
    except ProductError as error:
        form = {"next": _next(next), "email": email}
        return await render(request, "sign_in", None, error.status, error=error.code, form=form)
    return await _enter(request, account.id, _next(next))


@router.get("/sign-up")
async def sign_up_page(request: Request) -> Response:
    """The form."""
    if await signed_in(request):
        return RedirectResponse("/speak", status_code=303)
    return await render(request, "sign_up", None, form={"email": "", "name": ""})


@router.post("/sign-up")
async def join(request: Request, email: Text = "", password: Text = "", name: Text = "") -> Response:
    """Make an account and sign in."""
    services = services_of(request)
    settings = services.settings
    _same_origin(request)
    try:
        if not settings.signup_open:
            raise Forbidden("Sign-up is closed on this server.", code="sign_up_closed")
        await _throttle(services, _browser(request).address)
        local = urlsplit(settings.base_url).hostname in _LOOPBACK
        async with services.database.transaction() as session:
            account = await sign_in.sign_up(
                session, email, password, name, signup_credits=settings.signup_credits, first_is_admin=local
            )
    except ProductError as error:
        return await render(
            request, "sign_up", None, error.status, error=error.code, form={"email": email, "name": name}
        )
    return await _enter(request, account.id, "/speak")


@router.post("/sign-out")
async def leave(request: Request) -> Response:
    """End this session."""
    _same_origin(request)
    token = request.cookies.get(sign_in.COOKIE)
    if token:
        async with services_of(request).database.transaction() as session:
            await sign_in.sign_out(session, token)
    answer = RedirectResponse("/", status_code=303)
    answer.delete_cookie(sign_in.COOKIE)
    return answer
