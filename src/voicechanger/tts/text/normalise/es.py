"""Spanish: facts and rules for numbers, money, dates and other written forms."""

from __future__ import annotations

import re

from voicechanger.tts.text.normalise import spell
from voicechanger.tts.text.normalise.es_words import ABBREVIATIONS, UNITS
from voicechanger.tts.text.normalise.european import european
from voicechanger.tts.text.normalise.facts import Facts, Noun
from voicechanger.tts.text.normalise.pieces import Scanner
from voicechanger.tts.text.normalise.shared import feminine_ordinal, gender_by_ending

_ORDINALS = [
    "cero",
    "primero",
    "segundo",
    "tercero",
    "cuarto",
    "quinto",
    "sexto",
    "séptimo",
    "octavo",
    "noveno",
    "décimo",
    "undécimo",
    "duodécimo",
    "decimotercero",
    "decimocuarto",
    "decimoquinto",
    "decimosexto",
    "decimoséptimo",
    "decimoctavo",
    "decimonoveno",
    "vigésimo",
]


def cardinal(value: int, gender: str = "") -> str:
    """veintiuno; veintiún euros; veintiuna horas."""
    words = spell.cardinal(value, "es")
    # Before mil and millones the one is shortened as before any noun.
    words = re.sub(r"veintiuno (?=mil)", "veintiún ", words)
    words = re.sub(r"uno (?=mil)", "un ", words)
    if gender == "m":
        words = re.sub(r"veintiuno$", "veintiún", words)
        return re.sub(r"\buno$", "un", words)
    if gender == "f":
        words = re.sub(r"cientos\b(?! mill)", "cientas", words)
        words = words.replace("quinientos", "quinientas")
        return re.sub(r"uno$", "una", words)
    return words


def ordinal(value: int, gender: str = "m") -> str:
    """primero, primera; above the twentieth as num2words has it."""
    words = _ORDINALS[value] if 0 < value <= 20 else spell.ordinal(value, "es")
    if gender == "short":
        return words.removesuffix("o")
    return feminine_ordinal(words) if gender == "f" else words


def _time(hour: int, minute: int) -> str:
    spoken = cardinal(hour, "f")
    return f"{spoken} y {cardinal(minute)}" if minute else spoken


_gender = gender_by_ending(
    neither="y o u e a de del en por para con que al desde hasta es son más menos como entre sin",
    masculine="día días mapa mapas problema problemas idioma idiomas programa programas tema temas",
    feminine="a|as|ión|iones|dad|dades|tud|manos?",
)


def _roman(value: int, before: str) -> str:
    return ordinal(value) if value <= 10 and before in _KINGS | {"siglo"} else cardinal(value)


_KINGS = frozenset(
    [
        "felipe",
        "carlos",
        "alfonso",
        "fernando",
        "isabel",
        "juan",
        "pablo",
        "pío",
        "benedicto",
        "luis",
        "enrique",
        "jaime",
        "jorge",
        "pedro",
        "napoleón",
    ]
)
_CENT = Noun("céntimo", "céntimos")
_CENTAVO = Noun("centavo", "centavos")

FACTS = Facts(
    cardinal=cardinal,
    ordinal=ordinal,
    decimal=",",
    point={",": "coma", ".": "punto"},
    months=(
        *("enero", "febrero", "marzo", "abril", "mayo", "junio"),
        *("julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"),
    ),
    date=lambda day, month, year: f"{cardinal(day)} de {month}" + (f" de {year}" if year else ""),
    time=_time,
    seconds=Noun("segundo", "segundos"),
    currencies={
        "EUR": (Noun("euro", "euros"), _CENT),
        "USD": (Noun("dólar", "dólares"), _CENTAVO),
        "GBP": (Noun("libra", "libras", "f"), Noun("penique", "peniques")),
        "JPY": (Noun("yen", "yenes"), Noun("sen", "senes")),
        "MXN": (Noun("peso mexicano", "pesos mexicanos"), _CENTAVO),
        "ARS": (Noun("peso argentino", "pesos argentinos"), _CENTAVO),
        "BRL": (Noun("real", "reales"), _CENTAVO),
        "INR": (Noun("rupia", "rupias", "f"), Noun("paisa", "paisas", "f")),
        "KRW": (Noun("won", "wones"), Noun("jeon", "jeones")),
        "CHF": (Noun("franco suizo", "francos suizos"), _CENT),
    },
    price=lambda whole, cents: f"{whole} con {cents}",
    scales={"M": "millones", "mil": "mil", "k": "mil", "K": "mil"},
    million_words=frozenset({"millones", "millón", "mil millones", "billones"}),
    of_scale="de",
    units=UNITS,
    letters=dict(
        zip(
            "abcdefghijklmnñopqrstuvwxyz",
            [
                "a",
                "be",
                "ce",
                "de",
                "e",
                "efe",
                "ge",
                "hache",
                "i",
                "jota",
                "ka",
                "ele",
                "eme",
                "ene",
                "eñe",
                "o",
                "pe",
                "cu",
                "erre",
                "ese",
                "te",
                "u",
                "uve",
                "uvedoble",
                "equis",
                "igriega",
                "zeta",
            ],
            strict=True,
        )
    ),
    signs={
        "&": "y",
        "+": "más",
        "=": "igual a",
        "±": "más menos",
        "×": "por",
        "÷": "entre",
        "%": "por ciento",
        "‰": "por mil",
        "€": "euros",
        "$": "dólares",
        "£": "libras",
        "°": "grados",
        "@": "arroba",
        "©": "copyright",
        "§": "sección",
        "√": "raíz de",
        "π": "pi",
        "∞": "infinito",
        "≈": "aproximadamente",
        "½": "un medio",
        "¼": "un cuarto",
        "¾": "tres cuartos",
        "²": "al cuadrado",
        "³": "al cubo",
    },
    address={
        ".": "punto",
        "/": "barra",
        "-": "guion",
        "_": "guion bajo",
        "@": "arroba",
        ":": "dos puntos",
        "?": "interrogación",
        "=": "igual",
        "&": "ampersand",
        "#": "almohadilla",
        "~": "virgulilla",
        "%": "por ciento",
        "+": "más",
    },
    minus="menos",
    to="a",
    over="sobre",
    fractions={
        "1/2": "un medio",
        "1/3": "un tercio",
        "2/3": "dos tercios",
        "1/4": "un cuarto",
        "3/4": "tres cuartos",
        "1/5": "un quinto",
        "24/7": "veinticuatro siete",
    },
    less="menor que",
    more="mayor que",
    times="por",
    abbreviations=ABBREVIATIONS,
    read_acronyms=frozenset(
        {"ONU", "OTAN", "OMS", "UNESCO", "IVA", "AVE", "OVNI", "SIDA", "NASA", "COVID", "PIN", "RAE"}
    ),
    plain_capitals=frozenset(
        [
            "no",
            "sí",
            "ya",
            "muy",
            "que",
            "de",
            "la",
            "el",
            "los",
            "las",
            "un",
            "una",
            "es",
            "en",
            "por",
            "con",
            "se",
            "lo",
            "me",
            "te",
            "tu",
            "mi",
            "su",
            "al",
            "del",
            "hoy",
            "mal",
            "más",
        ]
    ),
    ordinal_signs=r"(?P<f>ª|ra|da|ta|va|ma)|(?P<short>er)|º|ro|do|to|vo|mo|°(?=[ ]\w)",
    roman_before=frozenset(
        ["siglo", "siglos", "capítulo", "tomo", "volumen", "parte", "acto", "título", "libro", "fase"]
    )
    | _KINGS,
    roman=_roman,
    gender=_gender,
)


def scanner() -> Scanner:
    """Return the scanner of written Spanish."""
    return european(
        FACTS,
        {"am": "de la mañana", "pm": "de la tarde"},
        "h|hs|hrs|horas",
        words={"www": "uvedoble uvedoble uvedoble"},
    )
