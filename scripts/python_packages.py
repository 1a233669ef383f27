"""Install a lock file into an environment with uv, check that what it holds loads, and repair what does not with pip.

uv does not read pip's configuration, so it is handed on. Where two indexes hold the same version, uv looks at the
first index only and may take a file without the native library; pip compares the files of all indexes.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD_LOCK = ROOT / "requirements" / "build.txt"
UV = ROOT / ".venv" / "bin" / "uv"
CHECK = ROOT / "scripts" / "check_install.py"
UV_NAMES = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "cert": "SSL_CERT_FILE",
}


def install(python: Path, lock: Path, packages: list[str] | None = None) -> None:
    """Install exactly what the lock says; stop with a sentence when something of it does not load.

    `packages` limits the check; None checks every package with a native part.
    """
    options = ["--quiet", "--require-hashes", "-r", str(lock)]
    command = [str(UV), "pip", "install", "--python", str(python), "--build-constraints", str(BUILD_LOCK), *options]
    if subprocess.run(command, env=uv_environment(python)).returncode != 0:
        print("setup: uv could not install them (its message is above); trying pip", flush=True)
        if pip(python, options) != 0:
            sys.exit(f"setup stopped: neither uv nor pip could install {lock.name}; their messages are above")
    if broken := broken_packages(python, packages):
        repair(python, lock, broken)


def repair(python: Path, lock: Path, broken: dict[str, str]) -> None:
    """Install the packages that do not load once more, by pip; stop with a sentence when that does not help."""
    print(f"setup: installing again with pip what does not load: {', '.join(broken)}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        part = Path(folder) / "part.txt"
        part.write_text("".join(entry for name, entry in entries(lock.read_text()) if name in broken))
        failed = pip(python, ["--quiet", "--force-reinstall", "--no-deps", "--require-hashes", "-r", str(part)])
    still = broken if failed else broken_packages(python, list(broken))
    if still:
        named = "; ".join(f"{name} does not load ({error})" for name, error in still.items())
        sys.exit(
            f"setup stopped: {named}. No index that pip is configured with offers a build that works on this machine: "
            f"add one that does (`pip config list` shows them), then run this again"
        )


def broken_packages(python: Path, packages: list[str] | None) -> dict[str, str]:
    """What does not load in that environment, with its error."""
    done = subprocess.run([str(python), str(CHECK), *(packages or [])], capture_output=True, text=True)
    if done.returncode not in (0, 1) or done.stderr:
        sys.exit(f"setup stopped: the check of what was installed failed:\n{done.stderr}")
    return dict(line.split(": ", 1) for line in done.stdout.splitlines())


def entries(lock: str) -> list[tuple[str, str]]:
    """Names and texts of the entries of a lock file."""
    found = re.findall(r"^(?=[A-Za-z0-9]).*(?:\n[ \t]+.*)*\n?", lock, re.MULTILINE)
    return [(re.split(r"[=\[ ]", entry, maxsplit=1)[0].lower().replace("_", "-"), entry) for entry in found]


def pip(python: Path, options: list[str]) -> int:
    """Exit status of `pip install`."""
    return subprocess.run([str(python), "-m", "pip", "install", *options]).returncode


def uv_environment(python: Path, names: tuple[str, ...] = tuple(UV_NAMES)) -> dict[str, str]:
    """The environment for uv: ours, and what pip is configured to use where uv is not told otherwise."""
    listed = subprocess.run([str(python), "-m", "pip", "config", "list"], capture_output=True, text=True)
    environment = dict(os.environ)
    # the hashes decide what may be installed, so any index may serve it, as with pip
    environment.setdefault("UV_INDEX_STRATEGY", "unsafe-best-match")
    for name, value in pip_options(listed.stdout).items():
        if name not in names:
            continue
        separator = "," if name == "find-links" else " "
        environment.setdefault(UV_NAMES[name], separator.join(value.split()))
    return environment


def pip_options(listing: str) -> dict[str, str]:
    """Options of `pip config list` that uv knows; a later section (install, environment) wins."""
    found: dict[str, str] = {}
    rank = {"global": 0, "user": 1, "site": 2, "install": 3, ":env:": 4}
    lines = [line.partition("=") for line in listing.splitlines() if "=" in line]
    for key, _, value in sorted(lines, key=lambda parts: rank.get(parts[0].partition(".")[0], 0)):
        name = key.rpartition(".")[2]
        if name in UV_NAMES:
            found[name] = value.strip("'\"").replace("\\n", " ")
    return found


if __name__ == "__main__":
    # uv for the lock files: only the main index, because uv takes a version's hashes from one index
    main_index = uv_environment(Path(sys.executable), ("index-url", "cert"))
    os.execve(UV, [str(UV), *sys.argv[1:]], main_index)
