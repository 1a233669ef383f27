"""Hindi: facts and rules for numbers, money, dates and other written forms."""

from __future__ import annotations

from voicechanger.tts.text.normalise.european import european
from voicechanger.tts.text.normalise.facts import Facts, Noun
from voicechanger.tts.text.normalise.hindi_numbers import cardinal, ordinal
from voicechanger.tts.text.normalise.pieces import Scanner
from voicechanger.tts.text.normalise.rules import Rule, rule


def _same(word: str) -> Noun:
    return Noun(word, word, "")


def _time(hour: int, minute: int) -> str:
    if not minute:
        return f"{cardinal(hour)} बजे"
    return f"{cardinal(hour)} बजकर {cardinal(minute)} मिनट"


def _year(year: str) -> str:
    return f" {year}" if year else ""


FACTS = Facts(
    cardinal=cardinal,
    ordinal=ordinal,
    decimal=".",
    point={",": "दशमलव", ".": "दशमलव"},
    months=(
        *("जनवरी", "फ़रवरी", "मार्च", "अप्रैल", "मई", "जून"),
        *("जुलाई", "अगस्त", "सितंबर", "अक्टूबर", "नवंबर", "दिसंबर"),
    ),
    date=lambda day, month, year: f"{cardinal(day)} {month}{_year(year)}",
    time=_time,
    seconds=_same("सेकंड"),
    currencies={
        "INR": (Noun("रुपया", "रुपये", ""), Noun("पैसा", "पैसे", "")),
        "USD": (_same("डॉलर"), _same("सेंट")),
        "EUR": (_same("यूरो"), _same("सेंट")),
        "GBP": (_same("पाउंड"), _same("पेंस")),
        "JPY": (_same("येन"), _same("सेन")),
        "BRL": (_same("रियाल"), _same("सेंटावो")),
        "KRW": (_same("वॉन"), _same("जिऑन")),
        "CHF": (_same("स्विस फ़्रैंक"), _same("सेंट")),
        "Rs.": (Noun("रुपया", "रुपये", ""), Noun("पैसा", "पैसे", "")),
        "Rs": (Noun("रुपया", "रुपये", ""), Noun("पैसा", "पैसे", "")),
    },
    price=lambda whole, cents: f"{whole} {cents}",
    scales={"M": "मिलियन", "k": "हज़ार", "K": "हज़ार", "cr": "करोड़", "Cr": "करोड़"},
    million_words=frozenset({"करोड़", "लाख", "हज़ार", "अरब", "मिलियन"}),
    of_scale="",
    units={
        "%": _same("प्रतिशत"),
        "°C": _same("डिग्री सेल्सियस"),
        "°F": _same("डिग्री फ़ारेनहाइट"),
        "°": _same("डिग्री"),
        "km/h": _same("किलोमीटर प्रति घंटा"),
        "किमी/घंटा": _same("किलोमीटर प्रति घंटा"),
        "m/s": _same("मीटर प्रति सेकंड"),
        "km²": _same("वर्ग किलोमीटर"),
        "m²": _same("वर्ग मीटर"),
        "m³": _same("घन मीटर"),
        "km": _same("किलोमीटर"),
        "किमी": _same("किलोमीटर"),
        "कि.मी.": _same("किलोमीटर"),
        "m": _same("मीटर"),
        "cm": _same("सेंटीमीटर"),
        "सेमी": _same("सेंटीमीटर"),
        "mm": _same("मिलीमीटर"),
        "kg": _same("किलोग्राम"),
        "किग्रा": _same("किलोग्राम"),
        "g": _same("ग्राम"),
        "mg": _same("मिलीग्राम"),
        "t": _same("टन"),
        "l": _same("लीटर"),
        "L": _same("लीटर"),
        "ml": _same("मिलीलीटर"),
        "h": Noun("घंटा", "घंटे", ""),
        "min": _same("मिनट"),
        "s": _same("सेकंड"),
        "kW": _same("किलोवाट"),
        "W": _same("वाट"),
        "V": _same("वोल्ट"),
        "Hz": _same("हर्ट्ज़"),
        "MHz": _same("मेगाहर्ट्ज़"),
        "GHz": _same("गीगाहर्ट्ज़"),
        "KB": _same("किलोबाइट"),
        "MB": _same("मेगाबाइट"),
        "GB": _same("गीगाबाइट"),
        "TB": _same("टेराबाइट"),
        "ha": _same("हेक्टेयर"),
    },
    letters=dict(
        zip(
            "abcdefghijklmnopqrstuvwxyz",
            [
                "ए",
                "बी",
                "सी",
                "डी",
                "ई",
                "एफ़",
                "जी",
                "एच",
                "आई",
                "जे",
                "के",
                "एल",
                "एम",
                "एन",
                "ओ",
                "पी",
                "क्यू",
                "आर",
                "एस",
                "टी",
                "यू",
                "वी",
                "डबल्यू",
                "एक्स",
                "वाई",
                "ज़ेड",
            ],
            strict=True,
        )
    ),
    signs={
        "&": "और",
        "+": "जमा",
        "=": "बराबर",
        "±": "जमा घटा",
        "×": "गुणा",
        "÷": "भाग",
        "%": "प्रतिशत",
        "₹": "रुपये",
        "€": "यूरो",
        "$": "डॉलर",
        "£": "पाउंड",
        "°": "डिग्री",
        "@": "ऐट",
        "©": "कॉपीराइट",
        "π": "पाई",
        "½": "आधा",
        "¼": "चौथाई",
        "¾": "तीन चौथाई",
        "²": "का वर्ग",
        "³": "का घन",
    },
    address={
        ".": "डॉट",
        "/": "स्लैश",
        "-": "डैश",
        "_": "अंडरस्कोर",
        "@": "ऐट",
        ":": "कोलन",
        "?": "प्रश्नचिह्न",
        "=": "बराबर",
        "&": "ऐंड",
        "#": "हैश",
        "~": "टिल्ड",
        "%": "प्रतिशत",
        "+": "प्लस",
    },
    minus="माइनस",
    to="से",
    over="बटा",
    fractions={"1/2": "आधा", "1/3": "एक तिहाई", "2/3": "दो तिहाई", "1/4": "एक चौथाई", "3/4": "तीन चौथाई"},
    less="से कम",
    more="से अधिक",
    times="गुणा",
    abbreviations={
        "डॉ.": "डॉक्टर",
        "डा.": "डॉक्टर",
        "डॉ॰": "डॉक्टर",
        "प्रो.": "प्रोफ़ेसर",
        "श्रीमती.": "श्रीमती",
        "सु.": "सुश्री",
        "पं.": "पंडित",
        "कु.": "कुमारी",
        "रु.": "रुपये",
        "रू.": "रुपये",
        "रु॰": "रुपये",
        "नं.": "नंबर",
        "सं.": "संख्या",
        "पृ.": "पृष्ठ",
        "ई.": "ईस्वी",
        "ई. पू.": "ईसा पूर्व",
        "कि.मी.": "किलोमीटर",
        "कि.ग्रा.": "किलोग्राम",
        "मि.": "मिस्टर",
        "बी. ए.": "बी ए",
        "Dr.": "डॉक्टर",
        "Mr.": "मिस्टर",
        "Mrs.": "मिसेज़",
        "No.": "नंबर",
        "vs.": "बनाम",
        "etc.": "आदि",
    },
    read_acronyms=frozenset({"NASA", "COVID", "UNESCO", "ISRO", "NATO", "AIIMS"}),
    ordinal_signs=r"वाँ|वां|वें|(?P<f>वीं|री|ली|थी|ठी)|ला|रा|था|ठा|st|nd|rd|th",
    roman_before=frozenset(["अध्याय", "भाग", "खंड", "विश्वयुद्ध"]),
    roman=lambda value, _: cardinal(value),
    fraction_digits=True,
)

_EXTRA: list[Rule] = [
    rule(r"₹(?!\s?\d)", lambda _: "रुपये"),
    # The dot of "Rs." is no end of a sentence.
    rule(r"रु(?:\.|॰)?(?=\s?\d)", lambda _: "रुपये"),
]


def scanner() -> Scanner:
    """Return the scanner of written Hindi."""
    return european(FACTS, {"am": "सुबह", "pm": "शाम"}, "बजे", extra=_EXTRA, words={"www": "डबल्यू डबल्यू डबल्यू"})
