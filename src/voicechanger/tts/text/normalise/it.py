"""Italian: facts and rules for numbers, money, dates and other written forms."""

from __future__ import annotations

import re

from voicechanger.tts.text.normalise import spell
from voicechanger.tts.text.normalise.european import european
from voicechanger.tts.text.normalise.facts import Facts, Noun, listed
from voicechanger.tts.text.normalise.it_words import ABBREVIATIONS, UNITS
from voicechanger.tts.text.normalise.pieces import Scanner
from voicechanger.tts.text.normalise.rules import Rule, rule


def cardinal(value: int, gender: str = "") -> str:
    """uno; un euro; una sterlina; ventuno."""
    words = spell.cardinal(value, "it")
    if words == "uno" and gender:
        return "una" if gender == "f" else "un"
    return words


def ordinal(value: int, gender: str = "m") -> str:
    """primo, prima, ventunesimo."""
    words = spell.ordinal(value, "it")
    return re.sub(r"o$", "a", words) if gender == "f" else words


def _time(hour: int, minute: int) -> str:
    spoken = cardinal(hour, "f")
    return f"{spoken} e {cardinal(minute)}" if minute else spoken


def _date(day: int, month: str, year: str) -> str:
    first = "primo" if day == 1 else cardinal(day)
    return f"{first} {month} {year}".strip()


def _gender(word: str) -> str:
    if word in _NO_NOUNS or not word.islower():
        return ""
    return "f" if re.search(r"(?:a|zione|sione|tà|tù)$", word) else "m"


_NO_NOUNS = frozenset(listed("e o a ad di da in con su per tra fra che del della dei al alla è sono più meno come"))


def _roman(value: int, before: str) -> str:
    return cardinal(value) if before in _PARTS else ordinal(value, "f" if before == "elisabetta" else "m")


_PARTS = frozenset(["capitolo", "tomo", "volume", "parte", "atto", "libro", "titolo", "fase", "articolo"])
_KINGS = frozenset(
    [
        "luigi",
        "carlo",
        "enrico",
        "vittorio",
        "emanuele",
        "umberto",
        "pio",
        "benedetto",
        "giovanni",
        "paolo",
        "papa",
        "elisabetta",
        "napoleone",
    ]
)

FACTS = Facts(
    cardinal=cardinal,
    ordinal=ordinal,
    decimal=",",
    point={",": "virgola", ".": "punto"},
    months=(
        *("gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno"),
        *("luglio", "agosto", "settembre", "ottobre", "novembre", "dicembre"),
    ),
    date=_date,
    time=_time,
    seconds=Noun("secondo", "secondi"),
    currencies={
        "EUR": (Noun("euro", "euro"), Noun("centesimo", "centesimi")),
        "USD": (Noun("dollaro", "dollari"), Noun("centesimo", "centesimi")),
        "GBP": (Noun("sterlina", "sterline", "f"), Noun("penny", "penny")),
        "JPY": (Noun("yen", "yen"), Noun("sen", "sen")),
        "CHF": (Noun("franco svizzero", "franchi svizzeri"), Noun("centesimo", "centesimi")),
        "BRL": (Noun("real", "real"), Noun("centavo", "centavos")),
        "INR": (Noun("rupia", "rupie", "f"), Noun("paisa", "paisa")),
        "KRW": (Noun("won", "won"), Noun("jeon", "jeon")),
    },
    price=lambda whole, cents: f"{whole} e {cents}",
    scales={"M": "milioni", "mln": "milioni", "mld": "miliardi", "mila": "mila", "k": "mila", "K": "mila"},
    million_words=frozenset({"milioni", "milione", "miliardi", "miliardo"}),
    of_scale="di",
    units=UNITS,
    letters=dict(
        zip(
            "abcdefghijklmnopqrstuvwxyz",
            [
                "a",
                "bi",
                "ci",
                "di",
                "e",
                "effe",
                "gi",
                "acca",
                "i",
                "ilunga",
                "cappa",
                "elle",
                "emme",
                "enne",
                "o",
                "pi",
                "cu",
                "erre",
                "esse",
                "ti",
                "u",
                "vu",
                "doppiavù",
                "ics",
                "ipsilon",
                "zeta",
            ],
            strict=True,
        )
    ),
    signs={
        "&": "e",
        "+": "più",
        "=": "uguale a",
        "±": "più o meno",
        "×": "per",
        "÷": "diviso",
        "%": "per cento",
        "€": "euro",
        "$": "dollari",
        "£": "sterline",
        "°": "gradi",
        "@": "chiocciola",
        "©": "copyright",
        "§": "paragrafo",
        "√": "radice di",
        "π": "pi greco",
        "∞": "infinito",
        "≈": "circa",
        "½": "un mezzo",
        "¼": "un quarto",
        "¾": "tre quarti",
        "²": "al quadrato",
        "³": "al cubo",
    },
    address={
        ".": "punto",
        "/": "barra",
        "-": "trattino",
        "_": "trattino basso",
        "@": "chiocciola",
        ":": "due punti",
        "?": "punto interrogativo",
        "=": "uguale",
        "&": "e commerciale",
        "#": "cancelletto",
        "~": "tilde",
        "%": "per cento",
        "+": "più",
    },
    minus="meno",
    to="a",
    over="su",
    fractions={
        "1/2": "un mezzo",
        "1/3": "un terzo",
        "2/3": "due terzi",
        "1/4": "un quarto",
        "3/4": "tre quarti",
        "1/5": "un quinto",
        "24/7": "ventiquattro ore su ventiquattro",
    },
    less="minore di",
    more="maggiore di",
    times="per",
    abbreviations=ABBREVIATIONS,
    read_acronyms=frozenset(listed("ONU NATO UNESCO IVA FIAT RAI NASA COVID ISTAT INPS PIN AIDS ENI SIM")),
    plain_capitals=frozenset(
        [
            "no",
            "sì",
            "non",
            "che",
            "di",
            "il",
            "la",
            "lo",
            "gli",
            "le",
            "un",
            "una",
            "in",
            "per",
            "con",
            "su",
            "è",
            "ma",
            "mai",
            "qui",
            "più",
            "già",
        ]
    ),
    ordinal_signs=r"(?P<f>ª)|º|°(?=[ ]\w)|(?:esimo)|(?P<f2>esima)",
    roman_before=frozenset({"secolo"}) | _PARTS | _KINGS,
    roman=_roman,
    gender=_gender,
)

_EXTRA: list[Rule] = [
    rule(r"(?:un|da|di|mo)['’](?=[ ]|$|[.,;!?])", lambda match: match.group()[:-1]),
    rule(r"po['’](?!\w)", lambda _: "po'"),
]


def scanner() -> Scanner:
    """Return the scanner of written Italian."""
    return european(
        FACTS, {"am": "di mattina", "pm": "di pomeriggio"}, "h|ore", extra=_EXTRA, words={"www": "vu vu vu"}
    )
