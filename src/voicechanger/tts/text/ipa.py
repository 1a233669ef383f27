"""International Phonetic Alphabet to the model's symbols, which write diphthongs and affricates as one letter."""

from __future__ import annotations

from voicechanger.tts.errors import TextError
from voicechanger.tts.text.symbols import audible, foreign

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
    """IPA as the model's symbols; TextError naming what it has no symbol for."""
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
    return _sound("".join(symbols), written)


def from_symbols(written: str) -> str:
    """The model's own symbols as they are, or else IPA; TextError naming what is neither."""
    return written.strip() if not foreign(written) and audible(written) else from_ipa(written)


def _sound(phonemes: str, written: str) -> str:
    strange = foreign(phonemes)
    if strange:
        raise TextError("unknown_phonemes", f"“{strange[:20]}” in /{written[:40]}/ is no sound of the model.")
    if not audible(phonemes):
        raise TextError("unknown_phonemes", f"/{written[:40]}/ holds no sound: give it at least one.")
    return phonemes.strip()
