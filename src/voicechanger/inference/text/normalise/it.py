"""Italian: numbers, money, dates and the like as they are said."""

from __future__ import annotations

import re

from voicechanger.inference.text.normalise import spell
from voicechanger.inference.text.normalise.european import european
from voicechanger.inference.text.normalise.facts import Facts, Noun, listed
from voicechanger.inference.text.normalise.pieces import Rule, Scanner, rule


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
    said = cardinal(hour, "f")
    return f"{said} e {cardinal(minute)}" if minute else said


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
    units={
        "%": Noun("per cento", "per cento", ""),
        "‰": Noun("per mille", "per mille", ""),
        "°C": Noun("grado Celsius", "gradi Celsius"),
        "°F": Noun("grado Fahrenheit", "gradi Fahrenheit"),
        "°": Noun("grado", "gradi"),
        "km/h": Noun("chilometro orario", "chilometri orari"),
        "m/s": Noun("metro al secondo", "metri al secondo"),
        "km²": Noun("chilometro quadrato", "chilometri quadrati"),
        "m²": Noun("metro quadrato", "metri quadrati"),
        "mq": Noun("metro quadrato", "metri quadrati"),
        "m³": Noun("metro cubo", "metri cubi"),
        "km": Noun("chilometro", "chilometri"),
        "m": Noun("metro", "metri"),
        "cm": Noun("centimetro", "centimetri"),
        "mm": Noun("millimetro", "millimetri"),
        "kg": Noun("chilo", "chili"),
        "g": Noun("grammo", "grammi"),
        "mg": Noun("milligrammo", "milligrammi"),
        "t": Noun("tonnellata", "tonnellate", "f"),
        "l": Noun("litro", "litri"),
        "L": Noun("litro", "litri"),
        "ml": Noun("millilitro", "millilitri"),
        "h": Noun("ora", "ore", "f"),
        "min": Noun("minuto", "minuti"),
        "s": Noun("secondo", "secondi"),
        "ms": Noun("millisecondo", "millisecondi"),
        "kW": Noun("chilowatt", "chilowatt"),
        "kWh": Noun("chilowattora", "chilowattora"),
        "W": Noun("watt", "watt"),
        "V": Noun("volt", "volt"),
        "Hz": Noun("hertz", "hertz"),
        "kHz": Noun("chilohertz", "chilohertz"),
        "MHz": Noun("megahertz", "megahertz"),
        "GHz": Noun("gigahertz", "gigahertz"),
        "KB": Noun("kilobyte", "kilobyte"),
        "MB": Noun("megabyte", "megabyte"),
        "GB": Noun("gigabyte", "gigabyte"),
        "TB": Noun("terabyte", "terabyte"),
        "ha": Noun("ettaro", "ettari"),
    },
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
    abbreviations={
        "sig.": "signor",
        "sig.ra": "signora",
        "sig.na": "signorina",
        "sigg.": "signori",
        "dott.": "dottor",
        "dott.ssa": "dottoressa",
        "dr.": "dottor",
        "prof.": "professor",
        "prof.ssa": "professoressa",
        "ing.": "ingegner",
        "avv.": "avvocato",
        "arch.": "architetto",
        "geom.": "geometra",
        "on.": "onorevole",
        "ecc.": "eccetera",
        "p. es.": "per esempio",
        "ad es.": "ad esempio",
        "es.": "esempio",
        "pag.": "pagina",
        "pagg.": "pagine",
        "cap.": "capitolo",
        "vol.": "volume",
        "art.": "articolo",
        "n.": "numero",
        "n°": "numero",
        "nº": "numero",
        "tel.": "telefono",
        "cell.": "cellulare",
        "ca.": "circa",
        "max.": "massimo",
        "min.": "minimo",
        "a. C.": "avanti Cristo",
        "d. C.": "dopo Cristo",
        "S. p. A.": "società per azioni",
        "SpA": "società per azioni",
        "p.za": "piazza",
        "c.so": "corso",
        "v.le": "viale",
        "e/o": "e o",
        "gent.": "gentile",
        "spett.": "spettabile",
        "c.a.": "circa",
    },
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
    """The reader of written Italian."""
    return european(
        FACTS, {"am": "di mattina", "pm": "di pomeriggio"}, "h|ore", extra=_EXTRA, words={"www": "vu vu vu"}
    )
