"""What the ledger and usage routes answer, as the OpenAPI document shows it."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

from voicechanger.domains.credits.store import UsageRow
from voicechanger.domains.credits.tables import CreditEntry

EntryKind = Literal["grant", "reserve", "settle", "release"]
Bucket = Literal["hour", "day", "month"]


class LedgerEntry(BaseModel):
    """One movement of credits; entries are never changed."""

    id: int = Field(description="Number of the entry; newer entries have higher numbers.")
    kind: EntryKind = Field(
        description="grant: credits added or removed; reserve: held for a job; settle: a job is charged and the rest "
        "is returned; release: a job ended without a charge and all is returned."
    )
    amount: int = Field(description="Change of the balance, in credits: negative for reserve, else 0 or more.")
    job_id: uuid.UUID | None = Field(description="ID of the job; null for grants.")
    key_id: uuid.UUID | None = Field(description="ID of the API key that created the job; null for the dashboard.")
    note: str = Field(description="Reason of a grant.")
    created_at: datetime = Field(description="When the entry was created.")

    @classmethod
    def of(cls, entry: CreditEntry) -> LedgerEntry:
        """The view of an entry."""
        return cls.model_validate({name: getattr(entry, name) for name in cls.model_fields})


class LedgerPage(BaseModel):
    """A page of the ledger, the newest first.  The balance is the sum of every amount."""

    items: list[LedgerEntry] = Field(description="At most `limit` entries.")
    next_cursor: str | None = Field(description="Send it as `cursor` to get the next page; null on the last page.")


class UsageBucket(BaseModel):
    """What jobs that ended within one span of time used."""

    start: datetime = Field(description="Start of the bucket, in UTC; it lasts for one hour, day or month.")
    credits: int = Field(ge=0, description="Credits charged.")
    jobs: int = Field(ge=0, description="Jobs that were charged or completed, previews included.")
    jobs_released: int = Field(ge=0, description="Jobs that failed or were canceled, without a charge.")
    characters: int = Field(ge=0, description="Code points of the texts of `jobs`, deleted jobs included.")
    seconds: float = Field(ge=0, description="Length of the recordings, in seconds, deleted jobs included.")

    @classmethod
    def of(cls, row: UsageRow) -> UsageBucket:
        """The view of a bucket."""
        return cls.model_validate({name: getattr(row, name) for name in cls.model_fields})


class Usage(BaseModel):
    """Use by time, the oldest first; buckets without any use are there, with zeros."""

    bucket: Bucket = Field(description="Length of each bucket, as requested.")
    items: list[UsageBucket] = Field(description="At most 1,001 buckets, without gaps.")
