"""Any text becomes a script or a TextError, and every word of it is spoken."""

from __future__ import annotations

import re
import unicodedata

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from voicechanger.tts.errors import TextError
from voicechanger.tts.symbols import SYMBOLS
from voicechanger.tts.symbols import has_sound as audible
from voicechanger.tts.text.clean import clean
from voicechanger.tts.text.script_writer import write_script

WORDS = (
    "the cat $5 £3m 7:30pm 12:60 3.14 1,000 1/2 2024-05-03 99/99/9999 20°C 5'11\" #tag @you a@b.co http://x.y/z?q=1 "
    "**b** _i_ `c` [w](/wˈɜɹd/) [l](u) [pause:1s] <break/> </p> <b> &amp; & < > … — -- ... ! ? , ; : \" ' “ ” ( ) [ ] "
    "Dr. St. e.g. etc. VIII IV NASA U.S. é ß Żó ﬁ ² ½ ① № ∞ √ π 你好 こんにちは नमस्ते мир مرحبا 😀 \u200b \u0301 \x07"
)
PIECES = st.sampled_from(
    [*WORDS.split(" "), "\n", "\n\n", "\t", "\u00a0", "", "\u2028", "\r\n", "# h\n", "- i\n", "|a|b|\n"]
)
TEXTS = st.one_of(
    st.text(max_size=80),
    st.lists(PIECES, max_size=15).map(" ".join),
    st.lists(PIECES, max_size=15).map("".join),
    st.text(alphabet=st.characters(max_codepoint=0x24F), max_size=80),
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(text=TEXTS, language=st.sampled_from(["auto", "en-us", "en-gb"]))
def test_any_text_is_spoken_or_refused(text: str, language: str) -> None:
    try:
        script = write_script(text, language)
    except TextError as refused:
        assert re.fullmatch(r"[a-z_]+", refused.code)
        assert refused.message.endswith(".")
        return
    for utterance in script.utterances:
        assert 1 <= len(utterance.phonemes) <= 500
        assert set(utterance.phonemes) <= SYMBOLS.keys()
        assert audible(utterance.phonemes)
        ends = [0, *(word.end for word in utterance.words)]
        for word, before in zip(utterance.words, ends, strict=False):
            assert before <= word.start < word.end <= len(utterance.phonemes)
            assert audible(utterance.phonemes[word.start : word.end])


PLAIN = st.text(
    alphabet=st.characters(categories=["Ll", "Lu", "Nd", "Po", "Zs"], max_codepoint=0x17F), min_size=1, max_size=120
).filter(lambda text: not re.search(r"[*_`#<>\[\]&\\|~/]", text))


@settings(max_examples=150, deadline=None)
@given(text=PLAIN)
def test_no_letter_is_left_out(text: str) -> None:
    try:
        script = write_script(text, "en-us")
    except TextError as refused:
        assert not any(c.isalnum() for c in text) or refused.code == "unsupported_script"
        return
    written = "".join(c for c in clean(text) if c.isalnum())
    spoken = "".join(c for u in script.utterances for w in u.words for c in w.text if c.isalnum())
    assert spoken == written
    assert unicodedata.is_normalized("NFC", spoken)
