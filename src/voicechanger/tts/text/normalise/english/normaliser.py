"""All of English's rules, in order of precedence."""

from __future__ import annotations

from collections.abc import Sequence

from voicechanger.tts.text.normalise.english import amounts, dates, names, plain, web
from voicechanger.tts.text.normalise.english.numbers import Numbers
from voicechanger.tts.text.normalise.rewrite import Rewritten, rewrite
from voicechanger.tts.text.normalise.rules import Rule


class Normaliser:
    """Rewrites what is not plain words, the American or the British way."""

    def __init__(self, british: bool) -> None:
        numbers = Numbers(british)
        self._rules: list[Rule] = [rule for part in (web, dates, amounts, names, plain) for rule in part.rules(numbers)]

    def __call__(self, sentence: str, first: Sequence[Rule] = (), last: Sequence[Rule] = ()) -> Rewritten:
        """Return the sentence in its spoken form; rules of `first` and `last` go before and after the own ones."""
        return rewrite(sentence, [*first, *self._rules, *last])
