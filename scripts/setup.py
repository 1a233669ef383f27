"""Install what the project needs into .venv, node_modules and the model folder; quick when nothing changed.

    scripts/setup run     to serve
    scripts/setup check   and to lint
    scripts/setup test    and to test

Runs on the Python of .venv before anything is installed there: standard library only.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import bundles
import python_packages

ROOT = Path(__file__).resolve().parent.parent
PYTHON = ROOT / ".venv" / "bin" / "python"
STAMPS = ROOT / "build" / "stamps"
LOCKS = {"run": "runtime.txt", "check": "dev.txt", "test": "dev.txt"}


def main() -> None:
    purpose = sys.argv[1] if len(sys.argv) == 2 else ""
    if purpose not in LOCKS:
        sys.exit(__doc__)
    os.chdir(ROOT)
    lock, build = ROOT / "requirements" / LOCKS[purpose], python_packages.BUILD_LOCK
    pip = (PYTHON, "-m", "pip", "install", "--quiet")
    once("build tools", [build], lambda: run(*pip, "--require-hashes", "-r", build))
    once(lock.name, [lock, build, python_packages.CHECK], lambda: python_packages.install(PYTHON, lock))
    once("bundles", [bundles.LIST], bundles.install, made=bundles.targets())
    editable = ("--no-deps", "--no-build-isolation", "--editable", ".")
    once("package", [ROOT / "pyproject.toml"], lambda: run(*pip, *editable))
    once("models", model_inputs(), lambda: run(PYTHON, "-m", "voicechanger", "models", "--quiet"))
    if purpose != "run":
        node = [ROOT / name for name in ("package.json", "package-lock.json", ".npmrc")]
        once("node_modules", node, lambda: bundles.npm(["ci", "--ignore-scripts", "--silent"]), made=["node_modules"])


def model_inputs() -> list[Path]:
    """What the model folder is built from, and its own mark: it lies outside this folder and may be removed."""
    tts = ROOT / "src" / "voicechanger" / "tts"
    models = Path(os.environ.get("MODELS_DIR") or Path.home() / ".cache" / "voicechanger" / "models")
    code = [tts / "recogniser.py", *tts.glob("kokoro/*.py"), *tts.glob("cloning/**/*.py")]
    return [bundles.LIST, ROOT / "requirements" / "runtime.txt", *sorted(code), models / "VERSION"]


def once(name: str, inputs: list[Path], step: Callable[[], object], made: list[str] | None = None) -> None:
    """Run a step unless its stamp says that the same inputs went through it and what it made is still there."""
    stamp = STAMPS / name.replace(" ", "-")
    if stamp.exists() and stamp.read_text() == digest(inputs) and all((ROOT / path).exists() for path in made or []):
        return
    print(f"setup: {name}", flush=True)
    step()
    STAMPS.mkdir(parents=True, exist_ok=True)
    stamp.write_text(digest(inputs))


def digest(inputs: list[Path]) -> str:
    """Of the contents; a file that is missing counts as itself."""
    found = hashlib.sha256(str(PYTHON).encode())
    for path in inputs:
        found.update(path.read_bytes() if path.exists() else b"missing")
    return found.hexdigest()


def run(*command: str | Path) -> None:
    """Run a command, or stop and name it."""
    if subprocess.run([str(part) for part in command]).returncode != 0:
        sys.exit(f"setup stopped: this failed: {' '.join(str(part) for part in command)}")


if __name__ == "__main__":
    main()
