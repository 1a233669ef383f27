"""axe-core finds nothing serious on any page, in either theme; nothing overflows a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import ROOT, sign_up

pytestmark = pytest.mark.slow

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
OPEN = ("/", "/sign-in", "/sign-up")
SIGNED = ("/speak", "/voices", "/jobs", "/pronunciations", "/keys", "/webhooks", "/credits", "/account")


def findings(page: Page) -> list[str]:
    """Serious and critical ones, each with its first element."""
    # evaluated, not added as a script element: the page's policy refuses inline scripts, as it should
    page.evaluate(AXE.read_text())
    result = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{page.url}: {v['id']}: {v['nodes'][0]['html'][:120]}"
        for v in result["violations"]
        if v["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize("visit", [{"color_scheme": "light"}, {"color_scheme": "dark"}], indirect=True)
def test_nothing_serious(visit: Page) -> None:
    found: list[str] = []
    for path in OPEN:
        visit.goto(path)
        found += findings(visit)
    sign_up(visit)
    for path in SIGNED:
        visit.goto(path)
        visit.wait_for_load_state("networkidle")
        found += findings(visit)
    assert found == []


@pytest.mark.parametrize("visit", [{"viewport": {"width": 390, "height": 844}}], indirect=True)
def test_no_page_is_wider_than_a_phone(visit: Page) -> None:
    sign_up(visit)
    for path in ("/", *SIGNED):
        visit.goto(path)
        width = visit.evaluate("document.documentElement.scrollWidth")
        assert width <= 390, path
