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
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMPS = ROOT / "build" / "stamps"
LOCKS = {"run": "runtime.txt", "check": "dev.txt", "test": "dev.txt"}

sys.path.insert(0, str(ROOT / "scripts"))
import bundles  # noqa: E402
import python_packages  # noqa: E402


def main() -> None:
    purpose = sys.argv[1] if len(sys.argv) == 2 else ""
    if purpose not in LOCKS:
        sys.exit(__doc__)
    os.chdir(ROOT)
    make_environment()
    lock, build = ROOT / "requirements" / LOCKS[purpose], python_packages.BUILD_LOCK
    once("build tools", [build], lambda: pip("--require-hashes", "-r", str(build)))
    once(lock.name, [lock, build, python_packages.CHECK], lambda: python_packages.install(PYTHON, lock))
    once("bundles", [bundles.LIST], lambda: run(PYTHON, bundles.__file__), made=bundles.targets())
    editable = ("--no-deps", "--no-build-isolation", "--editable", ".")
    once("package", [ROOT / "pyproject.toml"], lambda: pip(*editable))
    once("models", model_inputs(), lambda: run(VENV / "bin" / "voicechanger", "models", "--quiet"))
    if purpose != "run":
        node = [ROOT / name for name in ("package.json", "package-lock.json", ".npmrc")]
        once("node_modules", node, lambda: bundles.npm(["ci", "--ignore-scripts", "--silent"]), made=["node_modules"])
    if purpose == "test":
        ensure_browser()


def make_environment() -> None:
    """Make .venv with the Python that runs this; a broken one is made again."""
    if PYTHON.exists() and subprocess.run([PYTHON, "-c", ""], capture_output=True).returncode == 0:
        return
    python = getattr(sys, "_base_executable", sys.executable)
    print(f"setup: making .venv with {python}", flush=True)
    shutil.rmtree(STAMPS, ignore_errors=True)
    command = [python, "-m", "venv", "--clear", str(VENV)]
    if subprocess.run(command, capture_output=True).returncode != 0:
        if not apt_install("python3-venv"):
            sys.exit("setup stopped: Python's venv module is missing. As root: apt-get install python3-venv")
        run(*command)


def model_inputs() -> list[Path]:
    """What the model folder is built from, and its own mark: it lies outside this folder and may be removed."""
    tts = ROOT / "src" / "voicechanger" / "tts"
    models = Path(os.environ.get("MODELS_DIR") or Path.home() / ".cache" / "voicechanger" / "models")
    code = [tts / "recogniser.py", *tts.glob("kokoro/*.py"), *tts.glob("cloning/**/*.py")]
    return [bundles.LIST, ROOT / "requirements" / "runtime.txt", *sorted(code), models / "VERSION"]


def ensure_browser() -> None:
    """Chromium for the browser tests. Without it they skip on a laptop and fail in CI."""
    if any(shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome")):
        return
    if not apt_install("chromium"):
        print("setup: no Chromium here, so the browser tests cannot run. As root: apt-get install chromium", flush=True)


def apt_install(package: str) -> bool:
    """Install a Debian package when root; False where that is not possible."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return False
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    apt = ["apt-get", "-qq", "-o", "Dpkg::Use-Pty=0"]
    subprocess.run([*apt, "update"], env=environment, stdout=subprocess.DEVNULL)
    command = [*apt, "install", "--yes", "--no-install-recommends", package]
    return subprocess.run(command, env=environment, stdout=subprocess.DEVNULL).returncode == 0


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
    found = hashlib.sha256(str(VENV).encode())
    for path in inputs:
        found.update(path.read_bytes() if path.exists() else b"missing")
    return found.hexdigest()


def pip(*options: str) -> None:
    """`pip install` in .venv."""
    run(PYTHON, "-m", "pip", "install", "--quiet", *options)


def run(*command: str | Path) -> None:
    """Run a command, or stop and name it."""
    if subprocess.run([str(part) for part in command]).returncode != 0:
        sys.exit(f"setup stopped: this failed: {' '.join(str(part) for part in command)}")


if __name__ == "__main__":
    main()
