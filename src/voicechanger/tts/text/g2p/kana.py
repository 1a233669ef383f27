"""Katakana as it is pronounced → the model's phonemes.

The model was trained with Japanese in narrow transcription: front vowels soften the consonant before them (kʲi, ɲi),
u is ɯ, and ɨ after a sibilant or a softened consonant; small ッ is a stop of the voice (ʔ) and ー a length mark.
"""

from __future__ import annotations

_ROWS = {
    "アイウエオ": "a i ɯ e o",
    "カキクケコ": "ka kʲi kɯ ke ko",
    "ガギグゲゴ": "ɡa ɡʲi ɡɯ ɡe ɡo",
    "サシスセソ": "sa ɕi sɨ se so",
    "ザジズゼゾ": "ʣa ʥi zɨ ʣe ʣo",
    "タチツテト": "ta ʨi ʦɨ te to",
    "ダヂヅデド": "da ʥi zɨ de do",
    "ナニヌネノ": "na ɲi nɯ ne no",
    "ハヒフヘホ": "ha çi ɸɯ he ho",
    "バビブベボ": "ba bʲi bɯ be bo",
    "パピプペポ": "pa pʲi pɯ pe po",
    "マミムメモ": "ma mʲi mɯ me mo",
    "ラリルレロ": "ɾa ɾʲi ɾɯ ɾe ɾo",
    "ヤユヨ": "ja jɯ jo",
    "ワヰヱヲ": "βa i e o",
    "ヷヸヹヺヴ": "va vʲi ve vo vɯ",
    "ァィゥェォ": "a i ɯ e o",
    "ャュョヮヵヶ": "ja jɯ jo βa ka ke",
}

_SOFT = {
    "キ": "kʲ",
    "ギ": "ɡʲ",
    "シ": "ɕ",
    "ジ": "ʥ",
    "チ": "ʨ",
    "ヂ": "ʥ",
    "ニ": "ɲ",
    "ヒ": "ç",
    "ビ": "bʲ",
    "ピ": "pʲ",
    "ミ": "mʲ",
    "リ": "ɾʲ",
    "テ": "tʲ",
    "デ": "dʲ",
    "フ": "ɸʲ",
    "ヴ": "bʲ",
}
"""Consonant of a kana before small ャ, ュ, ョ."""

_SMALL_VOWELS = {
    "ウ": ("", "βi", "", "βe", "βo"),
    "ク": ("kᵝa", "kᵝi", "", "kᵝe", "kᵝo"),
    "グ": ("ɡᵝa", "ɡᵝi", "", "ɡᵝe", "ɡᵝo"),
    "シ": ("", "", "", "ɕe", ""),
    "ジ": ("", "", "", "ʥe", ""),
    "ス": ("", "sʲi", "", "", ""),
    "ズ": ("", "zʲi", "", "", ""),
    "チ": ("", "", "", "ʨe", ""),
    "ツ": ("ʦa", "ʦʲi", "", "ʦe", "ʦo"),
    "テ": ("", "tʲi", "", "", ""),
    "デ": ("", "dʲi", "", "", ""),
    "ト": ("", "", "tɯ", "", ""),
    "ド": ("", "", "dɯ", "", ""),
    "ニ": ("", "", "", "ɲe", ""),
    "ヒ": ("", "", "", "çe", ""),
    "フ": ("ɸa", "ɸʲi", "", "ɸe", "ɸo"),
    "ヴ": ("va", "vʲi", "", "ve", "vo"),
    "イ": ("", "", "", "je", ""),
    "キ": ("", "", "", "kʲe", ""),
}
"""A kana before small ァ, ィ, ゥ, ェ, ォ; "" where the two are no syllable of their own."""


def _table() -> dict[str, str]:
    table = {kana: sound for row, sounds in _ROWS.items() for kana, sound in zip(row, sounds.split(), strict=True)}
    for kana, soft in _SOFT.items():
        # ɕ, ʥ, ʨ, ɲ and ç are soft already; the others carry ʲ.
        for small, vowel in zip("ャュョ", "aɨo", strict=True):
            table[kana + small] = soft + vowel
    for kana, sounds in _SMALL_VOWELS.items():
        for small, sound in zip("ァィゥェォ", sounds, strict=True):
            if sound:
                table[kana + small] = sound
    return table


SYLLABLES = _table()


def phonemes(katakana: str) -> str:
    """Return the phonemes of one word; marks of devoicing (’) and signs that are no katakana are skipped."""
    kana = "".join(sign for sign in katakana if sign in SYLLABLES or sign in "ンッー")
    sounds: list[str] = []
    at = 0
    while at < len(kana):
        size = 2 if kana[at : at + 2] in SYLLABLES else 1
        sign = kana[at : at + size]
        at += size
        sounds.append({"ッ": "ʔ", "ー": "ː"}.get(sign) or SYLLABLES.get(sign) or _nasal(kana[at:]))
    return "".join(sounds)


def _nasal(following: str) -> str:
    """ン, spoken where the next consonant is."""
    sound = SYLLABLES.get(following[:2]) or SYLLABLES.get(following[:1], "")
    for nasal, before in (("m", "mpb"), ("ŋ", "kɡ"), ("ɲ", "ɲʨʥ"), ("n", "ntdɾz")):
        if sound[:1] and sound[0] in before:
            return nasal
    return "ɴ"


def hiragana_to_katakana(text: str) -> str:
    """ひらがな → ヒラガナ; other signs stay."""
    return "".join(chr(ord(sign) + 0x60) if "ぁ" <= sign <= "ゖ" else sign for sign in text)
