"""The first account, with credits and a key, and the link that makes the first administrator."""

from __future__ import annotations

from voicechanger.domains.accounts import service as accounts
from voicechanger.domains.accounts import setup
from voicechanger.domains.credits import service as credits_service
from voicechanger.kit.database import Database
from voicechanger.launcher.data_folder import DataFolder, write_private
from voicechanger.settings import Settings


async def ensure_account(url: str, settings: Settings, folder: DataFolder) -> None:
    """Make the first account unless there is one, and write its key to `api-key.txt`.

    While no administrator can sign in, write a new one-time link to `admin-link.txt`; later remove that file.
    """
    database = Database(url, pool_size=1)
    try:
        await _ensure_key(database, settings, folder)
        async with database.transaction() as session:
            needed = await setup.is_needed(session)
            if needed:
                write_private(folder.admin_link_file, setup_link(settings, await setup.new_token(session)))
        if not needed:
            folder.admin_link_file.unlink(missing_ok=True)
    finally:
        await database.close()


def setup_link(settings: Settings, token: str) -> str:
    """Return the address at which a token makes an administrator."""
    return f"{settings.base_url}/setup?token={token}"


async def _ensure_key(database: Database, settings: Settings, folder: DataFolder) -> None:
    """Make the first account and its key.

    The key file gets its name after the commit: where it exists, so does the account.
    """
    async with database.transaction() as session:
        if await accounts.first_account(session) is not None:
            if folder.new_key_file.exists() and not folder.key_file.exists():
                folder.new_key_file.rename(folder.key_file)  # the process ended between commit and rename
            return
        account = await accounts.create_account(session, "First account", is_admin=True)
        if settings.first_account_credits:
            await credits_service.grant(session, account.id, settings.first_account_credits, "first account")
        _, text = await accounts.create_key(session, account.id, "First key")
        # before the commit: a key that cannot be kept is never made
        write_private(folder.new_key_file, text)
    folder.new_key_file.rename(folder.key_file)
