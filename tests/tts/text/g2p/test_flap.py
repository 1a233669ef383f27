"""Hindi's retroflex flap keeps the two symbols that the model was taught."""

from __future__ import annotations

from voicechanger.tts.text.g2p import espeak_languages as hindi


def test_the_flap_is_not_a_trill_and_ends_no_word() -> None:
    said = hindi.load("hi").pronounce("सड़क पर घड़ी है", {})
    assert [said.phonemes[word.start : word.end].count("r.") for word in said.words] == [1, 0, 1, 0]


def test_the_breathed_flap_stays_whole() -> None:
    assert "r." not in hindi.load("hi").pronounce("पढ़ी", {}).phonemes
