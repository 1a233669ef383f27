"""International Phonetic Alphabet → symbols of the model, which has one letter for a diphthong or affricate."""

from __future__ import annotations

from voicechanger.tts.errors import TextError
from voicechanger.tts.symbols import has_sound, require_supported, unsupported

_JOINED = {
    "t͡ʃ": "ʧ", "t͜ʃ": "ʧ", "tʃ": "ʧ", "d͡ʒ": "ʤ", "d͜ʒ": "ʤ", "dʒ": "ʤ", "t͡s": "ʦ", "d͡z": "ʣ", "t͡ɕ": "ʨ", "d͡ʑ": "ʥ",
    "eɪ": "A", "aɪ": "I", "oʊ": "O", "əʊ": "Q", "aʊ": "W", "ɔɪ": "Y", "ɝ": "ɜɹ", "ɚ": "əɹ", "l̩": "ᵊl", "n̩": "ᵊn",
    "m̩": "ᵊm", "ɫ": "l", "ʍ": "w", "g": "ɡ", "r": "ɹ", "ɐ̃": "ɐ̃", "ẽ": "ẽ", "ĩ": "ĩ", "õ": "õ", "ũ": "ũ",
    "ã": "ã", "'": "ˈ", "\u2019": "ˈ", ":": "ː", "ˑ": "", "͡": "", "͜": "", ".": "", "‿": "", "|": ",", "̩": "",
    "̯": "", "̪": "", "̚": "", "̥": "", "ʱ": "ʰ", "ʷ": "w", "ɱ": "m", "ʀ": "ʁ", "ʉ": "u", "ɘ": "ə", "ɵ": "ə", "ʏ": "y",
    "ɞ": "ɜ", "ʑ": "ʒ", "ħ": "h", "ɦ": "h",
}  # fmt: skip
_LONGEST = max(map(len, _JOINED))


def from_ipa(written: str) -> str:
    """Return IPA in the model's symbols; TextError `unknown_phonemes` naming what has none."""
    symbols: list[str] = []
    position = 0
    while position < len(written):
        for size in range(_LONGEST, 0, -1):
            part = written[position : position + size]
            if part in _JOINED:
                symbols.append(_JOINED[part])
                position += len(part)
                break
        else:
            symbols.append(written[position])
            position += 1
    return _checked("".join(symbols), written)


def from_symbols(written: str) -> str:
    """Return the model's own symbols unchanged, and anything else read as IPA; TextError naming what is neither."""
    return written.strip() if not unsupported(written) and has_sound(written) else from_ipa(written)


def _checked(phonemes: str, written: str) -> str:
    require_supported(phonemes, f"/{written[:40]}/")
    if not has_sound(phonemes):
        raise TextError("unknown_phonemes", f"/{written[:40]}/ has no vowel or consonant: give at least one.")
    return phonemes.strip()
