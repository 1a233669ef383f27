"""Every table of the product, gathered so that Alembic can compare them with the database."""

from __future__ import annotations

from voicechanger.accounts import tables as accounts
from voicechanger.credits import tables as credit_tables
from voicechanger.database import Base
from voicechanger.queue import tables as queue_tables
from voicechanger.speech import tables as speech_tables
from voicechanger.voices import tables as voice_tables

DOMAINS = (accounts, credit_tables, queue_tables, speech_tables, voice_tables)

METADATA = Base.metadata
