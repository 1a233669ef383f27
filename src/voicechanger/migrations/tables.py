"""Every table of the product, gathered so that Alembic can compare them with the database."""

from __future__ import annotations

from voicechanger.accounts import tables as accounts
from voicechanger.credits import tables as credit_tables
from voicechanger.database import Base
from voicechanger.idempotency import tables as idempotency_tables
from voicechanger.limits import tables as limit_tables
from voicechanger.pronunciations import tables as pronunciation_tables
from voicechanger.queue import tables as queue_tables
from voicechanger.speech import tables as speech_tables
from voicechanger.voices import tables as voice_tables
from voicechanger.webhooks import tables as webhook_tables

DOMAINS = (
    accounts,
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
