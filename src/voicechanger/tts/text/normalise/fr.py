"""French: facts and rules for numbers, money, dates and other written forms."""

from __future__ import annotations

import re

from voicechanger.tts.text.normalise import spell
from voicechanger.tts.text.normalise.european import european
from voicechanger.tts.text.normalise.facts import Facts, Noun, listed
from voicechanger.tts.text.normalise.numerals import roman
from voicechanger.tts.text.normalise.pieces import Scanner
from voicechanger.tts.text.normalise.rules import Rule, rule


def cardinal(value: int, gender: str = "") -> str:
    """vingt et un; vingt et une heures."""
    words = spell.cardinal(value, "fr")
    return re.sub(r"\bun$", "une", words) if gender == "f" else words


def ordinal(value: int, gender: str = "m") -> str:
    """premier, première, deuxième."""
    if value == 1:
        return "première" if gender == "f" else "premier"
    return spell.ordinal(value, "fr")


def _time(hour: int, minute: int) -> str:
    spoken = f"{cardinal(hour, 'f')} {'heure' if hour < 2 else 'heures'}"
    return f"{spoken} {cardinal(minute, 'f')}" if minute else spoken


def _date(day: int, month: str, year: str) -> str:
    first = "premier" if day == 1 else cardinal(day)
    return f"{first} {month} {year}".strip()


def _roman(value: int, before: str) -> str:
    return ordinal(value) if value == 1 and before in _KINGS else cardinal(value)


def _roman_ordinal(match: re.Match[str]) -> str | None:
    value = roman(match["number"])
    return None if value is None else ordinal(value, "f" if match["f"] else "m")


_KINGS = frozenset(listed("louis henri charles françois napoléon philippe jean pie benoît élisabeth paul"))
_CENT = Noun("centime", "centimes")

FACTS = Facts(
    cardinal=cardinal,
    ordinal=ordinal,
    decimal=",",
    point={",": "virgule", ".": "point"},
    months=(
        *("janvier", "février", "mars", "avril", "mai", "juin"),
        *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
    ),
    date=_date,
    time=_time,
    seconds=Noun("seconde", "secondes", "f"),
    currencies={
        "EUR": (Noun("euro", "euros"), _CENT),
        "USD": (Noun("dollar", "dollars"), Noun("cent", "cents")),
        "CAD": (Noun("dollar canadien", "dollars canadiens"), Noun("cent", "cents")),
        "GBP": (Noun("livre", "livres", "f"), Noun("penny", "pence")),
        "JPY": (Noun("yen", "yens"), Noun("sen", "sens")),
        "CHF": (Noun("franc suisse", "francs suisses"), _CENT),
        "BRL": (Noun("réal", "réaux"), Noun("centavo", "centavos")),
        "INR": (Noun("roupie", "roupies", "f"), Noun("paisa", "paisas")),
        "KRW": (Noun("won", "wons"), Noun("jeon", "jeons")),
    },
    price=lambda whole, cents: f"{whole} {cents.removesuffix(' centimes')}",
    scales={"M": "millions", "Md": "milliards", "Mds": "milliards", "k": "mille", "K": "mille"},
    million_words=frozenset({"millions", "million", "milliards", "milliard"}),
    of_scale="de",
    units={
        "%": Noun("pour cent", "pour cent", ""),
        "‰": Noun("pour mille", "pour mille", ""),
        "°C": Noun("degré Celsius", "degrés Celsius"),
        "°F": Noun("degré Fahrenheit", "degrés Fahrenheit"),
        "°": Noun("degré", "degrés"),
        "km/h": Noun("kilomètre heure", "kilomètres heure"),
        "m/s": Noun("mètre par seconde", "mètres par seconde"),
        "km²": Noun("kilomètre carré", "kilomètres carrés"),
        "m²": Noun("mètre carré", "mètres carrés"),
        "m2": Noun("mètre carré", "mètres carrés"),
        "m³": Noun("mètre cube", "mètres cubes"),
        "km": Noun("kilomètre", "kilomètres"),
        "m": Noun("mètre", "mètres"),
        "cm": Noun("centimètre", "centimètres"),
        "mm": Noun("millimètre", "millimètres"),
        "kg": Noun("kilo", "kilos"),
        "g": Noun("gramme", "grammes"),
        "mg": Noun("milligramme", "milligrammes"),
        "t": Noun("tonne", "tonnes", "f"),
        "l": Noun("litre", "litres"),
        "L": Noun("litre", "litres"),
        "ml": Noun("millilitre", "millilitres"),
        "cl": Noun("centilitre", "centilitres"),
        "h": Noun("heure", "heures", "f"),
        "min": Noun("minute", "minutes", "f"),
        "s": Noun("seconde", "secondes", "f"),
        "ms": Noun("milliseconde", "millisecondes", "f"),
        "kW": Noun("kilowatt", "kilowatts"),
        "kWh": Noun("kilowattheure", "kilowattheures"),
        "W": Noun("watt", "watts"),
        "V": Noun("volt", "volts"),
        "Hz": Noun("hertz", "hertz"),
        "kHz": Noun("kilohertz", "kilohertz"),
        "MHz": Noun("mégahertz", "mégahertz"),
        "GHz": Noun("gigahertz", "gigahertz"),
        "Ko": Noun("kilooctet", "kilooctets"),
        "Mo": Noun("mégaoctet", "mégaoctets"),
        "Go": Noun("gigaoctet", "gigaoctets"),
        "To": Noun("téraoctet", "téraoctets"),
        "ha": Noun("hectare", "hectares"),
    },
    letters=dict(
        zip(
            "abcdefghijklmnopqrstuvwxyzé",
            [
                "a",
                "bé",
                "cé",
                "dé",
                "e",
                "effe",
                "gé",
                "hache",
                "i",
                "ji",
                "ka",
                "elle",
                "emme",
                "enne",
                "o",
                "pé",
                "ku",
                "erre",
                "esse",
                "té",
                "u",
                "vé",
                "doublevé",
                "ixe",
                "igrec",
                "zède",
                "é",
            ],
            strict=True,
        )
    ),
    signs={
        "&": "et",
        "+": "plus",
        "=": "égale",
        "±": "plus ou moins",
        "×": "fois",
        "÷": "divisé par",
        "%": "pour cent",
        "€": "euros",
        "$": "dollars",
        "£": "livres",
        "°": "degrés",
        "@": "arobase",
        "©": "copyright",
        "§": "paragraphe",
        "√": "racine de",
        "π": "pi",
        "∞": "l'infini",
        "≈": "environ",
        "½": "un demi",
        "¼": "un quart",
        "¾": "trois quarts",
        "²": "au carré",
        "³": "au cube",
    },
    address={
        ".": "point",
        "/": "slash",
        "-": "tiret",
        "_": "tiret bas",
        "@": "arobase",
        ":": "deux points",
        "?": "point d'interrogation",
        "=": "égale",
        "&": "et commercial",
        "#": "dièse",
        "~": "tilde",
        "%": "pour cent",
        "+": "plus",
    },
    minus="moins",
    to="à",
    over="sur",
    fractions={
        "1/2": "un demi",
        "1/3": "un tiers",
        "2/3": "deux tiers",
        "1/4": "un quart",
        "3/4": "trois quarts",
        "1/5": "un cinquième",
    },
    less="inférieur à",
    more="supérieur à",
    times="fois",
    abbreviations={
        "M.": "Monsieur",
        "MM.": "Messieurs",
        "Mme": "Madame",
        "Mmes": "Mesdames",
        "Mlle": "Mademoiselle",
        "Dr": "docteur",
        "Dr.": "docteur",
        "Pr": "professeur",
        "St": "saint",
        "Ste": "sainte",
        "etc.": "et cetera",
        "p. ex.": "par exemple",
        "c.-à-d.": "c'est-à-dire",
        "cf.": "confer",
        "n°": "numéro",
        "nº": "numéro",
        "N°": "numéro",
        "p.": "page",
        "art.": "article",
        "chap.": "chapitre",
        "av.": "avenue",
        "bd": "boulevard",
        "boul.": "boulevard",
        "tél.": "téléphone",
        "env.": "environ",
        "max.": "maximum",
        "min.": "minimum",
        "av. J.-C.": "avant Jésus-Christ",
        "apr. J.-C.": "après Jésus-Christ",
        "vol.": "volume",
        "éd.": "édition",
        "resp.": "respectivement",
        "svp": "s'il vous plaît",
        "rdv": "rendez-vous",
        "et/ou": "et ou",
    },
    read_acronyms=frozenset(listed("ONU OTAN UNESCO NASA COVID SMIC INSEE FNAC PIN ADIL ENA SIDA OVNI")),
    plain_capitals=frozenset(
        [
            "non",
            "oui",
            "ne",
            "pas",
            "et",
            "le",
            "la",
            "les",
            "un",
            "une",
            "de",
            "des",
            "du",
            "en",
            "ce",
            "si",
            "tu",
            "il",
            "elle",
            "ou",
            "où",
            "à",
            "au",
            "très",
            "trop",
        ]
    ),
    ordinal_signs=r"(?P<f>ère|re|nde)|er|ème|eme|es?|nd|º",
    roman_before=frozenset(listed("siècle chapitre tome volume partie acte livre titre")) | _KINGS,
    roman=_roman,
    pairs=True,
    elides=True,
)

_EXTRA: list[Rule] = [
    rule(r"(?P<number>[IVX]+)(?:(?P<f>ère|re)|er|ème|es?)(?!\w)", _roman_ordinal),
    rule(r"(?<!\d)(?P<h>\d{1,2})[ \u00a0\u202f]?h(?![\w/]|[ ]?\d\d)", lambda match: _time(int(match["h"]), 0)),
]


def scanner() -> Scanner:
    """Return the scanner of written French."""
    return european(
        FACTS,
        {"am": "du matin", "pm": "de l'après-midi"},
        "h|heures",
        extra=_EXTRA,
        words={"www": "trois doublevé"},
    )
