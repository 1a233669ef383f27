"""Pauses, given pronunciations and the SSML subset."""

from __future__ import annotations

import pytest

from voicechanger.tts.errors import TextError
from voicechanger.tts.text.script_writer import LINE_PAUSE, PARAGRAPH_PAUSE, write_script
from voicechanger.tts.utterances import Script


def script(text: str) -> Script:
    return write_script(text, "en-us")


@pytest.mark.parametrize(
    "text",
    [
        "Wait[pause:0.8s] now.",
        "Wait [pause:800ms] now.",
        'Wait <break time="800ms"/> now.',
        "<speak>Wait <break time='0.8s'/> now.</speak>",
        "Wait [pause:0.5s][pause:300ms] now.",
    ],
)
def test_a_pause_in_seconds(text: str) -> None:
    wait, now = script(text).utterances
    assert (wait.text, now.text) == ("Wait", "now.")
    assert wait.pause_after == pytest.approx(0.8)
    assert wait.fixed_pause
    assert not now.fixed_pause
    assert wait.sentence == now.sentence


def test_a_pause_between_sentences_replaces_the_natural_one() -> None:
    first, second = script("One. [pause:2s] Two.").utterances
    assert (first.pause_after, first.fixed_pause, second.pause_after) == (2.0, True, 0.0)


def test_a_pause_at_the_end_is_kept() -> None:
    assert script("One. [pause:2s]").utterances[-1].pause_after == 2.0


def test_a_pause_before_the_first_word_is_told() -> None:
    found = script("[pause:1s] Hello.")
    assert len(found.utterances) == 1
    assert any("pause" in notice for notice in found.notices)


def test_given_phonemes() -> None:
    (utterance,) = script("Say [Kokoro](/kˈOkəɹO/) twice.").utterances
    (word,) = [w for w in utterance.words if w.text == "Kokoro"]
    assert utterance.phonemes[word.start : word.end] == "kˈOkəɹO"
    assert utterance.text == "Say Kokoro twice."


def test_ipa_becomes_the_models_symbols() -> None:
    (utterance,) = script('<phoneme alphabet="ipa" ph="təˈmeɪ.t͡ʃoʊ">tomato</phoneme>').utterances
    assert utterance.phonemes == "təˈmAʧO."


@pytest.mark.parametrize(
    ("markup", "phonemes"),
    [
        ("<sub alias='World Wide Web'>WWW</sub>", "wˈɜɹld wˈId wˈɛb."),
        ("<say-as interpret-as='characters'>NASA</say-as>", "ˈɛn, ˈA, ˈɛs, ˈA."),
        ("<say-as interpret-as='ordinal'>3</say-as>", "θˈɜɹd."),
        ("<say-as interpret-as='cardinal'>1,984</say-as>", "nˌIntˈin ˈATi fˈɔɹ."),
        ("<say-as interpret-as='telephone'>555 01</say-as>", "fˈIv fˈIv fˈIv, zˈɪɹO wˈʌn."),
        ("<say-as interpret-as='currency'>$5.20</say-as>", "fˈIv dˈɑləɹz ænd twˈɛnti sˈɛnts."),
        ("<say-as interpret-as='date' format='dmy'>3/4/2024</say-as>", "ˈApɹəl θˈɜɹd, twˈɛnti twˈɛnti fˈɔɹ."),
        ("<say-as interpret-as='time'>7:05pm</say-as>", "sˈɛvən ˈO fˈIv pˌiˈɛm."),
    ],
)
def test_ways_to_say(markup: str, phonemes: str) -> None:
    (utterance,) = script(f"<speak>{markup}</speak>").utterances
    assert utterance.phonemes == phonemes
    assert len(utterance.words) == 1


def test_prosody_nests() -> None:
    text = "<speak>a b <prosody rate='slow' pitch='+2st'>c <prosody rate='200%'>d</prosody></prosody> e</speak>"
    rates = [(u.text, u.rate, u.pitch) for u in script(text).utterances]
    assert rates == [("a b", 1.0, 0.0), ("c", 0.75, 2.0), ("d", 1.5, 2.0), ("e", 1.0, 0.0)]


def test_paragraphs_and_sentences() -> None:
    utterances = script("<speak><p><s>One two</s><s>Three</s></p><p>Four</p></speak>").utterances
    assert [u.text for u in utterances] == ["One two", "Three", "Four"]
    assert [u.sentence for u in utterances] == [0, 1, 2]


def test_language_of_a_part() -> None:
    tags = [u.language for u in script("<speak>Say <lang xml:lang='en-GB'>tomato</lang> now.</speak>").utterances]
    assert tags == ["en-us", "en-gb", "en-us"]


@pytest.mark.parametrize(
    "text", ["if a < b then", "a<b and c>d", "x <- y", "I <3 it", "AT&T & co; &c", "5 > 3", "<https://a.example>"]
)
def test_what_only_looks_like_markup_is_text(text: str) -> None:
    assert script(text).utterances


def test_entities_are_characters() -> None:
    assert script("Tom &amp; Jerry&nbsp;run").utterances[0].text == "Tom & Jerry run"
    assert script("<speak>Tom &amp; Jerry</speak>").utterances[0].text == "Tom & Jerry"


@pytest.mark.parametrize(
    ("text", "code", "named"),
    [
        ("a <b>bold</b> word", "unknown_markup", "<b>"),
        ("<audio src='x'/> hi", "unknown_markup", "<audio>"),
        ("<speak><mark name='x'/>hi</speak>", "unknown_markup", "<mark>"),
        ("<prosody volume='loud'>hi</prosody>", "unknown_markup", "volume"),
        ("<say-as interpret-as='music'>hi</say-as>", "unknown_markup", "music"),
        ("<speak>hi", "bad_markup", "well formed"),
        ("hi </p>", "bad_markup", "well formed"),
        ("<speak>a & b</speak>", "bad_markup", "well formed"),
        ("<!DOCTYPE s [<!ENTITY a 'b'>]><speak>&a;</speak>", "bad_markup", "document type"),
        ("[pause:99s] hi", "bad_markup", "99s"),
        ("<break time='soon'/> hi", "bad_markup", "soon"),
        ("<prosody rate='9'>hi</prosody>", "bad_markup", "0.25"),
        ("<prosody pitch='120Hz'>hi</prosody>", "bad_markup", "120Hz"),
        ("<sub>hi</sub>", "bad_markup", "alias"),
        ("[x](/ж/) hi", "unknown_phonemes", "ж"),
        ("<phoneme ph='ʘ'>hi</phoneme>", "unknown_phonemes", "ʘ"),
        ("<lang xml:lang='de'>hallo</lang>", "unsupported_language", "de"),
        ("<say-as interpret-as='ordinal'>third</say-as>", "bad_markup", "third"),
    ],
)
def test_refused_by_name(text: str, code: str, named: str) -> None:
    with pytest.raises(TextError) as refused:
        script(text)
    assert refused.value.code == code
    assert named in refused.value.message


@pytest.mark.parametrize(
    "text", ["<speak><p><s>One</s> <s>Two</s></p> <p>Three</p></speak>", "<s>One</s><s>Two</s><p>Three</p>"]
)
def test_sentences_side_by_side_are_no_paragraphs(text: str) -> None:
    pauses = [u.pause_after for u in script(text).utterances]
    assert pauses == [LINE_PAUSE, PARAGRAPH_PAUSE, 0.0]


@pytest.mark.parametrize(
    ("tag", "seconds"),
    [
        ("<break/>", 0.4),
        ("<break strength='x-weak'/>", 0.1),
        ("<break strength='none'/>", 0.0),
        ("<break strength='x-strong'/>", 1.2),
        ("<break time='.5s'></break>", 0.5),
        ("[break:1]", 1.0),
    ],
)
def test_lengths_of_breaks(tag: str, seconds: float) -> None:
    one, _ = script(f"One {tag} two.").utterances
    assert one.pause_after == pytest.approx(seconds) and one.fixed_pause


@pytest.mark.parametrize(
    ("attribute", "rate", "pitch"),
    [
        ("rate='slow'", 0.75, 0),
        ("rate='x-fast'", 1.6, 0),
        ("rate='+20%'", 1.2, 0),
        ("rate='-20%'", 0.8, 0),
        ("rate='120%'", 1.2, 0),
        ("rate='1.2'", 1.2, 0),
        ("pitch='high'", 1, 3),
        ("pitch='-2.5st'", 1, -2.5),
        ("pitch='+100%'", 1, 12),
        ("pitch='50%'", 1, -12),
        ("rate='medium' pitch='default'", 1, 0),
    ],
)
def test_rates_and_pitches(attribute: str, rate: float, pitch: float) -> None:
    (utterance,) = script(f"<prosody {attribute}>Hi there.</prosody>").utterances
    assert (utterance.rate, utterance.pitch) == pytest.approx((rate, pitch))


@pytest.mark.parametrize(
    "text",
    [
        "<speak xml:lang='fr'>Bonjour.</speak>",
        "<p xml:lang='fr'>Bonjour.</p>",
        "<s xml:lang='fr-CA'>Bonjour.</s>",
        "<SPEAK><Lang XML:LANG='fr'>Bonjour.</Lang></SPEAK>",
        "<?xml version='1.0'?><speak version='1.1' xmlns='http://www.w3.org/x' xml:lang='fr'>Bonjour.</speak>",
    ],
)
def test_where_a_language_may_stand(text: str) -> None:
    (utterance,) = script(text).utterances
    assert (utterance.language, utterance.phonemes) == ("fr", "bɔ̃ʒˈuʁ.")


UNKNOWN = (
    "emphasis",
    "voice",
    "audio",
    "desc",
    "mark",
    "w",
    "token",
    "lexicon",
    "meta",
    "metadata",
    "amazon:effect",
    "b",
    "div",
)


@pytest.mark.parametrize("tag", UNKNOWN)
@pytest.mark.parametrize(
    "form", ["{0} <{1}>word</{1}>", "<speak>{0} <{1}>word</{1}></speak>", "<speak>{0} <{1}/></speak>"]
)
def test_every_other_tag_is_refused_by_name(tag: str, form: str) -> None:
    with pytest.raises(TextError) as refused:
        script(form.format("a", tag))
    assert refused.value.code == "unknown_markup" and f"<{tag}>" in refused.value.message


@pytest.mark.parametrize("tag", ["sub alias='x'", "say-as interpret-as='characters'", "phoneme ph='a'"])
@pytest.mark.parametrize("inner", ["<break/>", "<s>b</s>", "<lang xml:lang='fr'>b</lang>"])
def test_what_is_said_as_a_whole_holds_text_only(tag: str, inner: str) -> None:
    with pytest.raises(TextError, match="holds text only"):
        script(f"<{tag}>a {inner} c</{tag.split()[0]}>")


def test_long_text_in_a_tag_stays_whole() -> None:
    text = "<speak>" + "wonderful " * 3000 + "</speak>"
    assert {w.text for u in script(text).utterances for w in u.words} == {"wonderful"}
