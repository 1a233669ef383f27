"""What the account and key routes take and answer, as the OpenAPI document shows it."""

from __future__ import annotations

import unicodedata
import uuid
from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from voicechanger.domains.accounts.keys import SCOPES
from voicechanger.domains.accounts.tables import ApiKey

Scope = Literal["speech", "voices", "jobs", "webhooks", "account"]
MAX_CAP = 2_147_483_647


class Limits(BaseModel):
    """What this server allows an account."""

    requests_per_minute: int = Field(description="Requests, averaged over a minute.")
    max_open_jobs: int = Field(description="Jobs that may be queued or running.")
    max_voices: int = Field(description="Custom voices that may be saved.")
    max_pronunciations: int = Field(description="Pronunciations that may be saved.")
    max_text_characters: int = Field(description="Longest text of one request, in code points.")
    max_upload_bytes: int = Field(description="Largest reference recording, in bytes.")
    max_image_bytes: int = Field(description="Largest portrait, in bytes.")
    clip_min_seconds: float = Field(description="Shortest reference recording, in seconds.")
    clip_max_seconds: float = Field(description="Longest reference recording, in seconds.")
    sync_wait_seconds: float = Field(description="How long a sync request waits for its job, in seconds.")
    result_hours: float = Field(description="How long recordings are kept, in hours.")
    link_seconds: int = Field(description="How long a signed link works, in seconds.")
    credits_per_character: int = Field(description="Price of one code point, in credits.")


class AccountView(BaseModel):
    """Your account."""

    id: uuid.UUID = Field(description="ID of the account.")
    name: str = Field(description="Name of the account.")
    balance: int = Field(description="Credits that may be spent, without those reserved for open jobs.")
    reserved: int = Field(ge=0, description="Credits reserved for open jobs.")
    limits: Limits = Field(description="Limits of this server.")


class KeyView(BaseModel):
    """An API key; its secret is not shown again."""

    id: uuid.UUID = Field(description="ID of the key.")
    name: str = Field(description="Your own name for the key.")
    prefix: str = Field(description="Prefix that identifies the key: vc_<prefix>_…")
    scopes: list[Scope] = Field(description="Scopes of the key.")
    credit_cap: int | None = Field(description="Credits that jobs of the key may use in total; null for no cap.")
    created_at: datetime = Field(description="When the key was created.")
    expires_at: datetime | None = Field(description="When the key expires; null for never.")
    last_used_at: datetime | None = Field(description="Last use, to the minute; null before the first use.")
    revoked_at: datetime | None = Field(description="When the key was revoked; null if it was not.")

    @classmethod
    def of(cls, key: ApiKey) -> KeyView:
        """The view of a key."""
        return cls.model_validate({name: getattr(key, name) for name in KeyView.model_fields})


class NewKeyView(KeyView):
    """A new API key, shown now and not again."""

    key: str = Field(description="The key, vc_<prefix>_<secret>. Store it now: the server stores only a hash.")

    @classmethod
    def with_text(cls, key: ApiKey, text: str) -> NewKeyView:
        """The view of a new key."""
        return cls(**KeyView.of(key).model_dump(), key=text)


class KeyPage(BaseModel):
    """A page of keys, the newest first; revoked ones stay listed."""

    items: list[KeyView] = Field(description="At most `limit` keys.")
    next_cursor: str | None = Field(description="Send it as `cursor` to get the next page; null on the last page.")


def _one_line(name: str) -> str:
    text = unicodedata.normalize("NFC", name.strip())
    if not text:
        raise ValueError("must not be blank")
    if any(unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") for c in text):
        raise ValueError("must not hold control characters or line breaks")
    return text


class NewKey(BaseModel):
    """What a key is to be allowed."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[
        str,
        Field(min_length=1, max_length=100, description="Your own name for the key, 1 to 100 characters."),
        AfterValidator(_one_line),
    ]
    scopes: list[Scope] | None = Field(
        None,
        min_length=1,
        max_length=len(SCOPES),
        description="Scopes of the key; null for all scopes of the key of this request.",
    )
    credit_cap: int | None = Field(
        None, ge=0, le=MAX_CAP, description="Credits that jobs of the key may use in total; null for no cap."
    )
    expires_at: AwareDatetime | None = Field(
        None, description="When the key expires; null for the expiry of the key of this request, or never."
    )
