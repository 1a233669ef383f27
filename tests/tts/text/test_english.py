"""English as it is read aloud, against expectations of ours and readings that others made."""

from __future__ import annotations

import pytest
from hibari.g2p import G2P
from num2words import num2words

from voicechanger.tts.errors import TextError
from voicechanger.tts.symbols import unsupported as foreign
from voicechanger.tts.text.g2p.english import English, load
from voicechanger.tts.text.normalise.english.normaliser import Normaliser
from voicechanger.tts.text.normalise.rewrite import SpokenText

AMERICAN = Normaliser(british=False)
BRITISH = Normaliser(british=True)


def spoken(text: str, normalise: Normaliser = AMERICAN) -> str:
    return " ".join(SpokenText(normalise(text)).text.split())


@pytest.fixture(scope="module")
def american() -> English:
    return load("en-us")


@pytest.fixture(scope="module")
def british() -> English:
    return load("en-gb")


@pytest.fixture(scope="module")
def reference() -> G2P:
    """Text to phonemes with a normaliser that is not ours."""
    return G2P()


TABLE = [
    ("$12.50", "twelve dollars and fifty cents"),
    ("$0.01", "one cent"),
    ("-$5", "minus five dollars"),
    ("£3m", "three million pounds"),
    ("£1.01", "one pound and one penny"),
    ("$2bn", "two billion dollars"),
    ("$1.5 billion", "one point five billion dollars"),
    ("€5–€10", "five to ten euros"),
    ("$5-10", "five to ten dollars"),
    ("20 EUR", "twenty euros"),
    ("US$5", "five U.S. dollars"),
    ("2024-05-03", "May third, twenty twenty four"),
    ("3 May 2024", "the third of May twenty twenty four"),
    ("the 4th of July", "the fourth of July"),
    ("in May 2024", "in May twenty twenty four"),
    ("the 1990s", "the nineteen nineties"),
    ("the 2000s", "the two thousands"),
    ("the '90s", "the nineties"),
    ("7:30 pm", "seven thirty P.M."),
    ("at 7pm", "at seven P.M."),
    ("14:05", "fourteen oh five"),
    ("14:00", "fourteen hundred"),
    ("12:30–14:00", "twelve thirty to fourteen hundred"),
    ("5kg", "five kilograms"),
    ("1 kg", "one kilogram"),
    ("20°C", "twenty degrees Celsius"),
    ("-5°", "minus five degrees"),
    ("60 km/h", "sixty kilometers per hour"),
    ("5'11\"", "five foot eleven"),
    ("3 x 4", "three by four"),
    ("5–10%", "five to ten percent"),
    ("2 1/2 cups", "two and a half cups"),
    ("2½", "two and a half"),
    ("1/8", "one eighth"),
    ("24/7", "twenty four seven"),
    ("5 A grades", "five A grades"),
    ("10–20", "ten to twenty"),
    ("10 - 5 = 5", "ten minus five equals five"),
    ("1990–2000", "nineteen ninety to two thousand"),
    ("+44 20 7946 0958", "plus four four, two zero, seven nine four six, zero nine five eight"),
    ("(555) 123-4567", "five five five, one two three, four five six seven"),
    ("Python 3.11.2", "Python three point eleven point two"),
    ("v2.0", "version two point zero"),
    ("192.168.0.1", "one hundred ninety two dot one hundred sixty eight dot zero dot one"),
    ("https://example.com/a_b.", "example dot com slash a underscore b."),
    ("www.bbc.co.uk", "W W W dot bbc dot co dot U K"),
    ("joe.b@ex.org", "joe dot b at ex dot org"),
    ("report.pdf", "report dot pdf"),
    ("#VoiceCloning", "hashtag Voice Cloning"),
    ("@open_ai", "at open ai"),
    ("e.g. this", "for example this"),
    ("cats, dogs, etc.", "cats, dogs, et cetera."),
    ("J. R. R. Tolkien", "J. R. R. Tolkien"),
    ("Dr. Who lives on Elm Dr. now", "Doctor Who lives on Elm Drive now"),
    ("Main St. and St. Paul", "Main Street and Saint Paul"),
    ("Henry VIII's wives", "Henry the eighth's wives"),
    ("Ramses II", "Ramses the second"),
    ("Vitamin C", "Vitamin C"),
    ("I live", "I live"),
    ("Chapter IV", "Chapter four"),
    ("COVID-19", "COVID-nineteen"),
    ("B2B", "B two B"),
    ("MP3", "MP three"),
    ("4K", "four K"),
    ("10k", "ten thousand"),
    ("3x", "three times"),
    ("2:1", "two to one"),
    ("a < b", "a is less than b"),
    ("2 + 2 = 4", "two plus two equals four"),
    ("2 * 3", "two times three"),
    ("x^2", "x to the power of two"),
    ("AT&T", "AT and T"),
    ("and/or", "and slash or"),
    ("007", "zero zero seven"),
    ("1,000th", "one thousandth"),
    ("snake_case", "snake case"),
    ("①", "①"),
    ("π", "pi"),
]


@pytest.mark.parametrize(("written", "expected"), TABLE)
def test_american_reading(written: str, expected: str) -> None:
    assert spoken(written) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("101", "one hundred and one"),
        ("05/03/2024", "the fifth of March twenty twenty four"),
        ("2024-05-03", "the third of May twenty twenty four"),
        ("5 km", "five kilometres"),
        ("$1,250", "one thousand two hundred and fifty dollars"),
    ],
)
def test_british_reading(written: str, expected: str) -> None:
    assert spoken(written, BRITISH) == expected


@pytest.mark.parametrize("number", [0, 1, 9, 13, 21, 40, 99, 100, 101, 999, 1000, 1001, 12345, 10**6, 987654321])
def test_numbers_are_those_of_num2words(number: int) -> None:
    words = num2words(number).replace(",", "").replace("-", " ")
    assert spoken(f"{number:,}", BRITISH) == words
    assert spoken(f"{number:,}") == words.replace(" and ", " ")


@pytest.mark.parametrize("number", [1, 2, 3, 5, 8, 9, 11, 12, 20, 21, 100, 101])
def test_ordinals_are_those_of_num2words(number: int) -> None:
    suffix = num2words(number, to="ordinal_num").removeprefix(str(number))
    assert spoken(f"{number}{suffix}", BRITISH) == num2words(number, to="ordinal").replace("-", " ")


SAME_AS_HIBARI = [
    "0",
    "42",
    "101",
    "999",
    "12,345",
    "2,500,000",
    "3.14",
    "0.5",
    "1984",
    "1905",
    "2000",
    "2005",
    "2024",
    "1st",
    "2nd",
    "12th",
    "21st",
    "100th",
    "$5",
    "$1",
    "$12.50",
    "$0.99",
    "£3",
    "£2.50",
    "€1,200.50",
    "$1.5 million",
    "£3m",
    "¥500",
    "50¢",
    "7:30",
    "7:30 pm",
    "14:05",
    "12:00",
    "10:15:30",
    "2024-05-03",
    "05/03/2024",
    "May 3",
    "May 3, 2024",
    "3 May",
    "5kg",
    "10 km",
    "60 km/h",
    "20°C",
    "72°F",
    "-5°C",
    "5 ft",
    "100 mph",
    "16GB",
    "5%",
    "12.5%",
    "1/2",
    "3/4",
    "2/3",
    "10–20",
    "1990-1995",
    "555-1234",
    "555-123-4567",
    "Dr. Smith",
    "Mr. Jones",
    "St. Peter",
    "12 Main St.",
    "cats vs. dogs",
    "approx. 5",
    "Henry VIII",
    "Chapter IV",
    "World War II",
    "Louis XIV",
    "Pope John Paul II",
    "NASA",
    "FBI",
    "WWW",
    "UK",
    "U.S.",
    "HTML",
    "#1",
    "No. 5",
    "5 + 3",
    "a = b",
    "1990s",
    "±5",
    "10^6",
    "C++",
    "Q&A",
    "@user",
    "#Tag",
    "2-3 days",
    "pp. 12-15",
    "Fig. 3",
    "Jan. 5",
    "3D",
    "MP3",
    "iPhone 15",
    "-3",
    "+5",
    "T-shirt",
    "the '90s",
    "50 Hz",
]


@pytest.mark.parametrize("written", SAME_AS_HIBARI)
def test_sounds_as_another_normaliser_has_it(american: English, reference: G2P, written: str) -> None:
    assert american.pronounce(written, {}).phonemes.rstrip(".") == reference(written).rstrip(".")


@pytest.mark.parametrize("written", [written for written, _ in TABLE])
def test_every_symbol_is_in_the_vocabulary(american: English, british: English, written: str) -> None:
    for english in (american, british):
        assert foreign(english.pronounce(written, {}).phonemes) == ""


def test_each_written_word_has_its_phonemes(american: English) -> None:
    said = american.pronounce('Dr. Smith paid "$5" — at 7:30 pm.', {})
    heard = [(word.text, said.phonemes[word.start : word.end]) for word in said.words]
    assert heard == [
        ("Dr.", "dˈɑktəɹ"),
        ("Smith", "smˈɪθ"),
        ("paid", "pˈAd"),
        ("$5", "fˈIv dˈɑləɹz"),
        ("at", "æt"),
        ("7:30 pm", "sˈɛvən θˈɜɹTi pˌiˈɛm"),
    ]


def test_reads_by_context(american: English) -> None:
    past = american.pronounce("I read it yesterday.", {}).phonemes
    present = american.pronounce("Read the book.", {}).phonemes
    assert "ɹˈɛd" in past
    assert "ɹˈid" in present


def test_lexicon_wins(american: English) -> None:
    entries = {"kokoro": "kˈɑkəɹO", "$5": "fˈIvəɹ", "new york": "nˈu jˈɔɹk"}
    said = american.pronounce("Kokoro’s New York costs $5, kokoro.", entries)
    assert said.phonemes.startswith("kˈɑkəɹOz nˈu jˈɔɹk ")
    assert "fˈIvəɹ" in said.phonemes
    assert [w.text for w in said.words] == ["Kokoro’s", "New York", "costs", "$5", "kokoro"]


@pytest.mark.parametrize("word", ["Żółkiewski", "naïve", "Übergröße", "Ærøskøbing", "Straße", "x" * 300])
def test_foreign_and_endless_words_are_said(american: English, word: str) -> None:
    said = american.pronounce(word, {})
    assert [w.text for w in said.words] == [word]
    assert foreign(said.phonemes) == ""


def test_another_script_is_refused(american: English) -> None:
    with pytest.raises(TextError) as refused:
        american.pronounce("Say мир to me.", {})
    assert refused.value.code == "unsupported_script"
    assert "мир" in refused.value.message


def test_the_last_letter_is_named_as_its_accent_names_it(american: English, british: English) -> None:
    for accent, name in ((american, "zˈi"), (british, "zˈɛd")):
        assert accent.pronounce("X, Y and Z.", {}).phonemes.endswith(f"{name}.")


@pytest.mark.parametrize("written", ["From A to Z.", "Vitamin A is good.", "I got an A in maths.", "Is it A?"])
def test_a_large_a_amid_small_words_is_the_letter(american: English, written: str) -> None:
    assert "ˈA " in american.pronounce(written, {}).phonemes.replace("?", " ")


@pytest.mark.parametrize("written", ["A man came.", "He said: “A man came.”", "The Tale of A Tub"])
def test_an_article_stays_one(american: English, written: str) -> None:
    assert "ɐ " in american.pronounce(written, {}).phonemes


@pytest.mark.parametrize(
    ("written", "end"),
    [("Plan B.", "."), ("I live in the U.S.", "."), ("Mr. X!", "!"), ("He said “plan B.”", "."), ("Is it B?", "?")],
)
def test_the_mark_that_ends_a_sentence_is_kept(american: English, written: str, end: str) -> None:
    assert american.pronounce(written, {}).phonemes[-1] == end


def test_no_mark_is_doubled(american: English) -> None:
    assert american.pronounce("It is 5 p.m.", {}).phonemes.endswith("ˈɛm.")
    assert american.pronounce("Wait...", {}).phonemes.endswith("wˈAt...")


@pytest.mark.parametrize("nothing", ["…", "—", "()", "!?"])
def test_nothing_to_say(american: English, nothing: str) -> None:
    with pytest.raises(TextError) as refused:
        american.pronounce(nothing, {})
    assert refused.value.code == "text_not_speakable"
