"""Write a software bill of materials (CycloneDX 1.6 JSON) from the lock files: python scripts/sbom.py [FILE].

What runs is listed: requirements/runtime.txt and requirements/bundles.json; tools of the tests are left out.
"""

from __future__ import annotations

import base64
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
_PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^\s;\\]+)")


def main() -> None:
    text = json.dumps(document(), indent=2) + "\n"
    if len(sys.argv) > 1:
        Path(sys.argv[1]).write_text(text)
    else:
        sys.stdout.write(text)


def document() -> dict[str, Any]:
    """Return the whole document; the same lock files give the same document."""
    components = sorted((*python(), *bundles()), key=lambda item: item["purl"])
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": {"type": "application", "name": "voicechanger", "version": own_version()}},
        "components": components,
    }


def own_version() -> str:
    source = (ROOT / "src" / "voicechanger" / "__init__.py").read_text()
    found = re.search(r'__version__ = "([^"]+)"', source)
    assert found is not None
    return found[1]


def python() -> Iterator[dict[str, Any]]:
    """Components of requirements/runtime.txt.  A package has several files, so no hash is the component's own."""
    for line in (ROOT / "requirements" / "runtime.txt").read_text().splitlines():
        found = _PINNED.match(line)
        if found:
            name = re.sub(r"[-_.]+", "-", found[1]).lower()
            yield component(name, found[2], f"pkg:pypi/{name}@{found[2]}")


def bundles() -> Iterator[dict[str, Any]]:
    """Components of which single files are part of the package."""
    for kind, entries in json.loads((ROOT / "requirements" / "bundles.json").read_text()).items():
        for pinned, entry in entries.items():
            name, version = re.split(r"==|(?<=.)@", pinned, maxsplit=1)
            prefix = "pkg:npm/" if kind == "npm" else "pkg:pypi/"
            made = component(name, version, f"{prefix}{name.replace('@', '%40')}@{version}")
            made["licenses"] = [{"license": {"id": entry["licence"]}}]
            made["hashes"] = [hash_of(entry["hash"])]
            yield made


def component(name: str, version: str, purl: str) -> dict[str, Any]:
    return {"type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl}


def hash_of(text: str) -> dict[str, str]:
    """Return a hash as CycloneDX writes it, from `sha256:hex` or `sha512-base64`."""
    if text.startswith("sha512-"):
        return {"alg": "SHA-512", "content": base64.b64decode(text.removeprefix("sha512-")).hex()}
    return {"alg": "SHA-256", "content": text.removeprefix("sha256:")}


if __name__ == "__main__":
    main()
