"""Who may import whom (ARCHITECTURE.md): read from the source, imports inside functions included."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src" / "voicechanger"

FLOORS: dict[str, set[str]] = {
    "settings": set(),
    "kit": set(),
    "sandbox": set(),
    "tts": {"sandbox"},
    "infra": {"kit", "settings"},
    "domains": {"kit", "infra", "tts", "sandbox"},
    "worker": {"kit", "infra", "domains", "tts", "settings"},
    "api": {"kit", "infra", "domains", "tts", "settings"},
    "dashboard": {"kit", "infra", "domains", "tts", "settings"},
    "migrations": {"kit", "infra", "domains"},
    "server": {"kit", "infra", "domains", "tts", "settings", "api", "dashboard"},
    "say": {"kit", "domains", "tts", "settings"},
    "launcher": {"kit", "infra", "domains", "settings", "migrations"},
}
"""What each floor may import beside itself.  The command line may import everything."""

ARROWS: dict[str, set[str]] = {
    "voices": {"jobs", "clips", "webhooks"},
    "jobs": {"clips", "credits", "pronunciations", "webhooks"},
    "accounts": {"credits"},
    "clips": set(),
    "credits": set(),
    "pronunciations": set(),
    "webhooks": set(),
}
"""Which domain may call which."""

PRIVATE = {"store", "tables"}
"""What a domain shows to nobody but itself, and to migrations."""

MODEL_FREE = (
    "tts.audio.clip_report",
    "tts.audio.formats",
    "tts.errors",
    "tts.symbols",
    "tts.text.ipa",
    "tts.text.languages",
    "tts.text.language",
    "tts.text.lexicon",
)
"""Parts of tts that load neither numpy nor a model: facts for the API process."""
MODEL_USERS = ("tts", "worker", "say", "cli", "domains.runtime")
WORKER_FILES = ("tasks", "profiles", "recordings", "synthesis", "parts")
"""Files of a domain that only a worker loads, besides those that end in `_task` or `_tasks`."""

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


def edges(found: Imports) -> Iterator[tuple[str, str]]:
    """Every import of one module of ours by another, `__version__` left out."""
    for module, names in found.items():
        yield from ((module, name) for name in names if not name.startswith(("/", "__version__")))


def imports_point_down(found: Imports) -> list[str]:
    wrong: list[str] = []
    for module, name in edges(found):
        floor, target = module.partition(".")[0], name.partition(".")[0]
        if floor in FLOORS and target != floor and target not in FLOORS[floor]:
            wrong.append(f"{module} imports {name}")
    return wrong


def domain_of(module: str) -> str | None:
    parts = module.split(".")
    return parts[1] if parts[0] == "domains" and len(parts) > 1 and parts[1] in ARROWS else None


def domains_call_along_arrows(found: Imports) -> list[str]:
    wrong: list[str] = []
    for module, name in edges(found):
        own, other = domain_of(module), domain_of(name)
        if own and other and own != other and other in ARROWS and other not in ARROWS[own]:
            wrong.append(f"{module} imports {name}")
    return wrong


def tables_are_private(found: Imports) -> list[str]:
    """Another domain's store and tables are closed; its enumerations and schemas may be read by the floors above."""
    wrong: list[str] = []
    for module, name in edges(found):
        other = domain_of(name)
        if other is None or domain_of(module) == other or module.startswith("migrations"):
            continue
        file = name.split(".")[2]
        if file == "store" or (file == "tables" and domain_of(module) is not None and not _is_value(name)):
            wrong.append(f"{module} imports {name}")
    return wrong


def _is_value(name: str) -> bool:
    return name.rpartition(".")[2].endswith(("Status", "Kind", "Mode"))


def tts_knows_no_server(found: Imports) -> list[str]:
    forbidden = ("/sqlalchemy", "/psycopg", "/fastapi", "/starlette", "/httpx", "/procrastinate", "/pydantic")
    return [
        f"{module} imports {name}"
        for module, names in found.items()
        if module.startswith("tts")
        for name in names
        if name.startswith(forbidden)
    ]


def only_workers_reach_models(found: Imports) -> list[str]:
    return [
        f"{module} imports {name}"
        for module, name in edges(found)
        if name.startswith("tts") and not name.startswith(MODEL_FREE) and not _may_use_models(module)
    ]


def _may_use_models(module: str) -> bool:
    file = module.rpartition(".")[2]
    return module.startswith(MODEL_USERS) or file in WORKER_FILES or file.endswith(("_task", "_tasks"))


def only_settings_read_the_environment(found: Imports) -> list[str]:
    return [
        f"{module} imports {name}"
        for module, names in found.items()
        if module != "settings"
        for name in names
        if name in {"/os.environ", "/os.getenv", "/os.environb"}
    ]


RULES = [
    imports_point_down,
    domains_call_along_arrows,
    tables_are_private,
    tts_knows_no_server,
    only_workers_reach_models,
    only_settings_read_the_environment,
]
PLANTED: list[Imports] = [
    {"kit.paging": {"infra.container.Services"}},
    {"domains.jobs.service": {"domains.voices.service"}},
    {"domains.jobs.service": {"domains.credits.store"}},
    {"tts.text.split": {"/sqlalchemy.select"}},
    {"api.health": {"tts.kokoro.engine.KokoroEngine"}},
    {"infra.queue.app": {"/os.environ"}},
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_rule_holds(rule) -> None:
    assert rule(imports()) == []


@pytest.mark.parametrize(("rule", "planted"), list(zip(RULES, PLANTED, strict=True)), ids=lambda item: "")
def test_rule_can_fail(rule, planted: Imports) -> None:
    assert len(rule(planted)) == 1


def cycle_of(found: Imports) -> list[str]:
    """Domains that import each other in a circle; empty when there is none."""
    graph: dict[str, set[str]] = {}
    for module, name in edges(found):
        own, other = domain_of(module), domain_of(name)
        if own and other and own != other:
            graph.setdefault(own, set()).add(other)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def test_domains_are_acyclic() -> None:
    assert cycle_of(imports()) == []


def test_a_circle_is_found() -> None:
    planted = {"domains.jobs.a": {"domains.voices.b"}, "domains.voices.b": {"domains.jobs.a"}}
    assert set(cycle_of(planted)) == {"jobs", "voices"}


def test_every_module_stands_on_a_floor() -> None:
    tops = {module.partition(".")[0] for module in imports() if module}
    assert tops - set(FLOORS) == {"cli", "__main__"}


def test_the_reader_sees_imports_in_functions() -> None:
    code = "def f():\n    from voicechanger.queue import app\nif TYPE_CHECKING:\n    import numpy\nimport os"
    assert set(imported(ast.parse(code))) == {"queue.app", "/os"}


def test_only_settings_touch_os_environ() -> None:
    users = [
        str(path.relative_to(SOURCE))
        for path in SOURCE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv", "environb", "putenv"}
    ]
    assert set(users) == {"settings.py"}


@pytest.mark.parametrize("module", ["voicechanger.server", "voicechanger.cli", "voicechanger.launcher.supervisor"])
def test_the_api_process_loads_no_numbers(module: str) -> None:
    assert loaded_by(module) & {"numpy", "scipy", "onnx", "onnxruntime", "torch"} == set()


def test_help_loads_neither_web_nor_database() -> None:
    assert loaded_by("voicechanger.cli") & {"fastapi", "sqlalchemy", "pydantic_settings"} == set()


def test_what_is_loaded_is_seen() -> None:
    assert "onnxruntime" in loaded_by("voicechanger.worker.process")


@pytest.mark.parametrize("module", ["voicechanger.server", "voicechanger.worker.process", "voicechanger.cli"])
def test_every_process_knows_every_table_that_it_needs(module: str) -> None:
    code = f"import {module}; from sqlalchemy.orm import configure_mappers; configure_mappers()"
    code += "; from voicechanger.kit.database import Base; Base.metadata.sorted_tables"
    subprocess.run([sys.executable, "-c", code], check=True)


def loaded_by(module: str) -> set[str]:
    """Every module that a fresh interpreter holds after importing one."""
    code = f"import sys, {module}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())
