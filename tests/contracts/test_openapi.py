"""The OpenAPI document is whole: everything described, every error listed, and no code that is not raised."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.server import Member, Server, settings_for
from voicechanger.api.error_catalogue import CATALOGUE, merge
from voicechanger.domains.jobs.request import SpeechRequest
from voicechanger.domains.voices.forms import NewVoice
from voicechanger.kit.errors import ErrorCode, ProductError
from voicechanger.server import create_app

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "voicechanger"
GUIDE = ROOT / "docs" / "guide" / "errors.md"

OPERATORS = {
    "gradient_not_prepared",
    "model_damaged",
    "model_missing",
    "model_not_prepared",
    "quality_missing",
    "recogniser_missing",
    "recogniser_not_prepared",
    "speaker_network_damaged",
    "speaker_network_missing",
    "stock_voices_missing",
}
"""Told when a server is set up or a worker starts: no caller sees them."""
BARE = {"conflict", "gone", "not_ready"}
"""Codes of classes that are always raised with a code of their own."""
_INFERENCE = {"TextError", "ClipError", "PaceError", "MissingPart", "SynthesisError"}
_WITH_CODE = {*_INFERENCE, "_fail", "_again_or_fail"}
_SNAKE = re.compile(r"[a-z]+(_[a-z]+)*")


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    settings = settings_for("postgresql+psycopg://nobody@nowhere/none", tmp_path_factory.mktemp("data"))
    return create_app(settings).openapi()


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def test_every_operation_is_described(document: dict[str, Any]) -> None:
    for name, operation in operations(document):
        assert operation.get("summary") and operation.get("description"), name
        assert operation.get("tags"), name
        assert name.split(" ")[1] in ("/healthz", "/readyz") or operation.get("security"), name
        for parameter in operation.get("parameters", []):
            assert parameter.get("description"), (name, parameter["name"])


def test_every_field_is_described(document: dict[str, Any]) -> None:
    for name, schema in document["components"]["schemas"].items():
        assert schema.get("description"), name
        _described(name, schema)
    for name, operation in operations(document):
        for content in operation.get("requestBody", {}).get("content", {}).values():
            _described(name, content["schema"])


def _described(place: str, schema: dict[str, Any]) -> None:
    for field, part in schema.get("properties", {}).items():
        # a reference is described where it points
        parts = [part, *part.get("anyOf", [])]
        assert any(item.get("description") or "$ref" in item for item in parts), f"{place}.{field}"
        for item in parts:
            _described(f"{place}.{field}", item)
            _described(f"{place}.{field}", item.get("items", {}))


UNITS = ("seconds", "milliseconds", "hours", "bytes", "hertz", "decibels", "lufs", "credits", "code points")
UNIT_STATED = re.compile(rf"(^|\bin )({'|'.join(UNITS)})\b", re.IGNORECASE)
COUNTS = {
    "JobView.attempt",
    "JobView.position",
    "Limits.max_open_jobs",
    "Limits.max_pronunciations",
    "Limits.max_voices",
    "Limits.requests_per_minute",
}
NEITHER = {
    "Attempt.response_code": "a status",
    "JobView.effective_speed": "a ratio",
    "JobView.speed": "a ratio",
    "LedgerEntry.id": "an id",
    "Model.created": "a moment",
    "Problem.status": "a status",
    "Quote.effective_speed": "a ratio",
    "VoiceRefinement.likeness_after": "a measure from -1 to 1",
    "VoiceRefinement.likeness_before": "a measure from -1 to 1",
    "WordTime.sentence": "an index",
}
"""Numbers without a unit, and why."""


def numbers(schemas: dict[str, Any]) -> dict[str, tuple[str, bool]]:
    """Every field that holds a number: its description, and whether it has bounds."""
    found: dict[str, tuple[str, bool]] = {}
    for name, schema in schemas.items():
        for field, part in schema.get("properties", {}).items():
            kinds = [part, *part.get("anyOf", [])]
            if any(kind.get("type") in ("number", "integer") for kind in kinds):
                bounded = any({"minimum", "maximum", "exclusiveMinimum"} & kind.keys() for kind in kinds)
                found[f"{name}.{field}"] = (part.get("description", ""), bounded)
    return found


def without_unit(schemas: dict[str, Any]) -> list[str]:
    """Numbers that state no unit and have no bounds, and those whose name has a unit that they do not state."""
    wrong: list[str] = []
    for place, (description, bounded) in numbers(schemas).items():
        stated = UNIT_STATED.search(description)
        in_name = [unit for unit in UNITS if place.endswith((f"_{unit}", f".{unit}"))]
        if in_name:
            fine = stated is not None and stated[2].lower() in in_name
        else:
            fine = stated is not None or bounded or place in COUNTS | NEITHER.keys()
        if not fine:
            wrong.append(place)
    return wrong


def test_numbers_state_their_unit_or_have_bounds(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    assert without_unit(schemas) == []
    # an exception that is none any more is removed from the lists
    assert (COUNTS | NEITHER.keys()) - numbers(schemas).keys() == set()


@pytest.mark.parametrize(
    ("field", "schema", "fine"),
    [
        ("length", {"type": "number", "description": "Length of the recording."}, False),
        ("length", {"type": "number", "description": "Length, in seconds."}, True),
        ("length", {"type": "number", "description": "Whatever.", "minimum": 0}, True),
        ("wait_seconds", {"type": "number", "description": "How long, in hours.", "minimum": 0}, False),
        ("size_bytes", {"anyOf": [{"type": "integer"}, {"type": "null"}], "description": "Size."}, False),
        ("name", {"type": "string", "description": "A name."}, True),
    ],
)
def test_a_number_without_a_unit_is_seen(field: str, schema: dict[str, Any], fine: bool) -> None:
    assert (without_unit({"Planted": {"properties": {field: schema}}}) == []) is fine


def test_every_operation_lists_its_errors(document: dict[str, Any]) -> None:
    for name, operation in operations(document):
        listed = set(re.findall(r"`([a-z_]+)`:", " ".join(r["description"] for r in operation["responses"].values())))
        assert listed, name
        if operation.get("security"):
            assert {"missing_api_key", "invalid_api_key", "scope_missing", "rate_limited"} <= listed, name
        for code in listed:
            status = CATALOGUE[code].status
            assert str(status) in operation["responses"] or status == 422, (name, code)


def test_no_code_is_listed_by_no_operation(document: dict[str, Any]) -> None:
    told = " ".join(r["description"] for _, o in operations(document) for r in o["responses"].values())
    for code, meaning in CATALOGUE.items():
        assert meaning.in_reference == (f"`{code}`" in told), code


def test_examples_are_valid(document: dict[str, Any]) -> None:
    jsonschema = pytest.importorskip("jsonschema_rs")
    seen = 0
    for schema in _schemas(document):
        for example in [*schema.get("examples", []), *([schema["example"]] if "example" in schema else [])]:
            plain = {key: value for key, value in schema.items() if key not in ("example", "examples")}
            jsonschema.validator_for({**plain, "components": document["components"]}).validate(example)
            seen += 1
    assert seen


def _schemas(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        if "type" in node:
            yield node
        for value in node.values():
            yield from _schemas(value)
    elif isinstance(node, list):
        for value in node:
            yield from _schemas(value)


async def test_both_addresses_give_the_same_document(server: Server, member: Member) -> None:
    one, other = await member.client.get("/openapi.json"), await member.client.get("/api/openapi")
    assert one.status_code == other.status_code == 200
    assert one.json() == other.json() and one.json()["openapi"].startswith("3.1")


def raised_codes() -> set[str]:
    """Every code that the source gives to an error."""
    found: set[str] = set()
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                found |= _of_call(node)
            elif isinstance(node, ast.ClassDef):
                for line in node.body:
                    if isinstance(line, ast.Assign) and ast.unparse(line.targets[0]) == "code":
                        found |= _strings(line.value)
    return found - BARE - OPERATORS


def _of_call(node: ast.Call) -> set[str]:
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if name == "FieldProblem" and len(node.args) > 1:
        return _strings(node.args[1])
    if name == "invalid":
        return _strings(node.args[0])
    found = (
        {s for a in node.args[:3] for s in _strings(a) if isinstance(a, ast.Constant)} if name in _WITH_CODE else set()
    )
    for keyword in node.keywords:
        if keyword.arg == "code" and isinstance(keyword.value, ast.Constant):
            found |= _strings(keyword.value)
    return {code for code in found if _SNAKE.fullmatch(code)}


def _strings(node: ast.AST) -> set[str]:
    if isinstance(node, ast.JoinedStr):
        return set()
    return {n.value for n in ast.walk(node) if isinstance(n, ast.Constant) and isinstance(n.value, str)}


def test_every_code_that_is_raised_is_known() -> None:
    codes = raised_codes()
    assert len(codes) > 90
    assert sorted(codes - CATALOGUE.keys()) == []


def test_a_code_is_declared_once() -> None:
    one = {"a": ErrorCode(404, "One."), "b": ErrorCode(404, "Two.")}
    assert list(merge([one, {"c": ErrorCode(404, "Three.")}])) == ["a", "b", "c"]
    with pytest.raises(ValueError, match="declared twice: b"):
        merge([one, {"b": ErrorCode(422, "Another.")}])


DECLARING = {"errors.py", "error_catalogue.py", "openapi.py"}
"""Files that declare and list codes without raising them; `kit/errors.py` also gives each class its code."""


LISTS = re.compile(r"errors\([^)]*\)|\b_?[A-Z_]*ERRORS = \([^)]*\)")
"""Lists of what a route may answer: they raise nothing."""


def test_every_known_code_is_raised() -> None:
    text = ""
    for path in SOURCE.rglob("*.py"):
        if path.name not in DECLARING:
            text += re.sub(
                r"errors\([^)]*\)|_ERRORS = \([^)]*\)|^ERRORS = \([^)]*\)", "", path.read_text(encoding="utf-8")
            )
    built = {f"{name}_missing" for form in (NewVoice, SpeechRequest) for name in form.model_fields}
    classes = {error.code for error in subclasses(ProductError)} | {"internal_error"}
    assert [code for code in CATALOGUE if f'"{code}"' not in text and code not in built | classes] == []


def subclasses(error: type[ProductError]) -> Iterator[type[ProductError]]:
    for one in error.__subclasses__():
        yield one
        yield from subclasses(one)


def test_the_guide_tells_every_code() -> None:
    rows = dict(re.findall(r"^\| `([a-z_]+)` \| (\d{3}) \|", GUIDE.read_text(encoding="utf-8"), re.MULTILINE))
    assert rows == {code: str(meaning.status) for code, meaning in CATALOGUE.items()}
