"""Logs on standard error: text for people, JSON for collectors.

An exception is logged as its type and the places it passed, never with its message, local variables or the parameters
of a statement: those hold passwords and texts of callers.  Its length is bounded, so that no error costs much.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from typing import Any, Final

import structlog

_MOST_CAUSES: Final = 4
"""Exceptions of a chain that are logged, the outermost first."""
_MOST_FRAMES: Final = 8
"""Innermost places of each exception that are logged, besides the last one those outside of libraries."""
_MOST_CHARACTERS: Final = 500
"""Of each value in a line, such as the path of a request."""


def summary(error: BaseException) -> str:
    """Return the type of an error, what the database or the system calls it, and the same of its cause."""
    own = _named(error)
    cause = error.__cause__
    return f"{own} from {_named(cause)}" if cause is not None else own


def trace(error: BaseException) -> str:
    """Return an error, its causes and the innermost places that each passed, without any value."""
    lines: list[str] = []
    found: BaseException | None = error
    for _ in range(_MOST_CAUSES):
        if found is None:
            break
        lines.append(_named(found))
        lines += [f"  {place}" for place in _places(found)]
        found = found.__cause__ or (None if found.__suppress_context__ else found.__context__)
    return "\n".join(lines)


def _named(error: BaseException) -> str:
    kind = type(error)
    name = kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    if isinstance(error, OSError) and error.strerror:
        return f"{name} ({error.strerror})"
    state = getattr(error, "sqlstate", None)
    if isinstance(state, str):
        return f"{name} (SQLSTATE {state})"
    if kind.__module__ == "psycopg" and kind.__name__ == "OperationalError":
        # the connection itself: no statement was sent, so the message holds no value of a caller
        return f"{name} ({_cut(str(error).partition(chr(10))[0], 200)})"
    return name


def _places(error: BaseException) -> list[str]:
    frames = list(traceback.walk_tb(error.__traceback__))
    ours = [found for found in frames[:-1] if "site-packages" not in found[0].f_code.co_filename]
    frames = [*ours[-_MOST_FRAMES:], *frames[-1:]]
    return [f"{frame.f_code.co_filename}:{line} in {frame.f_code.co_name}" for frame, line in frames]


def _cut(text: str, most: int = _MOST_CHARACTERS) -> str:
    return text if len(text) <= most else f"{text[:most]}…"


def _bounded(logger: object, method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Shorten every text, and put the trace of an exception in place of the exception."""
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = _cut(value)
    error = _error_of(event.pop("exc_info", None))
    if error is not None:
        event["exception"] = trace(error)
    return event


def _error_of(exc_info: object) -> BaseException | None:
    if isinstance(exc_info, BaseException):
        return exc_info
    if isinstance(exc_info, tuple):
        error: object = exc_info[1]  # pyright: ignore[reportUnknownVariableType]
        return error if isinstance(error, BaseException) else None
    return sys.exc_info()[1] if exc_info else None


class LibraryFormatter(logging.Formatter):
    """Writes warnings of libraries under the same rules: bounded, and no value of an exception or a task."""

    def __init__(self, *, as_json: bool) -> None:
        super().__init__()
        self._as_json = as_json

    def format(self, record: logging.LogRecord) -> str:
        """Return one record as text or as a line of JSON."""
        fields = {"level": record.levelname.lower(), "logger": record.name, "event": self._message(record)}
        error = _error_of(record.exc_info)
        if error is not None:
            fields["exception"] = trace(error)
        if self._as_json:
            return json.dumps(fields)
        line = f"{record.levelname} {record.name}: {fields['event']}"
        return f"{line}\n{fields['exception']}" if error is not None else line

    @staticmethod
    def _message(record: logging.LogRecord) -> str:
        if record.name.startswith("procrastinate"):
            # its messages show the arguments of the task
            job: Any = getattr(record, "job", None)
            task = f" {job.get('task_name')} {job.get('id')}" if isinstance(job, dict) else ""  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
            return _cut(f"{getattr(record, 'action', 'message')}{task}")
        return _cut(record.getMessage())


def configure_logs(log_format: str) -> None:
    """Write our lines and the warnings of libraries as `text` or `json` to standard error."""
    as_json = log_format == "json"
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _bounded,
            renderer,
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
    )
    # a handler that fails would print the record with its arguments
    logging.raiseExceptions = False
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(LibraryFormatter(as_json=as_json))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
