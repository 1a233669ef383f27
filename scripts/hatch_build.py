"""Refuse to build a wheel without the files that setup fetches: it would install and not work."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class BundlesHook(BuildHookInterface[Any]):
    """An editable installation may come first: it reads the files in place."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """FileNotFoundError that names what is missing."""
        if version == "editable":
            return
        root = Path(self.root)
        bundles = json.loads((root / "requirements" / "bundles.json").read_text())
        entries = [entry for packages in bundles.values() for entry in packages.values()]
        missing = [path for entry in entries for path in entry["files"].values() if not (root / path).exists()]
        if missing:
            raise FileNotFoundError(f"run `make setup` before building a wheel; missing: {', '.join(missing)}")
