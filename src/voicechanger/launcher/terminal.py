"""Expected errors of a command: one sentence on standard error and exit code 1."""

from __future__ import annotations

import sys
from collections.abc import Generator
from contextlib import contextmanager
from typing import NoReturn

import typer


@contextmanager
def plain_errors(*more: type[Exception]) -> Generator[None]:
    """Print an expected error, or one of `more`, as one sentence and exit with code 1; others keep their traceback."""
    from voicechanger.kit.errors import CommandError, ProductError

    try:
        yield
    except (CommandError, ProductError, *more) as error:
        fail(str(error))


@contextmanager
def database_errors() -> Generator[None]:
    """As `plain_errors`, and say so when the database does not answer; it imports SQLAlchemy."""
    from sqlalchemy.exc import OperationalError

    try:
        with plain_errors():
            yield
    except OperationalError as error:
        fail(f"The database does not answer: {error.orig}")


def fail(sentence: str) -> NoReturn:
    """Print a sentence on standard error and exit with code 1."""
    typer.echo(sentence, err=True)
    sys.exit(1)
