"""English words that hibari's lexicon lacks or that its network for unknown words gets wrong, with their phonemes."""

from __future__ import annotations

_NOISES = {
    **dict.fromkeys(("shh", "shhh", "shhhh", "ssh", "sshh"), "ʃʃʃ"),
    **dict.fromkeys(("brr", "brrr", "brrrr"), "bˈɜɹ"),
    **dict.fromkeys(("grr", "grrr", "grrrr"), "ɡˈɜɹ"),
    "tsk": "tˈɪsk",
}
"""Sounds written without vowels, which would be spelled letter by letter."""
_CONTRACTIONS = {"who've": "hˌuv", "there've": "ðˌɛɹəv"}
_ACCENTED = {
    "andré": "ˈɑndɹˌA", "appliqué": "ˌæpləkˈA", "attaché": "ˌætəʃˈA", "beyoncé": "biˈɑnsˌA", "blasé": "blɑzˈA",
    "brûlée": "bɹulˈA", "canapé": "kˈænəpˌA", "château": "ʃætˈO", "chloé": "klˈOi", "cliché": "kliʃˈA",
    "communiqué": "kəmjˈunəkˌA", "consommé": "kˌɑnsəmˈA", "crème": "kɹˈɛm", "crêpe": "kɹˈAp", "décor": "dAkˈɔɹ",
    "déjà": "dˈAʒɑ", "entrée": "ˈɑntɹˌA", "exposé": "ˌɛkspOzˈA", "fête": "fˈAt", "fiancé": "fˌiɑnsˈA",
    "fiancée": "fˌiɑnsˈA", "flambé": "flɑmbˈA", "jalapeño": "hˌɑləpˈAnjO", "josé": "hOzˈA", "lamé": "lɑmˈA",
    "mâché": "məʃˈA", "née": "nˈA", "nestlé": "nˈɛslˌA", "outré": "utɹˈA", "passé": "pæsˈA", "pâté": "pætˈA",
    "pelé": "pˈAlA", "piñata": "pɪnjˈɑtə", "pokémon": "pˈOkᵻmˌɑn", "protégé": "pɹˈOtəʒˌA",
    "protégée": "pɹˈOtəʒˌA", "purée": "pjʊɹˈA", "renée": "ɹənˈA", "résumé": "ɹˈɛzəmˌA", "risqué": "ɹɪskˈA",
    "rosé": "ɹOzˈA", "sauté": "sɔtˈA", "sautéed": "sɔtˈAd", "señor": "sAnjˈɔɹ", "señora": "sAnjˈɔɹə",
    "soufflé": "suflˈA", "touché": "tuʃˈA", "über": "ˈubəɹ",
}  # fmt: skip
"""Words whose accent tells how they are pronounced; without it they are other words, or none."""
_ACRONYMS = {
    "ascii": "ˈæski", "jpeg": "ʤˈApˌɛɡ", "json": "ʤˈAsən", "midi": "mˈɪdi", "toml": "tˈɑməl", "yaml": "jˈæməl",
}  # fmt: skip
"""Acronyms that people pronounce as words."""
_WORDS = {**_NOISES, **_CONTRACTIONS, **_ACCENTED, **_ACRONYMS}


def words(british: bool) -> dict[str, str]:
    """Return written word, case-folded → phonemes, in the vowels of the accent."""
    if not british:
        return dict(_WORDS)
    return {word: phonemes.replace("O", "Q").replace("əɹ", "ə") for word, phonemes in _WORDS.items()}
