"""The private PostgreSQL: odd folders, kills, leftovers."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
from sqlalchemy import create_engine, text

from voicechanger.launcher.errors import ServingError
from voicechanger.launcher.owner import LONGEST_SOCKET, socket_folder
from voicechanger.launcher.postgres import PrivatePostgres


@pytest.fixture
def folder() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="voicechanger-test-"))
    yield path
    shutil.rmtree(path)


def answer(server: PrivatePostgres) -> int:
    engine = create_engine(server.url())
    try:
        with engine.connect() as connection:
            return connection.execute(text("SELECT 41 + 1")).scalar_one()
    finally:
        engine.dispose()


@pytest.mark.parametrize("name", ["plain", "with a space", "ünï,cödé:'\"", "long-" + "x" * 120])
def test_any_folder_name_works(folder: Path, name: str) -> None:
    server = PrivatePostgres(folder / name / "postgres", durable=False)
    server.start()
    try:
        assert answer(server) == 42
    finally:
        server.stop()
    sockets = socket_folder(server.folder, 5432)
    assert not any(sockets.glob(".s.PGSQL*"))
    assert sockets == server.folder or not sockets.exists()


def test_what_was_written_is_there_after_a_kill(folder: Path) -> None:
    server = PrivatePostgres(folder / "postgres")
    server.start()
    write(server, "CREATE TABLE kept (id int); INSERT INTO kept VALUES (7)")
    assert server._process is not None  # the postmaster itself: launch.py became it
    server._process.send_signal(signal.SIGKILL)
    server._process.wait()
    assert (server.folder / "postmaster.pid").exists()
    again = PrivatePostgres(folder / "postgres")
    again.start()
    try:
        engine = create_engine(again.url())
        with engine.connect() as connection:
            assert connection.execute(text("SELECT id FROM kept")).scalar_one() == 7
        engine.dispose()
    finally:
        again.stop()


def test_a_recorded_number_that_is_another_process_now_is_no_hindrance(folder: Path) -> None:
    server = PrivatePostgres(folder / "postgres", durable=False)
    server.prepare()
    record = server.folder / "postmaster.pid"
    record.write_text(f"{os.getpid()}\n{server.folder}\n1\n5432\n\n\n\nready\n")
    server.start()
    try:
        assert answer(server) == 42
    finally:
        server.stop()


def test_it_does_not_outlive_its_parent(folder: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path; from voicechanger.launcher.postgres import PrivatePostgres;"
        "s = PrivatePostgres(Path(sys.argv[1]), durable=False); s.start(); print('up', flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", script, str(folder / "postgres")], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    assert parent.stdout.readline() == b"up\n"
    number = int((folder / "postgres" / "postmaster.pid").read_text().split("\n")[0])
    parent.kill()
    parent.wait()
    psutil.wait_procs([psutil.Process(number)] if psutil.pid_exists(number) else [], timeout=20)
    assert not psutil.pid_exists(number)
    assert not (folder / "postgres" / "postmaster.pid").exists()


def test_an_interrupted_first_start_is_made_again(folder: Path) -> None:
    half = folder / "postgres.new"
    half.mkdir()
    (half / "PG_VERSION").write_text("18")
    server = PrivatePostgres(folder / "postgres", durable=False)
    server.start()
    server.stop()
    assert not half.exists()


def test_only_the_owner_can_enter(folder: Path) -> None:
    server = PrivatePostgres(folder / "long-".ljust(120, "x") / "postgres", durable=False)
    server.prepare()
    for path in (server.folder, socket_folder(server.folder, 5432)):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700
    server.clean_up()


def test_another_version_is_refused_with_advice(folder: Path) -> None:
    (folder / "postgres").mkdir()
    (folder / "postgres" / "PG_VERSION").write_text("16\n")
    with pytest.raises(ServingError, match="written by PostgreSQL 16"):
        PrivatePostgres(folder / "postgres").prepare()


def test_a_socket_path_is_never_too_long() -> None:
    for length in range(60, 140):
        chosen = socket_folder(Path("/" + "x" * length), 5432)
        assert len(f"{chosen}/.s.PGSQL.5432") <= LONGEST_SOCKET


def test_the_folder_of_another_user_is_refused(folder: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give a folder away")
    long = folder / "long-".ljust(120, "x") / "postgres"
    taken = socket_folder(long.resolve(), 5432)
    taken.mkdir()
    os.chown(taken, 65534, 65534)
    try:
        with pytest.raises(ServingError, match="belongs to another user"):
            PrivatePostgres(long, durable=False).prepare()
    finally:
        taken.rmdir()


def write(server: PrivatePostgres, statement: str) -> None:
    address = server.url().replace("postgresql+psycopg", "postgresql")
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(statement.encode())
