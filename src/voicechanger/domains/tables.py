"""Every table of the product: a process that writes any of them must know them all, for their foreign keys."""

from __future__ import annotations

from voicechanger.domains.accounts import tables as accounts
from voicechanger.domains.clips import tables as clip_tables
from voicechanger.domains.credits import tables as credit_tables
from voicechanger.domains.jobs import tables as speech_tables
from voicechanger.domains.pronunciations import tables as pronunciation_tables
from voicechanger.domains.voices import tables as voice_tables
from voicechanger.domains.webhooks import tables as webhook_tables
from voicechanger.infra.queue import tables as queue_tables
from voicechanger.kit.database import Base
from voicechanger.kit.idempotency import tables as idempotency_tables
from voicechanger.kit.rate_limits import tables as limit_tables

DOMAINS = (
    accounts,
    clip_tables,
    credit_tables,
    idempotency_tables,
    limit_tables,
    pronunciation_tables,
    queue_tables,
    speech_tables,
    voice_tables,
    webhook_tables,
)

METADATA = Base.metadata
