"""The data folder: one serve at a time, private files, the first account."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from voicechanger.domains.accounts import service as accounts
from voicechanger.domains.accounts import store
from voicechanger.domains.credits import service as credits_service
from voicechanger.kit.database import Database
from voicechanger.launcher.data_folder import DataFolder, write_private
from voicechanger.launcher.errors import ServingError
from voicechanger.launcher.first_run import ensure_account
from voicechanger.settings import Settings


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_second_serve_is_refused_until_the_first_ends(tmp_path: Path) -> None:
    with DataFolder(tmp_path / "data"), pytest.raises(ServingError, match=f"process {os.getpid()}.*DATA_DIR"):
        DataFolder(tmp_path / "data").__enter__()
    assert not (tmp_path / "data" / "serve.lock").exists()
    with DataFolder(tmp_path / "data"):
        pass


def test_a_killed_serve_leaves_no_lock(tmp_path: Path) -> None:
    script = (
        "import os, signal, sys; from pathlib import Path; from voicechanger.launcher.data_folder import DataFolder;"
        "DataFolder(Path(sys.argv[1])).__enter__(); os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False)
    assert (tmp_path / "serve.lock").exists()
    with DataFolder(tmp_path):
        pass


def test_the_secret_is_strong_private_and_the_same_again(tmp_path: Path) -> None:
    with DataFolder(tmp_path / "data") as folder:
        secret = folder.secret()
        assert folder.secret() == secret
    assert len(secret) == 64
    assert mode(tmp_path / "data" / "secret") == 0o600
    assert mode(tmp_path / "data") == 0o700
    with DataFolder(tmp_path / "other") as other:
        assert other.secret() != secret


def test_others_lose_access_to_a_folder_that_was_open(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data").chmod(0o777)
    with DataFolder(tmp_path / "data"):
        assert mode(tmp_path / "data") & 0o067 == 0


def test_a_half_written_file_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "secret.part").write_text("ha")
    write_private(tmp_path / "secret", "whole")
    assert (tmp_path / "secret").read_text() == "whole\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["secret"]


def test_a_folder_that_cannot_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ServingError, match="cannot be written"):
        DataFolder(tmp_path / "file" / "data").__enter__()


async def test_the_first_account_is_made_once_with_credits_and_a_key(fresh_database_url: str, tmp_path: Path) -> None:
    settings = Settings(first_account_credits=500)
    with DataFolder(tmp_path) as folder:
        await ensure_account(fresh_database_url, settings, folder)
        key = folder.key_file.read_text().strip()
        assert mode(folder.key_file) == 0o600
        await ensure_account(fresh_database_url, settings, folder)
        assert folder.key_file.read_text().strip() == key
        # as a start leaves it that ends between the commit and the renaming of the key's file
        folder.key_file.rename(folder.new_key_file)
        await ensure_account(fresh_database_url, settings, folder)
        assert folder.key_file.read_text().strip() == key
        assert not folder.new_key_file.exists()
    database = Database(fresh_database_url, pool_size=1)
    try:
        async with database.transaction() as session:
            caller = await accounts.authenticate(session, key)
            first = await store.first_account(session)
            assert first is not None
            assert first.id == caller.account_id
            assert (await credits_service.balance(session, caller.account_id)).available == 500
    finally:
        await database.close()
