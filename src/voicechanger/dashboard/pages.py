"""The pages: a shell in the reader's language; what is on it comes through the same /v1 routes as any client's."""

from __future__ import annotations

import json
import secrets
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from voicechanger.dashboard.auth import cookie_of, signed_in
from voicechanger.dashboard.texts import COOKIE, LOCALES, locale_of, strings
from voicechanger.domains.accounts import sign_in
from voicechanger.domains.accounts.keys import SCOPES
from voicechanger.infra.container import services_of
from voicechanger.kit.caller import Caller
from voicechanger.tts.audio.formats import FORMATS
from voicechanger.tts.text.languages import supported

router = APIRouter(include_in_schema=False)

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=select_autoescape(default=True, default_for_string=True),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data: blob: {files}; "
    "media-src 'self' blob: {files}; connect-src 'self' {files}; worker-src 'self' blob:; object-src 'none'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)
SIGNED_PAGES = ("speak", "voices", "jobs", "pronunciations", "keys", "webhooks", "credits", "account", "admin")


async def render(request: Request, name: str, caller: Caller | None, status: int = 200, **values: Any) -> HTMLResponse:
    """A page in the reader's language, under a policy that lets nothing in from elsewhere."""
    services = services_of(request)
    locale = locale_of(request)
    texts = strings(locale)
    token = request.cookies.get(cookie_of(request), "")
    csrf = sign_in.csrf_token(services.settings.secret(), token) if token and caller else ""
    nonce = secrets.token_urlsafe(16)  # for the player, which brings its own style
    page = _TEMPLATES.get_template(f"{name}.html").render(
        t=texts,
        # < is escaped so that no text can end the script element
        texts_json=json.dumps(texts, ensure_ascii=False).replace("<", "\\u003c"),
        locale=locale,
        page=name,
        account=caller,
        csrf=csrf,
        nonce=nonce,
        settings=services.settings,
        base_url=str(services.settings.base_url),
        languages=[(language.tag, language.name) for language in supported()],
        formats=list(FORMATS),
        scopes=SCOPES,
        **{"error": None, "form": {}, "joined": False, **values},
    )
    # links of an object store live on another host; there is none to name when files are local
    files = "" if services.storage.local_root is not None else "https:"
    return HTMLResponse(
        page,
        status_code=status,
        headers={
            "Content-Security-Policy": _POLICY.format(files=files, nonce=nonce),
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "same-origin",
            "Permissions-Policy": "microphone=(self), camera=(), geolocation=()",
            "Cache-Control": "no-store",
        },
    )


@router.get("/")
async def front(request: Request) -> Response:
    """The public page."""
    return await render(request, "front", await signed_in(request))


@router.get("/locale/{locale}")
async def choose_locale(request: Request, locale: str, back: str = "/") -> Response:
    """Change the language and return; only ever to a page of ours."""
    target = back if back.startswith("/") and not back.startswith(("//", "/\\")) else "/"
    answer = RedirectResponse(target, status_code=303)
    if locale in LOCALES:
        answer.set_cookie(COOKIE, locale, max_age=31_536_000, samesite="lax")
    return answer


def _add_signed_page(name: str) -> None:
    async def page(request: Request) -> Response:
        caller = await signed_in(request)
        if caller is None:
            return RedirectResponse(f"/sign-in?next=/{name}", status_code=303)
        if name == "admin" and not caller.is_admin:
            return RedirectResponse("/speak", status_code=303)
        return await render(request, name, caller)

    router.add_api_route(f"/{name}", page, methods=["GET"], name=f"page_{name}")


for _name in SIGNED_PAGES:
    _add_signed_page(_name)
