"""Every string of the dashboard in English and French, from one catalogue."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Final

from fastapi import Request

LOCALES: Final = ("en", "fr")
COOKIE: Final = "voicechanger_locale"
_CATALOGUE = Path(__file__).parent / "catalogue.json"


@lru_cache(maxsize=1)
def catalogue() -> dict[str, dict[str, str]]:
    """Key → locale → text."""
    found: dict[str, dict[str, str]] = json.loads(_CATALOGUE.read_text(encoding="utf-8"))
    return found


@lru_cache(maxsize=2)
def strings(locale: str) -> dict[str, str]:
    """Key → text in one locale."""
    return {key: texts[locale] for key, texts in catalogue().items()}


def locale_of(request: Request) -> str:
    """The reader's choice, else the browser's first language that we have, else English."""
    chosen = request.cookies.get(COOKIE)
    if chosen in LOCALES:
        return chosen
    for part in request.headers.get("accept-language", "").split(","):
        tag = part.split(";")[0].strip().lower()[:2]
        if tag in LOCALES:
            return tag
    return "en"
