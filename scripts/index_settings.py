"""Hand pip's configuration on to uv, which does not read it: a private index or mirror keeps working."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

UV_NAMES = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "cert": "SSL_CERT_FILE",
}


def uv_environment(python: Path) -> dict[str, str]:
    """The environment for uv: ours, and what pip is configured to use where uv is not told otherwise."""
    listed = subprocess.run([str(python), "-m", "pip", "config", "list"], capture_output=True, text=True)
    environment = dict(os.environ)
    # hashes decide what is installed, so any index may serve it, as pip has it
    environment.setdefault("UV_INDEX_STRATEGY", "unsafe-best-match")
    for name, value in pip_options(listed.stdout).items():
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
