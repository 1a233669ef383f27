"""Define every setting and read it from the environment; no other module reads the environment.

`make docs` writes docs/settings.md from the descriptions below.
"""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

MINIMUM_SECRET = 32
"""Least length of SECRET_KEY, in characters; a shorter one can be guessed."""


class Settings(BaseSettings):
    """Hold the whole configuration.

    A missing or weak secret is refused; no default replaces it.
    """

    model_config = SettingsConfigDict(env_file=None, extra="ignore", frozen=True)

    # storage
    data_dir: Path = Field(Path("data"), description="Folder of the private database, of local files and of keys.")
    database_url: str = Field(
        "", description="PostgreSQL server, `postgresql://…`. Empty: the private PostgreSQL that `serve` runs."
    )
    storage_url: str = Field(
        "",
        description="Where files are stored: `file:///folder`, `s3://bucket/prefix`, `gs://…` or `az://…`. "
        "Empty: the folder `objects` in DATA_DIR.",
    )
    models_dir: Path = Field(
        Path.home() / ".cache" / "voicechanger" / "models",
        description="Folder of the prepared speech models. All workers and checkouts of a machine share it.",
    )
    secret_key: SecretStr = Field(
        SecretStr(""),
        description="Secret that signs links, sessions and webhooks; at least 32 random characters "
        "(`openssl rand -hex 32`). Empty: `serve` creates one in DATA_DIR; other commands refuse to start.",
    )

    # the server
    host: str = Field(
        "127.0.0.1", description="Address that the API listens on. The default is reachable from this machine only."
    )
    port: int = Field(8000, ge=0, le=65535, description="Port that the API listens on.")
    public_url: str = Field(
        "", description="Address at which clients reach this server; signed links use it. Empty: `http://HOST:PORT`."
    )
    workers: int = Field(
        1, ge=1, le=64, description="Number of worker processes that `serve` starts. Each loads the model (0.4 GiB)."
    )
    threads: int = Field(
        2, ge=1, le=64, description="Threads that each worker computes with. Two need 0.6 of the time that one needs."
    )
    log_format: str = Field(
        "text",
        pattern="^(text|json)$",
        description="Format of log lines: `text` for people, `json` for log collectors.",
    )
    metrics_public: bool = Field(
        False,
        description="Answer `/metrics` for every caller. The default answers this machine only, because the metrics "
        "show how much the server is used.",
    )
    trusted_proxies: str = Field(
        "",
        description="Addresses of your reverse proxies, comma-separated; their X-Forwarded-For header is trusted. "
        "Empty: no proxy, the header is ignored.",
    )

    # connections
    max_connections: int = Field(
        500, ge=1, description="Connections that an API process keeps open; further ones get 503."
    )
    max_connections_per_network: int = Field(
        100,
        ge=1,
        description="Connections that one client address, or one IPv6 network (/64), may hold open in an API process. "
        "Addresses in TRUSTED_PROXIES are not limited.",
    )

    # requests
    max_text_characters: int = Field(
        20_000, ge=1, le=1_000_000, description="Longest text of a request, in characters."
    )
    max_upload_bytes: int = Field(
        25_000_000,
        ge=100_000,
        description="Largest reference recording, in bytes. The default holds 60 s of 32-bit stereo WAV at 48 kHz.",
    )
    max_image_bytes: int = Field(5_000_000, ge=10_000, description="Largest portrait, in bytes.")
    upload_seconds: float = Field(
        120.0, gt=0, description="Longest time that an upload may take, in seconds. Slower ones get 408."
    )
    sync_wait_seconds: float = Field(
        30.0,
        ge=0,
        le=600,
        description="How long a sync request waits for its job, in seconds. The default is below the 60 s after which "
        "many proxies end a request.",
    )
    requests_per_minute: int = Field(
        120, ge=1, description="Requests that an account may send per minute; all API processes count together."
    )
    max_open_quotes: int = Field(
        3, ge=1, description="Quotes of an account that may be waited for at the same time; further ones get 429."
    )
    max_open_jobs: int = Field(
        50, ge=1, description="Jobs of an account that may be queued or running, so that no account fills the queue."
    )
    max_voices: int = Field(100, ge=1, le=100_000, description="Custom voices that an account may have.")
    max_pronunciations: int = Field(
        1_000,
        ge=1,
        le=10_000,
        description="Entries that the dictionary of an account may have. Every accepted job reads all of them.",
    )
    refine_voices: bool = Field(
        True,
        description="Refine saved voices in the background. Each takes about a minute of a worker, behind all jobs, "
        "and 1.2 GiB more memory during that time. Turn it off on small machines.",
    )
    consent_required: bool = Field(
        True, description="Refuse a custom voice without the speaker's statement of consent."
    )

    # webhooks
    webhooks_allow_http: bool = Field(
        False, description="Allow webhooks to `http://` addresses. Anyone on the way can read such messages."
    )
    webhooks_allow_private: bool = Field(
        False,
        description="Allow webhooks to private addresses and to any port. Every account can then send requests into "
        "your network; use it only in an intranet where you trust all accounts.",
    )

    # reference clips
    clip_min_seconds: float = Field(3.0, gt=0, description="Shortest reference recording, in seconds.")
    clip_max_seconds: float = Field(
        60.0, gt=0, description="Longest reference recording, in seconds. The encoder uses at most 60 s."
    )
    clip_check_seconds: float = Field(
        30.0, gt=0, description="Longest time that the check of a recording may take, in seconds; then it is stopped."
    )

    # jobs
    job_max_attempts: int = Field(
        3, ge=1, le=10, description="How often a job is started, lost workers included, before it fails."
    )
    job_max_seconds: float = Field(
        3 * 3600.0, gt=0, description="Longest time that an attempt may run, in seconds; then the job fails."
    )
    result_hours: float = Field(72.0, gt=0, description="How long results are stored, in hours.")
    link_seconds: int = Field(
        900,
        ge=10,
        le=604_800,
        description="How long a signed link works, in seconds. The default is short, because anyone who has the link "
        "can use it; object stores allow 7 days at most.",
    )

    # credits
    credits_per_character: int = Field(1, ge=0, description="Price of a character, in credits. 0: speech is free.")
    first_account_credits: int = Field(
        1_000_000, ge=0, description="Credits of the first account, which `serve` creates."
    )
    signup_credits: int = Field(10_000, ge=0, description="Credits of an account that signs up on the dashboard.")
    sign_up: str = Field(
        "loopback",
        pattern="^(open|loopback|closed)$",
        description="Who may sign up on the dashboard: `open`: everyone who reaches it; `loopback`: people at this "
        "machine, not through a proxy; `closed`: nobody. The administrator comes from the link that `serve` prints.",
    )

    @field_validator("secret_key")
    @classmethod
    def _strong(cls, value: SecretStr) -> SecretStr:
        text = value.get_secret_value()
        if text and (len(text) < MINIMUM_SECRET or len(set(text)) < 8):
            raise ValueError(
                f"SECRET_KEY is too weak: use at least {MINIMUM_SECRET} random characters (openssl rand -hex 32)"
            )
        return value

    @field_validator("database_url")
    @classmethod
    def _psycopg(cls, value: str) -> str:
        for old in ("postgres://", "postgresql://"):
            if value.startswith(old):
                return "postgresql+psycopg://" + value[len(old) :]
        if value and not value.startswith("postgresql+psycopg://"):
            raise ValueError(
                "DATABASE_URL must start with postgresql://; leave it empty for the private PostgreSQL of `serve`"
            )
        return value

    @model_validator(mode="after")
    def _bounds(self) -> Self:
        if self.clip_min_seconds >= self.clip_max_seconds:
            raise ValueError(
                f"CLIP_MIN_SECONDS ({self.clip_min_seconds:g}) must be less than"
                f" CLIP_MAX_SECONDS ({self.clip_max_seconds:g})"
            )
        return self

    @property
    def base_url(self) -> str:
        """Return PUBLIC_URL, or the address that the API listens on, without a slash at the end."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def effective_storage_url(self) -> str:
        """Return STORAGE_URL, or the address of the folder `objects` in DATA_DIR."""
        return self.storage_url or (self.data_dir.resolve() / "objects").as_uri()

    def secret(self) -> bytes:
        """Return SECRET_KEY as bytes; raise ValueError if it is not set."""
        text = self.secret_key.get_secret_value()
        if not text:
            raise ValueError("SECRET_KEY is not set: set it, or use `voicechanger serve`, which creates one")
        return text.encode()

    def require_database(self) -> str:
        """Return DATABASE_URL; raise ValueError if it is not set."""
        if not self.database_url:
            raise ValueError(
                "DATABASE_URL is not set: set it, or use `voicechanger serve`, which runs a private PostgreSQL"
            )
        return self.database_url


@lru_cache
def get_settings() -> Settings:
    """Return the settings of this process; they are read once."""
    return Settings()  # pyright: ignore[reportCallIssue]  # every field has a default


def environment_with(**settings: str) -> dict[str, str]:
    """Return the environment for a child process: that of this process with `settings` on top."""
    return dict(os.environ) | settings
