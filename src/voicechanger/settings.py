"""Every setting, read from the environment here and nowhere else.  docs/settings.md lists them; a test keeps it so."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

MINIMUM_SECRET = 32
"""Characters of SECRET_KEY; below that it can be guessed."""


class Settings(BaseSettings):
    """The whole configuration; a missing or weak secret is refused, never replaced by a default."""

    model_config = SettingsConfigDict(env_file=None, extra="ignore", frozen=True)

    # where things are
    data_dir: Path = Field(Path("data"), description="Folder of the private database, local files and keys.")
    database_url: str = Field("", description="PostgreSQL, postgresql://…; empty: the private one of `serve`.")
    storage_url: str = Field("", description="file:///folder, s3://bucket/prefix, gs://…, az://…; empty: in DATA_DIR.")
    models_dir: Path = Field(
        Path.home() / ".cache" / "voicechanger" / "models",
        description="Prepared speech models, shared by workers.",
    )
    secret_key: SecretStr = Field(SecretStr(""), description="Signs links and sessions; at least 32 characters.")

    # the server
    host: str = Field("127.0.0.1", description="Address that the API listens on.")
    port: int = Field(8000, ge=0, le=65535, description="Port that the API listens on.")
    public_url: str = Field("", description="How clients reach this server; empty: http://HOST:PORT.")
    workers: int = Field(1, ge=1, le=64, description="Worker processes that `serve` starts.")
    threads: int = Field(2, ge=1, le=64, description="Inference threads of each worker.")
    log_format: str = Field("text", pattern="^(text|json)$", description="text for people, json for collectors.")
    metrics_public: bool = Field(False, description="Serve /metrics to callers other than this machine.")
    trusted_proxies: str = Field("", description="Addresses whose X-Forwarded-For is believed, comma-separated.")

    # requests
    max_text_characters: int = Field(20_000, ge=1, le=1_000_000, description="Longest text of one request.")
    max_upload_bytes: int = Field(25_000_000, ge=100_000, description="Largest reference recording, in bytes.")
    max_image_bytes: int = Field(5_000_000, ge=10_000, description="Largest portrait, in bytes.")
    upload_seconds: float = Field(120.0, gt=0, description="Longest that an upload may take.")
    sync_wait_seconds: float = Field(30.0, ge=0, le=600, description="How long a sync request waits for its job.")
    requests_per_minute: int = Field(120, ge=1, description="Requests an account may make, averaged over a minute.")
    max_open_jobs: int = Field(50, ge=1, description="Jobs of one account that may be queued or running.")
    max_voices: int = Field(100, ge=1, le=100_000, description="Custom voices that one account may have.")
    max_pronunciations: int = Field(
        1_000, ge=1, le=10_000, description="Words in the dictionary of pronunciations that one account may have."
    )
    refine_voices: bool = Field(
        True, description="Better saved voices in the background: a minute of a worker, 1.2 GiB more meanwhile."
    )
    consent_required: bool = Field(True, description="A custom voice needs the owner's statement of consent.")

    # webhooks
    webhooks_allow_http: bool = Field(False, description="Webhooks may go to http:// addresses, unencrypted.")
    webhooks_allow_private: bool = Field(
        False, description="Webhooks may reach private addresses, so any account can call them; intranets only."
    )

    # reference clips
    clip_min_seconds: float = Field(3.0, gt=0, description="Shortest reference clip.")
    clip_max_seconds: float = Field(60.0, gt=0, description="Longest reference clip.")
    clip_check_seconds: float = Field(30.0, gt=0, description="Time after which decoding an upload is killed.")

    # jobs
    job_max_attempts: int = Field(3, ge=1, le=10, description="Starts of a job, lost workers included.")
    job_max_seconds: float = Field(3 * 3600.0, gt=0, description="Longest that one attempt may run.")
    result_hours: float = Field(72.0, gt=0, description="How long results are kept.")
    link_seconds: int = Field(900, ge=10, le=604_800, description="How long a signed link works.")

    # credits
    credits_per_character: int = Field(1, ge=0, description="Price of one character.")
    first_account_credits: int = Field(1_000_000, ge=0, description="Given to the first account by `serve`.")
    signup_credits: int = Field(10_000, ge=0, description="Given to an account that signs up on the dashboard.")
    signup_open: bool = Field(True, description="Anyone who reaches the dashboard may sign up.")

    @field_validator("secret_key")
    @classmethod
    def _strong(cls, value: SecretStr) -> SecretStr:
        text = value.get_secret_value()
        if text and (len(text) < MINIMUM_SECRET or len(set(text)) < 8):
            raise ValueError(
                f"SECRET_KEY is weak: use at least {MINIMUM_SECRET} random characters (openssl rand -hex 32)"
            )
        return value

    @field_validator("database_url")
    @classmethod
    def _psycopg(cls, value: str) -> str:
        for old in ("postgres://", "postgresql://"):
            if value.startswith(old):
                return "postgresql+psycopg://" + value[len(old) :]
        if value and not value.startswith("postgresql+psycopg://"):
            raise ValueError("DATABASE_URL must be a PostgreSQL address, postgresql://…")
        return value

    @model_validator(mode="after")
    def _bounds(self) -> Self:
        if self.clip_min_seconds >= self.clip_max_seconds:
            raise ValueError("CLIP_MIN_SECONDS must be less than CLIP_MAX_SECONDS")
        return self

    @property
    def base_url(self) -> str:
        """PUBLIC_URL, or the address listened on; no slash at the end."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def effective_storage_url(self) -> str:
        """STORAGE_URL, or the folder `objects` in DATA_DIR."""
        return self.storage_url or (self.data_dir.resolve() / "objects").as_uri()

    def secret(self) -> bytes:
        """SECRET_KEY as bytes; ValueError when there is none."""
        text = self.secret_key.get_secret_value()
        if not text:
            raise ValueError("SECRET_KEY is not set: `voicechanger serve` makes one, other commands need it given")
        return text.encode()

    def require_database(self) -> str:
        """DATABASE_URL; ValueError when there is none."""
        if not self.database_url:
            raise ValueError("DATABASE_URL is not set: `voicechanger serve` starts a private PostgreSQL, or give one")
        return self.database_url


@lru_cache
def get_settings() -> Settings:
    """The settings of this process, read once."""
    return Settings()  # pyright: ignore[reportCallIssue]  # every field has a default


def environment_with(**settings: str) -> dict[str, str]:
    """The environment for a child process: ours, with these settings laid over it."""
    return dict(os.environ) | settings
