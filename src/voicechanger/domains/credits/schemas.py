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

    id: int = Field(description="Grows with time.")
    kind: EntryKind = Field(
        description="grant: given or taken away; reserve: held for a job; settle: a completed job's end, what it did "
        "not use comes back; release: the end of a job without a result, everything comes back."
    )
    amount: int = Field(description="Added to the balance, in credits: negative for reserve, 0 or more for ends.")
    job_id: uuid.UUID | None = Field(description="The job; null for grants.")
    key_id: uuid.UUID | None = Field(description="The API key that the job was made with; null for the dashboard.")
    note: str = Field(description="What a grant was for.")
    created_at: datetime = Field(description="When it was written.")

    @classmethod
    def of(cls, entry: CreditEntry) -> LedgerEntry:
        """The view of an entry."""
        return cls.model_validate({name: getattr(entry, name) for name in cls.model_fields})


class LedgerPage(BaseModel):
    """A page of the ledger, the newest first.  The balance is the sum of every amount."""

    items: list[LedgerEntry] = Field(description="At most `limit` entries.")
    next_cursor: str | None = Field(description="Give it as cursor for the next page; null on the last.")


class UsageBucket(BaseModel):
    """What jobs that ended within one span of time used."""

    start: datetime = Field(description="Start of the bucket, in UTC; it lasts for one hour, day or month.")
    credits: int = Field(ge=0, description="Charged, in credits.")
    jobs: int = Field(ge=0, description="Jobs that were charged or completed, previews included.")
    jobs_released: int = Field(ge=0, description="Jobs that failed or were canceled, and cost nothing.")
    characters: int = Field(ge=0, description="Code points of the texts of `jobs`, deleted jobs included.")
    seconds: float = Field(ge=0, description="Length of the recordings, in seconds, deleted jobs included.")

    @classmethod
    def of(cls, row: UsageRow) -> UsageBucket:
        """The view of a bucket."""
        return cls.model_validate({name: getattr(row, name) for name in cls.model_fields})


class Usage(BaseModel):
    """Use by time, the oldest first; buckets without any use are there, with zeros."""

    bucket: Bucket = Field(description="Length of each bucket, as asked.")
    items: list[UsageBucket] = Field(description="At most 1,001 buckets, without a gap.")
