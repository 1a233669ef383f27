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
    max_pronunciations: int = Field(description="Words that the dictionary of pronunciations may hold.")
    max_text_characters: int = Field(description="Longest text of one request, in code points.")
    max_upload_bytes: int = Field(description="Largest reference recording, in bytes.")
    max_image_bytes: int = Field(description="Largest portrait, in bytes.")
    clip_min_seconds: float = Field(description="Shortest reference recording, in seconds.")
    clip_max_seconds: float = Field(description="Longest reference recording, in seconds.")
    sync_wait_seconds: float = Field(description="How long a sync request waits for its job, in seconds.")
    result_hours: float = Field(description="How long recordings are kept, in hours.")
    link_seconds: int = Field(description="How long a presigned link works, in seconds.")
    credits_per_character: int = Field(description="Price of one code point, in credits.")


class AccountView(BaseModel):
    """Your account."""

    id: uuid.UUID = Field(description="Id of the account.")
    name: str = Field(description="Its name.")
    balance: int = Field(description="May be spent, in credits; what open jobs hold is taken off already.")
    reserved: int = Field(ge=0, description="Held by open jobs, in credits.")
    limits: Limits = Field(description="What this server allows.")


class KeyView(BaseModel):
    """An API key; its secret is not shown again."""

    id: uuid.UUID = Field(description="Id of the key.")
    name: str = Field(description="For yourself.")
    prefix: str = Field(description="The part of the key that tells it apart: vc_<prefix>_…")
    scopes: list[Scope] = Field(description="What it may do.")
    credit_cap: int | None = Field(description="Credits that its jobs may use in all; null for no cap.")
    created_at: datetime = Field(description="When it was made.")
    expires_at: datetime | None = Field(description="When it stops working; null for never.")
    last_used_at: datetime | None = Field(description="To the minute; null before its first use.")
    revoked_at: datetime | None = Field(description="When it was revoked; null while it works.")

    @classmethod
    def of(cls, key: ApiKey) -> KeyView:
        """The view of a key."""
        return cls.model_validate({name: getattr(key, name) for name in KeyView.model_fields})


class NewKeyView(KeyView):
    """A new API key, shown now and not again."""

    key: str = Field(description="The whole key, vc_<prefix>_<secret>: keep it now, only its hash is stored.")

    @classmethod
    def with_text(cls, key: ApiKey, text: str) -> NewKeyView:
        """The view of a new key."""
        return cls(**KeyView.of(key).model_dump(), key=text)


class KeyPage(BaseModel):
    """A page of keys, the newest first; revoked ones stay listed."""

    items: list[KeyView] = Field(description="At most `limit` keys.")
    next_cursor: str | None = Field(description="Give it as cursor for the next page; null on the last.")


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
        Field(min_length=1, max_length=100, description="For yourself, 1 to 100 characters."),
        AfterValidator(_one_line),
    ]
    scopes: list[Scope] | None = Field(
        None,
        min_length=1,
        max_length=len(SCOPES),
        description="What it may do; null for all that the key of this request may do, and never more than that.",
    )
    credit_cap: int | None = Field(
        None, ge=0, le=MAX_CAP, description="Credits that its jobs may use in all; null for no cap."
    )
    expires_at: AwareDatetime | None = Field(
        None, description="When it stops working; null for never, or for when the key of this request does."
    )
