"""What a newcomer does in the first two minutes, in a real browser with the real model."""

from __future__ import annotations

import re

import httpx
import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import CLIP, sign_up
from tests.support.whole import Whole

pytestmark = pytest.mark.slow

MADE = {"timeout": 240_000}


def test_make_a_key_save_a_voice_and_hear_it(visit: Page, whole: Whole) -> None:
    page = visit
    sign_up(page)

    page.goto("/keys")
    page.fill("#new-key [name=name]", "my program")
    page.click("#new-key [type=submit]")
    key = page.locator("#fresh-key")
    expect(key).to_contain_text("vc_")
    account = httpx.get(f"{whole.address}/v1/account", headers={"X-API-Key": key.inner_text()})
    assert account.status_code == 200

    page.goto("/voices")
    page.click("#new")
    page.fill("#voice-form [name=name]", "Ada")
    page.set_input_files("#voice-form [name=ref_audio]", CLIP)
    page.click("#voice-form [type=submit]")
    expect(page.locator("#voice-problem")).to_be_visible()  # consent is asked for
    page.check("#voice-form [name=consent]")
    page.click("#voice-form [type=submit]")
    expect(page.locator("#grid .badge.ready")).to_be_visible(**MADE)
    expect(page.get_by_role("button", name="Listen: Ada")).to_be_visible(**MADE)
    expect(page.locator("#grid [data-refinement]")).to_contain_text("mprov")

    page.get_by_role("link", name="Use: Ada").click()
    page.fill("#speak [name=text]", "Hello from the browser.")
    expect(page.locator("#count")).to_contain_text("23")
    expect(page.locator("#as-code")).to_contain_text("custom_voice_id")
    page.click("#speak [type=submit]")
    expect(page.locator("#player .waveform")).to_be_visible(**MADE)
    expect(page.locator("#player .words")).to_contain_text("browser")
    expect(page.locator("#state")).to_contain_text("23")
    link = page.locator("#player a").get_attribute("href")
    assert link and httpx.get(link).content[:4] == b"RIFF"

    page.goto("/credits")
    expect(page.locator("#rows")).to_contain_text("Charged")
    page.goto("/jobs")
    page.get_by_role("button", name="Details").first.click()
    expect(page.locator("#facts")).to_contain_text("Completed")


def test_speak_with_a_voice_recorded_in_the_browser(visit: Page) -> None:
    page = visit
    sign_up(page)
    page.check("#speak input[value=record]")
    page.click("[data-record]")
    page.wait_for_timeout(6_000)
    page.click("[data-record]")
    expect(page.locator("#speak audio")).to_be_visible()
    page.fill("#speak [name=text]", "A voice of my own.")
    page.click("#speak [type=submit]")
    expect(page.locator("#player .waveform")).to_be_visible(**MADE)


def test_a_choice_is_kept_when_the_list_of_voices_comes_late(visit: Page) -> None:
    page = visit
    sign_up(page)
    held: list[Route] = []
    page.route("**/v1/custom-voices?**", lambda route: held.append(route))
    page.goto("/speak")
    page.check("#speak input[value=record]")
    assert held
    held[0].continue_()
    page.wait_for_load_state("networkidle")
    expect(page.locator("#speak input[value=record]")).to_be_checked()


@pytest.mark.parametrize("visit", [{"locale": "fr-FR"}], indirect=True)
def test_french_from_end_to_end(visit: Page) -> None:
    page = visit
    page.goto("/")
    expect(page.locator("h1")).to_have_text(re.compile("Vos mots"))
    sign_up(page)
    for name in ("speak", "voices", "jobs", "pronunciations", "keys", "webhooks", "credits", "account"):
        page.goto(f"/{name}")
        assert page.locator("html").get_attribute("lang") == "fr"
        expect(page.locator("nav")).to_contain_text("Voix personnalisées")
    page.goto("/speak")
    page.click("#speak [type=submit]")
    expect(page.locator("#speak-problem")).to_be_visible()
    page.get_by_role("link", name="English").click()
    expect(page.locator("h1")).to_have_text("Text to speech")


def test_forms_tell_what_is_wrong(visit: Page) -> None:
    page = visit
    sign_up(page)
    page.set_input_files("#speak [name=audio_ref]", {"name": "a.wav", "mimeType": "audio/wav", "buffer": b"nonsense"})
    page.fill("#speak [name=text]", "Hello.")
    with page.expect_response(lambda r: r.status == 422):
        page.click("#speak [type=submit]")
    expect(page.locator("#speak-problem")).to_be_visible()
    assert page.locator("#speak-problem").inner_text()
    page.goto("/webhooks")
    page.fill("#new-hook [name=url]", "http://127.0.0.1/x")
    page.click("#new-hook [type=submit]")
    expect(page.locator("#new-hook .problem")).to_be_visible()
    page.goto("/account")
    page.fill("[name=old_password]", "not the old one")
    page.fill("[name=new_password]", "another good password")
    page.click("#password [type=submit]")
    expect(page.locator("#password .problem")).to_be_visible()


def test_with_the_keyboard_alone(visit: Page) -> None:
    page = visit
    page.goto("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    sign_up(page)
    page.goto("/keys")
    page.focus("#new-key [name=name]")
    page.keyboard.type("by keyboard")
    page.keyboard.press("Enter")
    expect(page.locator("#fresh-key")).to_contain_text("vc_")
    page.goto("/voices")
    page.focus("#new")
    page.keyboard.press("Enter")
    expect(page.locator("#editor")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#editor")).to_be_hidden()


def test_keep_a_pronunciation(visit: Page) -> None:
    page = visit
    sign_up(page)
    page.goto("/pronunciations")
    expect(page.locator("#none")).to_be_visible()
    page.fill("#new-word [name=word]", "New York")
    page.fill("#new-word [name=phonemes]", "nˈu")
    page.click("#new-word [type=submit]")
    expect(page.locator("#new-word .problem")).to_be_visible()
    page.fill("#new-word [name=word]", "Nguyen")
    page.select_option("#new-word [name=language]", "fr")
    page.click("#new-word [type=submit]")
    expect(page.locator("#rows")).to_contain_text("Nguyen")
    expect(page.locator("#rows")).to_contain_text("French")
    page.fill("#filters [name=q]", "nobody")
    expect(page.locator("#rows tr")).to_have_count(0)
    page.fill("#filters [name=q]", "guy")
    expect(page.locator("#rows tr")).to_have_count(1)
    page.once("dialog", lambda dialog: dialog.accept())
    page.click("#rows button")
    expect(page.locator("#rows tr")).to_have_count(0)
