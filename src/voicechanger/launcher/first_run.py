"""The first account: made once, with credits and a key, so that a newcomer can start."""

from __future__ import annotations

from voicechanger.domains.accounts import service as accounts
from voicechanger.domains.credits import service as credits_service
from voicechanger.kit.database import Database
from voicechanger.launcher.data_folder import DataFolder, write_private
from voicechanger.settings import Settings


async def ensure_account(url: str, settings: Settings, folder: DataFolder) -> None:
    """Make the first account unless there is one, and write its key to `api-key.txt`.

    The key file gets its name after the commit: where it exists, so does the account.
    """
    database = Database(url, pool_size=1)
    try:
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
    finally:
        await database.close()
