"""docs/settings.md says what settings.py does, and deployments set nothing else."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from voicechanger.settings import Settings

ROOT = Path(__file__).parents[2]
NAMES = {name.upper() for name in Settings.model_fields}
OF_OTHERS = {"POSTGRES_USER", "POSTGRES_PASSWORD", "POSTGRES_DB", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}
"""Variables of PostgreSQL's image and of object stores' clients."""


def settings_doc() -> Any:
    spec = importlib.util.spec_from_file_location("settings_doc", ROOT / "scripts" / "settings_doc.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_in_step() -> None:
    assert (ROOT / "docs" / "settings.md").read_text() == settings_doc().page(), "run make docs"


def test_every_setting_has_a_meaning() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


@pytest.mark.parametrize("path", sorted((ROOT / "deploy").rglob("*.yml")), ids=lambda path: path.name)
def test_deployments_set_known_variables(path: Path) -> None:
    documents = [document for document in yaml.safe_load_all(path.read_text()) if document]
    assert documents
    named = {name for document in documents for name in variables(document)}
    assert named - NAMES - OF_OTHERS == set()


def variables(node: Any) -> list[str]:
    """Names of environment variables anywhere in a compose or Kubernetes document."""
    found: list[str] = []
    if isinstance(node, dict):
        environment = node.get("environment")
        if isinstance(environment, dict):
            found += environment
        for entry in node.get("env") or []:
            found.append(entry["name"])
        if node.get("kind") in {"ConfigMap", "Secret"}:
            found += [*(node.get("data") or {}), *(node.get("stringData") or {})]
        for value in node.values():
            found += variables(value)
    elif isinstance(node, list):
        for value in node:
            found += variables(value)
    return found


def test_the_dockerfile_sets_known_variables() -> None:
    text = (ROOT / "deploy" / "Dockerfile").read_text()
    assert set(re.findall(r"^ENV (\w+)=", text, re.MULTILINE)) - NAMES == set()


def test_an_unknown_variable_is_seen() -> None:
    compose = yaml.safe_load("services: {api: {environment: {PORT: 1, NOT_A_SETTING: 2}}}")
    pod = yaml.safe_load("{spec: {containers: [{env: [{name: ALSO_NOT, value: x}]}]}}")
    assert set(variables(compose)) - NAMES == {"NOT_A_SETTING"}
    assert set(variables(pod)) - NAMES == {"ALSO_NOT"}
