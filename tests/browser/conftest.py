"""A real Chromium on the served product.  Absent: skipped on a laptop, failed in CI."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.support.whole import Whole

ROOT = Path(__file__).resolve().parents[2]
CLIP = ROOT / "examples" / "reference.wav"
PASSWORD = "correct horse battery"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--autoplay-policy=no-user-gesture-required",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    f"--use-file-for-fake-audio-capture={CLIP}",
]


# for a module, not the session: while Playwright's synchronous interface is open its event loop runs in this very
# thread, and no asynchronous test could
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = shutil.which("chromium")
    if path is None:
        message = "Chromium is not installed: apt-get install chromium"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield made
        made.close()


class Watched:
    """A page that fails the test when the console complains or another host is asked for anything."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.faults: list[str] = []
        page.set_default_timeout(60_000)
        page.on("pageerror", lambda error: self.faults.append(f"error: {error}"))
        page.on("console", lambda m: self.faults.append(f"{m.type}: {m.text}") if m.type == "error" else None)
        page.on(
            "request", lambda r: None if r.url.startswith((address, "blob:", "data:")) else self.faults.append(r.url)
        )


@pytest.fixture
def visit(browser: Browser, whole: Whole, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A fresh visitor; parametrise indirectly with context options, e.g. a locale."""
    options = {"viewport": {"width": 1440, "height": 900}, "locale": "en-US", **getattr(request, "param", {})}
    context = browser.new_context(base_url=whole.address, permissions=["microphone", "clipboard-write"], **options)
    watched = Watched(context.new_page(), whole.address)
    yield watched.page
    context.close()
    # the browser itself logs refused calls, which some tests provoke on purpose
    assert [f for f in watched.faults if "the server responded with a status of 4" not in f] == []


def sign_up(page: Page) -> str:
    """A new account, signed in; returns its e-mail."""
    email = f"{uuid.uuid4().hex[:10]}@example.org"
    page.goto("/sign-up")
    page.fill("[name=email]", email)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/sign-in?joined=true")
    page.fill("[name=email]", email)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/speak")
    return email
