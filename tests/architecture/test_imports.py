"""Who may import whom (ARCHITECTURE.md): read from the source, imports inside functions included."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src" / "voicechanger"
DOMAINS = {"accounts", "credits", "pronunciations", "voices", "speech", "webhooks"}
BELOW = {"storage", "queue", "limits", "idempotency"}
SHARED = {"settings", "errors", "database", "logs", "services", "web", "runtime"}
ENGINE_USERS = re.compile(
    r"inference|worker$|runtime$|cli$|serving\.say$|(speech|voices)\.(tasks|\w+_task|parts|recordings)$"
)
"""What runs in a worker, and the two commands that speak or build models."""
FACES = {"service", "schemas", "access", "clips", "previews", "tables"}
"""What a domain shows to others: rules, shapes, who calls, checked uploads, jobs for voices; tables for locks."""
LIGHT_INFERENCE = (
    "inference.audio.formats",
    "inference.errors",
    "inference.text.ipa",
    "inference.text.languages",
    "inference.text.language",
    "inference.text.lexicon",
)
"""Parts of inference that import no numpy, for the API process."""

Imports = dict[str, set[str]]


def imports() -> Imports:
    found: Imports = {}
    for path in SOURCE.rglob("*.py"):
        parts = path.relative_to(SOURCE).with_suffix("").parts
        name = ".".join(part for part in parts if part != "__init__")
        found[name] = set(imported(ast.parse(path.read_text())))
    return found


def imported(tree: ast.AST) -> Iterator[str]:
    """Modules imported in a file, `voicechanger.` cut off ours; those for type checkers alone are left out."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        if isinstance(node, ast.Import):
            yield from (ours(alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (ours(f"{node.module}.{alias.name}") for alias in node.names)
        else:
            yield from imported(node)


def ours(name: str) -> str:
    return name.removeprefix("voicechanger.") if name.startswith("voicechanger.") else f"/{name}"


def inference_knows_no_server(found: Imports) -> list[str]:
    allowed = ("inference", "/")
    forbidden = ("/sqlalchemy", "/psycopg", "/fastapi", "/starlette", "/httpx", "/procrastinate", "/pydantic")
    return [
        f"{module} imports {name}"
        for module, names in found.items()
        if module.startswith("inference")
        for name in names
        if not name.startswith(allowed) or name.startswith(forbidden)
    ]


def layers_point_down(found: Imports) -> list[str]:
    wrong: list[str] = []
    for module, names in found.items():
        layer = module.partition(".")[0]
        if layer in BELOW:
            allowed = BELOW | SHARED
        elif layer in DOMAINS:
            allowed = DOMAINS | BELOW | SHARED | {"inference"}
        else:
            continue
        heads = {name: name.partition(".")[0] for name in names if not name.startswith("/")}
        wrong += [f"{module} imports {name}" for name, head in heads.items() if head not in allowed | {"__version__"}]
    return wrong


def domains_call_services(found: Imports) -> list[str]:
    """A domain never reaches into another's store or routes; tasks may call tasks, for both run in a worker."""
    wrong: list[str] = []
    for module, names in found.items():
        domain, _, file = module.partition(".")
        if domain not in DOMAINS:
            continue
        for name in names:
            other, _, rest = name.partition(".")
            inside = rest.partition(".")[0]
            fine = inside in FACES or (inside == "tasks" and file.endswith(("task", "tasks"))) or other == domain
            if other in DOMAINS and not fine:
                wrong.append(f"{module} imports {name}")
    return wrong


def only_workers_reach_engines(found: Imports) -> list[str]:
    return [
        f"{module} imports {name}"
        for module, names in found.items()
        if not ENGINE_USERS.match(module)
        for name in names
        if name.startswith("inference") and not name.startswith(LIGHT_INFERENCE)
    ]


def only_settings_read_the_environment(found: Imports) -> list[str]:
    return [
        f"{module} imports {name}"
        for module, names in found.items()
        if module != "settings"
        for name in names
        if name in {"/os.environ", "/os.getenv", "/os.environb"}
    ]


RULES = [
    inference_knows_no_server,
    layers_point_down,
    domains_call_services,
    only_workers_reach_engines,
    only_settings_read_the_environment,
]
PLANTED: list[Imports] = [
    {"inference.text.split": {"settings"}},
    {"queue.app": {"speech.service"}},
    {"speech.service": {"credits.store"}},
    {"web.health": {"inference.kokoro.engine.KokoroEngine"}},
    {"queue.app": {"/os.environ"}},
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_rule_holds(rule) -> None:
    assert rule(imports()) == []


@pytest.mark.parametrize(("rule", "planted"), list(zip(RULES, PLANTED, strict=True)), ids=lambda item: "")
def test_rule_can_fail(rule, planted: Imports) -> None:
    assert len(rule(planted)) == 1


def test_the_reader_sees_imports_in_functions() -> None:
    code = "def f():\n    from voicechanger.infra.queue import app\nif TYPE_CHECKING:\n    import numpy\nimport os"
    assert set(imported(ast.parse(code))) == {"queue.app", "/os"}


def test_only_settings_touch_os_environ() -> None:
    users = [
        str(path.relative_to(SOURCE))
        for path in SOURCE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv", "environb", "putenv"}
    ]
    assert set(users) == {"settings.py"}


@pytest.mark.parametrize("module", ["voicechanger.api.app", "voicechanger.cli", "voicechanger.launcher.supervisor"])
def test_the_api_process_loads_no_numbers(module: str) -> None:
    code = (
        f"import sys, {module}; print(*sorted({{'numpy', 'scipy', 'onnx', 'onnxruntime', 'torch'}} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_help_loads_neither_web_nor_database() -> None:
    assert loaded_by("voicechanger.cli") & {"fastapi", "sqlalchemy", "pydantic_settings"} == set()


def test_what_is_loaded_is_seen() -> None:
    assert "onnxruntime" in loaded_by("voicechanger.worker.process")


def loaded_by(module: str) -> set[str]:
    """Every module that a fresh interpreter holds after importing one."""
    code = f"import sys, {module}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())
