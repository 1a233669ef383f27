"""SQL of a domain names that domain's tables only: raw statements and mapped classes alike."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from voicechanger.domains.tables import METADATA

SOURCE = Path(__file__).parents[2] / "src" / "voicechanger"
QUEUE_TABLES = {"procrastinate_jobs", "procrastinate_events", "procrastinate_workers", "queue_migrations"}
STATEMENT = re.compile(r"^\s*(SELECT|INSERT|UPDATE|DELETE|WITH|CREATE|ALTER|DROP|LISTEN|NOTIFY)\b", re.IGNORECASE)


def owners() -> dict[str, str]:
    """Table → folder whose SQL may name it."""
    found = dict.fromkeys(QUEUE_TABLES, "infra/queue")
    for mapper in _mapped():
        module = mapper.__module__.removeprefix("voicechanger.").split(".")
        found[str(mapper.__tablename__)] = "/".join(module[:-1])
    return found


def _mapped() -> Iterator[type]:
    from voicechanger.kit.database import Base

    yield from (mapper.class_ for mapper in Base.registry.mappers)


def statements(code: str) -> Iterator[str]:
    """String literals that are SQL, joined parts of one expression included."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and STATEMENT.match(node.value):
            yield node.value


def foreign_tables(code: str, folder: str) -> list[str]:
    """Tables of others that SQL in a file of `folder` names."""
    return sorted(
        table
        for statement in statements(code)
        for table, owner in owners().items()
        if owner != folder and re.search(rf"\b(FROM|JOIN|INTO|UPDATE)\s+{table}\b", statement, re.IGNORECASE)
    )


def raw_sql_files() -> list[Path]:
    return [path for path in SOURCE.rglob("*.py") if "migrations" not in path.parts]


def test_raw_sql_names_own_tables() -> None:
    wrong = {
        str(path.relative_to(SOURCE)): tables
        for path in raw_sql_files()
        if (tables := foreign_tables(path.read_text(), str(path.parent.relative_to(SOURCE))))
    }
    assert wrong == {}


def test_sql_of_domains_lies_in_their_stores() -> None:
    """Services, tasks and routes hold no statement of their own, raw or built."""
    built = re.compile(r"^from sqlalchemy import .*\b(select|insert|update|delete|text)\b", re.MULTILINE)
    files = [
        *(SOURCE / "domains").rglob("*.py"),
        *(SOURCE / "api").rglob("*.py"),
        *(SOURCE / "dashboard").rglob("*.py"),
    ]
    wrong = [
        str(path.relative_to(SOURCE))
        for path in files
        if path.name not in ("store.py", "tables.py") and built.search(path.read_text())
    ]
    assert wrong == []


def test_a_foreign_table_is_found() -> None:
    assert foreign_tables("q = text('SELECT 1 FROM jobs JOIN accounts ON true')", "domains/accounts") == ["jobs"]


def test_every_table_has_an_owner() -> None:
    assert set(METADATA.tables) <= set(owners())
