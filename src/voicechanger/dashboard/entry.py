"""Sign-up, sign-in and sign-out: plain HTML forms, rate-limited, safe from forged requests.

Neither sign-in nor sign-up reveals who has an account.  The first administrator comes from a link of `serve`.
"""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from voicechanger.dashboard.auth import cookie_of, signed_in
from voicechanger.dashboard.pages import render
from voicechanger.domains.accounts import setup, sign_in
from voicechanger.infra.container import services_of
from voicechanger.kit.errors import Forbidden, ProductError
from voicechanger.kit.hosts import comes_from_here
from voicechanger.kit.rate_limits.limiter import (
    Attempts,
    network_of,
    refund_attempt,
    spend_attempt,
    wide_network_of,
)
from voicechanger.kit.validation import StoredName, StoredText

router = APIRouter(include_in_schema=False)

ATTEMPTS_PER_MINUTE = 10
"""Wrong passwords for one e-mail from one network; no other network is kept out by them."""
ATTEMPTS_OF_NETWORK = 60
"""Sign-ins from one network per minute, right ones included, because each costs a slow hash."""
SIGN_UPS_PER_HOUR = 10
"""From one network; three times as many from the wider one around it."""
_HOUR = timedelta(hours=1)

Text = Annotated[StoredText, Form(max_length=400)]
Name = Annotated[StoredName, Form(max_length=400)]
Target = Annotated[StoredText, Query(max_length=400)]


def _same_origin(request: Request) -> None:
    """Forbidden when another site sent the form: browsers name the origin of every POST."""
    origin = request.headers.get("origin")
    ours = (request.headers.get("host", ""), urlsplit(services_of(request).settings.base_url).netloc)
    site = request.headers.get("sec-fetch-site")
    foreign = origin is not None and urlsplit(origin).netloc not in ours
    if foreign or site not in (None, "same-origin", "none"):
        raise Forbidden("This form did not come from the dashboard.", code="csrf_failed")


def _browser(request: Request) -> sign_in.Browser:
    address = request.client.host if request.client else ""
    return sign_in.Browser(request.headers.get("user-agent", ""), address)


def _next(target: str) -> str:
    ours = target.startswith("/") and not target.startswith(("//", "/\\"))
    return target if ours else "/speak"


def may_sign_up(request: Request) -> bool:
    """Return whether SIGN_UP allows the sender of this request an account."""
    rule = services_of(request).settings.sign_up
    return rule == "open" or (rule == "loopback" and comes_from_here(request))


async def _enter(request: Request, account_id: uuid.UUID, target: str) -> Response:
    services = services_of(request)
    async with services.database.transaction() as session:
        token = await sign_in.start_session(session, account_id, _browser(request))
    answer = RedirectResponse(target, status_code=303)
    answer.set_cookie(
        cookie_of(request),
        token,
        max_age=int(sign_in.LONGEST.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=services.settings.base_url.startswith("https:"),
    )
    return answer


@router.get("/sign-in")
async def sign_in_page(request: Request, next: Target = "/speak", joined: bool = False) -> Response:
    """The form."""
    if await signed_in(request):
        return RedirectResponse(_next(next), status_code=303)
    return await render(request, "sign_in", None, form={"next": _next(next), "email": ""}, joined=joined)


@router.post("/sign-in")
async def enter(request: Request, email: Text = "", password: Text = "", next: Text = "/speak") -> Response:
    """Sign in."""
    database = services_of(request).database
    network = network_of(_browser(request).address)
    all_of_network = Attempts.of("sign-in", network, most=ATTEMPTS_OF_NETWORK)
    pair = Attempts.of("sign-in", network, email.strip().lower(), most=ATTEMPTS_PER_MINUTE)
    try:
        _same_origin(request)
        await spend_attempt(database, all_of_network, pair)
        account = await sign_in.verify(database, email, password)
        await refund_attempt(database, pair)
    except ProductError as error:
        form = {"next": _next(next), "email": email}
        return await render(request, "sign_in", None, error.status, error=error.code, form=form)
    return await _enter(request, account.id, _next(next))


async def _spend_sign_up(request: Request) -> None:
    address = _browser(request).address
    await spend_attempt(
        services_of(request).database,
        Attempts.of("sign-up", network_of(address), most=SIGN_UPS_PER_HOUR, period=_HOUR),
        Attempts.of("sign-up of", wide_network_of(address), most=3 * SIGN_UPS_PER_HOUR, period=_HOUR),
    )


@router.get("/sign-up")
async def sign_up_page(request: Request) -> Response:
    """The form, or that sign-up is closed."""
    if await signed_in(request):
        return RedirectResponse("/speak", status_code=303)
    error = None if may_sign_up(request) else "sign_up_closed"
    return await render(request, "sign_up", None, error=error, form={"email": "", "name": "", "token": ""})


@router.post("/sign-up")
async def join(request: Request, email: Text = "", password: Text = "", name: Name = "") -> Response:
    """Make an account and lead to sign-in, in the same way where the address has one."""
    services = services_of(request)
    try:
        _same_origin(request)
        if not may_sign_up(request):
            raise Forbidden("Sign-up is closed on this server.", code="sign_up_closed")
        await _spend_sign_up(request)
        await sign_in.sign_up(services.database, email, password, name, signup_credits=services.settings.signup_credits)
    except ProductError as error:
        form = {"email": email, "name": name, "token": ""}
        return await render(request, "sign_up", None, error.status, error=error.code, form=form)
    return RedirectResponse("/sign-in?joined=true", status_code=303)


@router.get("/setup")
async def setup_page(request: Request, token: Target = "") -> Response:
    """The form of the first administrator."""
    return await render(request, "sign_up", None, form={"email": "", "name": "", "token": token})


@router.post("/setup")
async def set_up(
    request: Request, token: Text = "", email: Text = "", password: Text = "", name: Name = ""
) -> Response:
    """Make the holder of the one-time token administrator and sign them in."""
    database = services_of(request).database
    network = network_of(_browser(request).address)
    try:
        _same_origin(request)
        await spend_attempt(database, Attempts.of("setup", network, most=ATTEMPTS_PER_MINUTE))
        account = await setup.claim(database, token, email, password, name)
    except ProductError as error:
        form = {"email": email, "name": name, "token": token}
        return await render(request, "sign_up", None, error.status, error=error.code, form=form)
    return await _enter(request, account.id, "/speak")


@router.post("/sign-out")
async def leave(request: Request) -> Response:
    """End this session."""
    _same_origin(request)
    token = request.cookies.get(cookie_of(request))
    if token:
        async with services_of(request).database.transaction() as session:
            await sign_in.sign_out(session, token)
    answer = RedirectResponse("/", status_code=303)
    secure = services_of(request).settings.base_url.startswith("https:")
    answer.delete_cookie(cookie_of(request), secure=secure)
    return answer
