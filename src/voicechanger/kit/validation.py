"""Write the errors of pydantic as plain sentences: the field, what is allowed, and the value."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final, LiteralString

from annotated_types import Ge, Gt, Le, Lt
from pydantic import AfterValidator, StringConstraints
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails, PydanticCustomError

from voicechanger.kit.errors import FieldProblem

NO_NUL: Final = "^[^\\x00]*$"
"""Pattern of a text that PostgreSQL can store."""

StoredText = Annotated[str, StringConstraints(pattern=NO_NUL)]
"""A text that a caller sends and that may reach the database: no NUL and, by the pattern, no lone surrogate.

Every use adds the `max_length` of its column.
"""
StoredName = Annotated[StoredText, AfterValidator(lambda name: unicodedata.normalize("NFC", name))]
"""The same for a name: in the normal form NFC, so that two names that look the same are the same."""

_SHOWN = 40
"""Longest value that a message repeats, in characters."""
_CODES = {"missing": "field_missing", "extra_forbidden": "unknown_field", "json_invalid": "invalid_json"}
_KINDS: Mapping[type[object], str] = {
    dict: "an object",
    list: "a list",
    tuple: "a list",
    str: "a string",
    bool: "a boolean",
    type(None): "null",
}

Context = dict[str, Any]
Sentence = Callable[[Any, Context], str]


def invalid(code: LiteralString, message: str) -> PydanticCustomError:
    """Return the error that a validator raises to set the code and the message of a field.

    A message that begins with must, is, has or does gets the name of the field in front; a full stop is added.
    """
    # a message that repeats a lone surrogate could not be rendered
    safe = message.encode("utf-8", "backslashreplace").decode()
    return PydanticCustomError(code, "{message}", {"message": safe, "own": True})


def field_problem(
    item: ErrorDetails, codes: Mapping[str, str] | None = None, fields: Mapping[str, FieldInfo] | None = None
) -> FieldProblem:
    """Convert an error of pydantic to a FieldProblem.

    `codes` and `fields` are those of a form: the code of each field, and the field with its bounds.
    """
    kind, context = item["type"], item.get("ctx", {})
    # the location in an invalid JSON body is a number of characters
    name = "body" if kind == "json_invalid" else ".".join(map(str, item["loc"])) or "body"
    if context.get("own"):
        own = kind if kind != "field_invalid" else (codes or {}).get(name, kind)
        return FieldProblem(name, own, _complete(name, str(context["message"])))
    if codes is not None and kind == "missing":
        return FieldProblem(name, f"{name}_missing", f"`{name}` is required.")
    code = _CODES.get(kind) or (codes or {}).get(name, "field_invalid")
    bounds = _bounds((fields or {}).get(name))
    if kind in _BOUND_KINDS and bounds:
        return FieldProblem(name, code, f"`{name}` must be {bounds}; got {_number(item['input'])}.")
    sentence = _SENTENCES.get(kind)
    return FieldProblem(name, code, _complete(name, sentence(item["input"], context) if sentence else "is not valid"))


def _complete(name: str, text: str) -> str:
    """Return a whole sentence about a field."""
    if text.startswith(("must ", "is ", "has ", "does ")):
        text = f"`{name}` {text}"
    return text if text.endswith(".") else f"{text}."


def shown(value: object) -> str:
    """Return a value for a message: short texts and numbers as they are, other values by their kind."""
    if isinstance(value, str) and len(value) <= _SHOWN and value.isprintable():
        return f'"{value}"'
    if isinstance(value, (bool, int, float)):
        return str(value).lower() if isinstance(value, bool) else f"{value:.15g}"
    return _KINDS.get(type(value), "something else")


def _number(value: object) -> str:
    """Return a number that may be a text, as in forms and queries."""
    return shown(value).strip('"')


def _kind(value: object) -> str:
    return (
        "a number"
        if isinstance(value, (int, float)) and not isinstance(value, bool)
        else _KINDS.get(type(value), "something else")
    )


def _bounds(field: FieldInfo | None) -> str:
    """Return the bounds of a number in words; empty without bounds."""
    low, high = "", ""
    for mark in field.metadata if field else ():
        if isinstance(mark, Ge):
            low = f"at least {mark.ge:g}"
        elif isinstance(mark, Gt):
            low = f"greater than {mark.gt:g}"
        elif isinstance(mark, Le):
            high = f"at most {mark.le:g}"
        elif isinstance(mark, Lt):
            high = f"less than {mark.lt:g}"
    if low.startswith("at least ") and high.startswith("at most "):
        return f"between {low.removeprefix('at least ')} and {high.removeprefix('at most ')}"
    return " and ".join(part for part in (low, high) if part)


def _got(sentence: str) -> Sentence:
    return lambda value, context: f"{sentence.format(**context)}; got {shown(value)}"


def _limit(words: str) -> Sentence:
    def sentence(value: Any, context: Context) -> str:
        plain = {name: f"{limit:g}" for name, limit in context.items()}
        return f"must be {words.format(**plain)}; got {_number(value)}"

    return sentence


def _of_kind(kind: str) -> Sentence:
    return lambda value, context: f"must be {kind}; got {_kind(value)}"


def _too_short(value: Any, context: Context) -> str:
    least = context["min_length"]
    return "must not be empty" if least == 1 else f"must have at least {least} characters; got {len(value)}"


def _pattern(value: Any, context: Context) -> str:
    pattern = context["pattern"]
    return "must not contain NUL characters" if pattern == NO_NUL else f"must match the pattern {pattern}"


def _choice(value: Any, context: Context) -> str:
    choices = str(context["expected"]).replace("'", "").replace(" or ", ", ")
    return f"must be one of: {choices}; got {shown(value)}"


_WHOLE = _got("must be a whole number")
_NUMBER = _got("must be a number")
_BOOL = _got("must be true or false")
_UUID = _got("must be a UUID")
_MOMENT = _got("must be a date and time such as 2026-01-31T12:00:00Z")
_OBJECT = _of_kind("an object")

_BOUND_KINDS = ("greater_than", "greater_than_equal", "less_than", "less_than_equal", "finite_number")
_SENTENCES: Mapping[str, Sentence] = {
    "missing": lambda value, context: "is required",
    "extra_forbidden": lambda value, context: "is not a field of this request",
    "json_invalid": lambda value, context: "The body is not well-formed JSON",
    "string_too_short": _too_short,
    "string_too_long": lambda value, context: f"must have at most {context['max_length']} characters; got {len(value)}",
    "too_short": lambda value, context: f"must have at least {context['min_length']} items; got {len(value)}",
    "too_long": lambda value, context: f"must have at most {context['max_length']} items; got {len(value)}",
    "greater_than": _limit("greater than {gt}"),
    "greater_than_equal": _limit("at least {ge}"),
    "less_than": _limit("less than {lt}"),
    "less_than_equal": _limit("at most {le}"),
    "finite_number": _limit("a finite number"),
    "literal_error": _choice,
    "enum": _choice,
    "string_pattern_mismatch": _pattern,
    "value_error": lambda value, context: str(context["error"]),
    "string_type": _of_kind("a string"),
    "string_unicode": lambda value, context: "must be valid Unicode",
    "list_type": _of_kind("a list"),
    "dict_type": _OBJECT,
    "model_type": _OBJECT,
    "model_attributes_type": _OBJECT,
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_parsing_size": _WHOLE,
    "int_from_float": _WHOLE,
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "bool_type": _BOOL,
    "bool_parsing": _BOOL,
    "uuid_type": _UUID,
    "uuid_parsing": _UUID,
    "uuid_version": _UUID,
    "datetime_type": _MOMENT,
    "datetime_parsing": _MOMENT,
    "datetime_object_invalid": _MOMENT,
    "datetime_from_date_parsing": _MOMENT,
    "timezone_aware": _got("must have a time zone, such as 2026-01-31T12:00:00Z"),
}
