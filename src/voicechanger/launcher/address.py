"""The database that a command shall use: the one of the settings, or the private one of a running `serve`."""

from __future__ import annotations

from voicechanger.launcher.errors import ServingError
from voicechanger.launcher.postgres import PrivatePostgres
from voicechanger.settings import Settings


def database_address(settings: Settings) -> str:
    """DATABASE_URL, or the private server's; ServingError when neither is there."""
    if settings.database_url:
        return settings.database_url
    folder = settings.data_dir / "postgres"
    if (folder / "postmaster.pid").exists():
        postgres = PrivatePostgres(folder)
        if postgres.is_ready():
            return postgres.url()
    raise ServingError(
        f"No database runs in {settings.data_dir}: start `voicechanger serve` there, or set DATABASE_URL"
    )
