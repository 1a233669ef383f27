"""PostgreSQL through SQLAlchemy 2 async on psycopg 3: the engine, the base of all tables, one transaction a request."""

from __future__ import annotations

import uuid
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, cast

import psycopg
from psycopg.conninfo import make_conninfo
from sqlalchemy import DateTime, MetaData, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


_LOCK_ACCOUNT = text("SELECT pg_advisory_xact_lock(hashtextextended(:account_id, 0))")


class Base(DeclarativeBase):
    """Base of every table; constraints get stable names so that migrations and errors can tell them."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {datetime: DateTime(timezone=True)}  # noqa: RUF012  # SQLAlchemy reads it so


def now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


class Database:
    """One pool of connections; everything goes through `transaction`."""

    def __init__(self, url: str, pool_size: int = 10) -> None:
        self.url = url
        self.engine: AsyncEngine = create_async_engine(
            url,
            pool_size=pool_size,
            max_overflow=10,
            pool_pre_ping=True,
            connect_args={"connect_timeout": 5},
            hide_parameters=True,  # errors and logs would show what callers sent
        )
        self._sessions = async_sessionmaker(self.engine, expire_on_commit=False)

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[AsyncSession]:
        """A session that commits at the end and rolls back on any exception."""
        async with self._sessions() as session, session.begin():
            yield session

    async def ping(self) -> None:
        """Raise when the database does not answer."""
        async with self.engine.connect() as connection:
            await connection.execute(text("SELECT 1"))

    async def close(self) -> None:
        """Give every connection back."""
        await self.engine.dispose()

    @property
    def conninfo(self) -> str:
        """The address as libpq takes it, for connections outside the pool."""
        # not the URL as text: SQLAlchemy writes a space as +, which libpq takes for a plus sign
        url = self.engine.url
        options = {name: value if isinstance(value, str) else ",".join(value) for name, value in url.query.items()}
        return make_conninfo("", **url.translate_connect_args(username="user", database="dbname"), **options)


async def driver_connection(session: AsyncSession) -> psycopg.AsyncConnection[Any]:
    """The psycopg connection under a session, to enqueue and notify inside its transaction."""
    raw = await (await session.connection()).get_raw_connection()
    return cast("psycopg.AsyncConnection[Any]", raw.driver_connection)


async def lock_account(session: AsyncSession, account_id: uuid.UUID) -> None:
    """Let one transaction at a time change what is counted per account: credits, voices, keys, open jobs.

    The lock is advisory and ends with the transaction, so that no domain needs another one's table for it.
    Take it before any row lock except a job's.
    """
    await session.execute(_LOCK_ACCOUNT, {"account_id": str(account_id)})
