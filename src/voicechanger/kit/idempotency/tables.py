"""The table of idempotency keys."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from voicechanger.kit.database import Base, now


class IdempotencyKey(Base):
    """One key of one account: held by a request in progress, or with the answer to the accepted request."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (Index("ix_idempotency_keys_expiry", "expires_at"),)

    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    fingerprint: Mapped[bytes]
    """SHA-256 of route, fields and files."""
    token: Mapped[uuid.UUID]
    """Which request holds the key; another may acquire it once the lease has expired."""
    lease_until: Mapped[datetime]
    status: Mapped[int | None]
    """HTTP status of the answer; None while the request is in progress."""
    body: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    headers: Mapped[dict[str, str] | None] = mapped_column(JSONB)
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime]
