"""The few Debian packages that setup and tests need: installed when root, asked for otherwise."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys


def ensure(package: str, what: str) -> None:
    """Install a Debian package, or stop and say what is missing."""
    if not install(package):
        sys.exit(f"setup stopped: {what} is missing. As root: apt-get install {package}")


def ensure_browser() -> None:
    """Chromium for the browser tests. Without it they skip on a laptop and fail in CI."""
    if any(shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome")):
        return
    if not install("chromium"):
        print("setup: no Chromium here, so the browser tests cannot run. As root: apt-get install chromium", flush=True)


def install(package: str) -> bool:
    """True when apt could install it."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return False
    print(f"setup: installing Debian's {package}", flush=True)
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    apt = ["apt-get", "-qq", "-o", "Dpkg::Use-Pty=0"]
    subprocess.run([*apt, "update"], env=environment, stdout=subprocess.DEVNULL)
    command = [*apt, "install", "--yes", "--no-install-recommends", package]
    return subprocess.run(command, env=environment, stdout=subprocess.DEVNULL).returncode == 0
