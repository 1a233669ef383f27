"""The rewriting engine: rules, tried in order where a token may start, and the first that applies takes its match."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

SpokenForm = Callable[["re.Match[str]"], "str | None"]
"""Returns the spoken form of a match; None when the rule does not apply after all."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A pattern, and the spoken form of what it matches."""

    pattern: re.Pattern[str]
    spoken_form: SpokenForm


def rule(pattern: str, spoken_form: SpokenForm, flags: int = 0) -> Rule:
    """Return a rule of a pattern in verbose form: write a space as `\\s` or `[ ]`."""
    return Rule(re.compile(pattern, re.VERBOSE | flags), spoken_form)


def first_rewrite(rules: Sequence[Rule], sentence: str, at: int) -> tuple[int, str] | None:
    """Return the end of what the first applying rule takes from `at` on, and its spoken form; None without one."""
    for candidate in rules:
        match = candidate.pattern.match(sentence, at)
        if match and match.end() > at:
            spoken = candidate.spoken_form(match)
            if spoken is not None:
                return match.end(), spoken
    return None
