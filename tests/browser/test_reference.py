"""The API reference draws from this server alone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.slow


def test_the_reference_draws_and_asks_no_other_host(visit: Page) -> None:
    visit.goto("/docs")
    expect(visit.get_by_text("Synthesize speech", exact=True).first).to_be_visible(timeout=60_000)
    text = visit.locator("body").inner_text()
    assert "Ask AI" not in text and "Generate MCP" not in text
