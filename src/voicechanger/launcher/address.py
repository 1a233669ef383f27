"""Find the database of a command: DATABASE_URL, or the private one of a running `serve`."""

from __future__ import annotations

from voicechanger.launcher.errors import ServingError
from voicechanger.launcher.postgres import PrivatePostgres
from voicechanger.settings import Settings


def database_address(settings: Settings) -> str:
    """Return DATABASE_URL or the URL of the private database; raise ServingError without either."""
    if settings.database_url:
        return settings.database_url
    folder = settings.data_dir / "postgres"
    if (folder / "postmaster.pid").exists():
        postgres = PrivatePostgres(folder)
        if postgres.is_ready():
            return postgres.url()
    raise ServingError(
        f"No database runs in {settings.data_dir}. Start `voicechanger serve` with this folder, or set DATABASE_URL."
    )
