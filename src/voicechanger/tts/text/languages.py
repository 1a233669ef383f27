"""The supported languages: their tags, their other names, and how to load one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import cast

from voicechanger.tts.errors import TextError
from voicechanger.tts.text.language import Language

AUTO = "auto"


@dataclass(frozen=True, slots=True)
class Supported:
    """A supported language."""

    tag: str
    name: str
    module: str
    """Module in `g2p/`."""
    needs: tuple[str, ...] = ()
    """Packages of the optional part that it needs."""
    extra: str | None = None
    """Name of that part, for `pip install voicechanger[…]`."""

    @property
    def installed(self) -> bool:
        """Whether its packages are installed."""
        return all(find_spec(package) is not None for package in self.needs)


_ESPEAK = ("espeakng_loader",)
_ALL = (
    Supported("en-us", "American English", "english"),
    Supported("en-gb", "British English", "english"),
    Supported("es", "Spanish", "espeak_languages", _ESPEAK, "espeak"),
    Supported("fr", "French", "espeak_languages", _ESPEAK, "espeak"),
    Supported("hi", "Hindi", "espeak_languages", _ESPEAK, "espeak"),
    Supported("it", "Italian", "espeak_languages", _ESPEAK, "espeak"),
    Supported("ja", "Japanese", "japanese", ("pyopenjtalk",), "japanese"),
    Supported("pt-br", "Brazilian Portuguese", "espeak_languages", _ESPEAK, "espeak"),
    Supported("zh", "Mandarin Chinese", "chinese", ("jieba", "pypinyin"), "chinese"),
)
_BY_TAG = {language.tag: language for language in _ALL}
_ALIASES = {
    "en": "en-us", "eng": "en-us", "english": "en-us", "american": "en-us", "en-ca": "en-us",
    "en-uk": "en-gb", "british": "en-gb", "en-au": "en-gb", "en-nz": "en-gb", "en-ie": "en-gb", "en-in": "en-gb",
    "spa": "es", "spanish": "es", "es-es": "es", "es-mx": "es", "es-us": "es", "es-419": "es", "es-ar": "es",
    "fra": "fr", "french": "fr", "fr-fr": "fr", "fr-ca": "fr", "fr-be": "fr", "fr-ch": "fr",
    "hin": "hi", "hindi": "hi", "hi-in": "hi", "ita": "it", "italian": "it", "it-it": "it", "it-ch": "it",
    "jpn": "ja", "jp": "ja", "japanese": "ja", "ja-jp": "ja",
    "pt": "pt-br", "por": "pt-br", "portuguese": "pt-br", "pt-pt": "pt-br",
    "zho": "zh", "cmn": "zh", "chinese": "zh", "mandarin": "zh", "zh-cn": "zh", "zh-tw": "zh", "zh-sg": "zh",
    "zh-hans": "zh", "zh-hant": "zh", "cmn-cn": "zh", "cmn-hans-cn": "zh", "zh-hans-cn": "zh", "zh-hant-tw": "zh",
}  # fmt: skip


def supported() -> list[Supported]:
    """Return every supported language, installed or not."""
    return list(_ALL)


def canonical(name: str) -> str:
    """Return the tag of a name ("EN", "pt_BR", "Japanese") or `auto`; TextError `unsupported_language`."""
    wanted = name.strip().lower().replace("_", "-")
    if wanted == AUTO or wanted in _BY_TAG:
        return wanted
    if wanted in _ALIASES:
        return _ALIASES[wanted]
    valid = ", ".join([AUTO, *_BY_TAG])
    raise TextError("unsupported_language", f"The language must be one of {valid}; got “{name[:30]}”.")


def named(tag: str) -> str:
    """Return the English name of the language of a tag."""
    return _BY_TAG[tag].name


def load(name: str) -> Language:
    """Return a language, loaded once in a process; TextError when unknown, MissingPart when not installed."""
    return _loaded(canonical(name))


@cache
def _loaded(tag: str) -> Language:
    module = import_module(f"voicechanger.tts.text.g2p.{_BY_TAG[tag].module}")
    make = cast("Callable[[str], Language]", module.load)
    return make(tag)
