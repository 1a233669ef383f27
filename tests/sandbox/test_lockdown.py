"""A locked child cannot read the secret, reach the network, start a process or write elsewhere."""

from __future__ import annotations

import errno
import json
import os
import platform
import socket
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from voicechanger.domains.clips import upload
from voicechanger.sandbox import landlock, seccomp
from voicechanger.sandbox.child import ENVIRONMENT
from voicechanger.sandbox.lockdown import Protection, protection

OFFERED = protection()
needs_landlock = pytest.mark.skipif(OFFERED.landlock < 4, reason="needs Landlock 4")
needs_seccomp = pytest.mark.skipif(not OFFERED.seccomp, reason="needs seccomp")
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")

ATTEMPTS = """
import ctypes, json, mmap, os, signal, socket, subprocess, sys, threading
secret, elsewhere, port, parent = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])

def read_by_link():
    os.symlink(secret, elsewhere + ".link")

def connect():
    with socket.socket() as it:
        it.connect(("127.0.0.1", port))

def signal_parent():
    os.kill(parent, signal.SIGURG)

def run_memory():
    mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC).close()

def fork():
    if os.fork() == 0:
        os._exit(0)

ATTEMPTS = {
    "read": lambda: open(secret).read(),
    "list": lambda: os.listdir(os.path.dirname(secret)),
    "write": lambda: open(elsewhere, "w").close(),
    "delete": lambda: os.unlink(secret + ".spare"),
    "link": read_by_link,
    "connect": connect,
    "fork": fork,
    "run": lambda: subprocess.run(["/bin/true"], check=True),
    "signal": signal_parent,
    "inspect": lambda: open(f"/proc/{parent}/environ", "rb").read(),
    "execute": run_memory,
}

def attempt(names):
    done = {}
    for name in names:
        try:
            ATTEMPTS[name]()
        except OSError as error:
            done[name] = error.errno
        else:
            done[name] = 0
    return done
"""
FILES = {"read", "list", "write", "delete", "link", "inspect"}
PROCESSES = {"fork", "run"}
ALL = FILES | PROCESSES | {"connect", "signal", "execute"}


@pytest.fixture
def port():
    """A port on which this test listens."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


def tried(tmp_path: Path, port: int, before: str, names: set[str] = ALL, after: str = "") -> dict[str, int]:
    """What a child could do: 0, or the number of the system's error, by name of the attempt."""
    secret = tmp_path / "secret-key"
    for path in (secret, Path(f"{secret}.spare")):
        path.write_text("0123456789abcdef")
        path.chmod(0o600)
    code = f"{ATTEMPTS}\n{before}\nprint(json.dumps(attempt({sorted(names)})))\n{after}"
    arguments = [str(secret), str(tmp_path / "elsewhere"), str(port), str(os.getpid())]
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, env=ENVIRONMENT)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


LOCK = "from voicechanger.sandbox import lockdown, landlock, seccomp, identity\n"


def test_without_the_lock_everything_can_be_done(tmp_path: Path, port: int) -> None:
    assert set(tried(tmp_path, port, "").values()) == {0}


@needs_seccomp
@needs_landlock
def test_a_locked_child_can_do_nothing(tmp_path: Path, port: int) -> None:
    assert tried(tmp_path, port, LOCK + "lockdown.lock_down()") == dict.fromkeys(ALL, errno.EPERM)


@needs_seccomp
def test_seccomp_alone_is_enough(tmp_path: Path, port: int) -> None:
    alone = "landlock.version = lambda: 0; identity.drop_root = lambda: None; lockdown.lock_down()"
    assert tried(tmp_path, port, LOCK + alone) == dict.fromkeys(ALL, errno.EPERM)


@needs_landlock
def test_landlock_alone_keeps_files_and_network_away(tmp_path: Path, port: int) -> None:
    alone = "seccomp.available = lambda: False; identity.drop_root = lambda: None; lockdown.lock_down()"
    done = tried(tmp_path, port, LOCK + alone, FILES | {"connect"})
    assert all(done.values()), done


@needs_root
def test_the_user_alone_keeps_files_and_processes_away(tmp_path: Path, port: int) -> None:
    alone = "seccomp.available = lambda: False; landlock.version = lambda: 0; lockdown.lock_down()"
    done = tried(tmp_path, port, LOCK + alone, (FILES | PROCESSES | {"signal"}) - {"list"})
    assert all(done.values()), done


@needs_root
def test_each_child_is_another_user_without_groups_and_capabilities() -> None:
    code = LOCK + "import os; identity.drop_root(); print(os.getresuid(), os.getgroups())\n"
    code += "print([line for line in open('/proc/self/status') if line.startswith('CapEff')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "'CapEff:\\t0000000000000000\\n'" in done.stdout and "[]" in done.stdout
    ids = eval(done.stdout.splitlines()[0].split(") ")[0] + ")")
    assert len(set(ids)) == 1 and ids[0] >= 61_184


CHILDREN = {
    "clip": (
        "voicechanger.tts.audio.clip_child",
        "from voicechanger.tts.audio import clip_check as module; place = 'check'",
    ),
    "picture": (
        "voicechanger.domains.voices.portrait_child",
        "from voicechanger.domains.voices import portrait_decode as module; place = 'remake'",
    ),
}


@needs_seccomp
@pytest.mark.parametrize("kind", CHILDREN)
def test_a_decoder_that_was_taken_over_can_do_nothing(kind: str, tmp_path: Path, port: int) -> None:
    """The real child runs; where it would decode, it runs what an attacker would."""
    child, replaced = CHILDREN[kind]
    (tmp_path / "upload").write_bytes(b"x")
    code = f"""
{replaced}
def taken_over(*_):
    print(json.dumps(attempt({sorted(ALL)})), flush=True)
    os._exit(0)
setattr(module, place, taken_over)
from importlib import import_module
sys.argv = ["child", {str(tmp_path / "out")!r}, {str(tmp_path / "upload")!r}]
import_module({child!r}).main()
"""
    assert tried(tmp_path, port, code) == dict.fromkeys(ALL, errno.EPERM)


def test_what_is_missing_is_logged_with_what_remains(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upload, "protection", lambda: Protection(0, False))
    with capture_logs() as lines:
        upload.log_protection()
    warnings = [line["why"] for line in lines if line["log_level"] == "warning"]
    assert len(warnings) == 3 and "network" in warnings[-1]
    monkeypatch.setattr(upload, "protection", lambda: Protection(7, True))
    with capture_logs() as lines:
        upload.log_protection()
    assert [line["event"] for line in lines] == ["decoder_sandbox"]


@pytest.mark.parametrize(("version", "size", "files"), [(1, 8, 13), (2, 8, 14), (3, 8, 15), (5, 16, 16), (7, 24, 16)])
def test_every_right_that_a_kernel_knows_is_taken(version: int, size: int, files: int) -> None:
    rules = landlock.ruleset(version)
    assert len(rules) == size and struct.unpack_from("=Q", rules)[0] == (1 << files) - 1


KILLED, ALLOWED, REFUSED = 0x80000000, 0x7FFF0000, 0x50000 | errno.EPERM


def outcome(machine: int, architecture: int, number: int, *arguments: int) -> int:
    """Run the filter as the kernel would."""
    data = struct.pack("=IIQ6Q", number, architecture, 0, *arguments, *[0] * (6 - len(arguments)))
    code = seccomp.program(machine)
    steps = [struct.unpack_from("=HBBI", code, place) for place in range(0, len(code), 8)]
    place = held = 0
    while True:
        kind, if_true, if_false, value = steps[place]
        place += 1
        if kind == 0x06:
            return value
        if kind == 0x20:
            held = struct.unpack_from("=I", data, value)[0]
        else:
            place += if_true if (held == value if kind == 0x15 else held & value) else if_false


MACHINES = {
    # architecture, read, openat, socket, clone, execve, mmap, newfstatat, fcntl
    0: (0xC000003E, 0, 257, 41, 56, 59, 9, 262, 72),
    1: (0xC00000B7, 63, 56, 198, 220, 221, 222, 79, 25),
}


@pytest.mark.parametrize("machine", MACHINES)
def test_the_filter_on_both_architectures(machine: int) -> None:
    architecture, read, openat, connect, clone, execve, mmap, newfstatat, fcntl = MACHINES[machine]
    assert outcome(machine, architecture, read) == ALLOWED
    assert {outcome(machine, architecture, number) for number in (openat, connect, clone, execve)} == {REFUSED}
    assert outcome(machine, architecture ^ 0x80, read) == KILLED
    assert outcome(machine, architecture, read | 0x40000000) == REFUSED
    assert outcome(machine, architecture, mmap, 0, 4096, 3) == ALLOWED
    assert outcome(machine, architecture, mmap, 0, 4096, 7) == REFUSED
    assert outcome(machine, architecture, newfstatat, 3, 0, 0, 0x1000) == ALLOWED
    assert outcome(machine, architecture, newfstatat, 3, 0, 0, 0) == REFUSED
    assert outcome(machine, architecture, fcntl, 3, 1030) == ALLOWED
    assert outcome(machine, architecture, fcntl, 3, 8) == REFUSED


def test_an_unknown_architecture_has_no_filter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    assert seccomp.available() is False
