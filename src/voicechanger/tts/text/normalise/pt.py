"""Brazilian Portuguese: facts and rules for numbers, money, dates and other written forms."""

from __future__ import annotations

import re

from voicechanger.tts.text.normalise import spell
from voicechanger.tts.text.normalise.european import european
from voicechanger.tts.text.normalise.facts import Facts, Noun, listed
from voicechanger.tts.text.normalise.pieces import Scanner
from voicechanger.tts.text.normalise.pt_words import ABBREVIATIONS, UNITS
from voicechanger.tts.text.normalise.shared import feminine_ordinal, gender_by_ending


def cardinal(value: int, gender: str = "") -> str:
    """vinte e um reais; vinte e duas horas."""
    words = spell.cardinal(value, "pt_BR").replace(",", "")
    if gender != "f":
        return words
    words = re.sub(r"\bum$", "uma", words)
    words = re.sub(r"\bdois$", "duas", words)
    return re.sub(r"(duz|trez|quinh|\w+c)entos\b", r"\1entas", words)


def ordinal(value: int, gender: str = "m") -> str:
    """primeiro, primeira, vigésimo primeiro."""
    words = spell.ordinal(value, "pt_BR")
    return feminine_ordinal(words) if gender == "f" else words


def _time(hour: int, minute: int) -> str:
    spoken = cardinal(hour, "f")
    return f"{spoken} e {cardinal(minute)}" if minute else f"{spoken} {'hora' if hour < 2 else 'horas'}"


def _date(day: int, month: str, year: str) -> str:
    first = "primeiro" if day == 1 else cardinal(day)
    return f"{first} de {month}" + (f" de {year}" if year else "")


_gender = gender_by_ending(
    neither="e ou a à de da do em por para com que ao até é são mais menos como entre sem na no",
    masculine="dia dias mapa mapas problema problemas idioma idiomas programa programas tema temas",
    feminine="a|as|ção|ções|são|sões|dade|dades|vez|vezes",
)


def _roman(value: int, before: str) -> str:
    return ordinal(value) if value <= 10 and before in _KINGS | {"século"} else cardinal(value)


_KINGS = frozenset(
    [
        "pedro",
        "joão",
        "paulo",
        "luís",
        "carlos",
        "filipe",
        "henrique",
        "isabel",
        "elizabeth",
        "bento",
        "pio",
        "dom",
        "manuel",
        "josé",
    ]
)
_CENT = Noun("centavo", "centavos")

FACTS = Facts(
    cardinal=cardinal,
    ordinal=ordinal,
    decimal=",",
    point={",": "vírgula", ".": "ponto"},
    months=(
        *("janeiro", "fevereiro", "março", "abril", "maio", "junho"),
        *("julho", "agosto", "setembro", "outubro", "novembro", "dezembro"),
    ),
    date=_date,
    time=_time,
    seconds=Noun("segundo", "segundos"),
    currencies={
        "BRL": (Noun("real", "reais"), _CENT),
        "EUR": (Noun("euro", "euros"), Noun("cêntimo", "cêntimos")),
        "USD": (Noun("dólar", "dólares"), _CENT),
        "GBP": (Noun("libra", "libras", "f"), Noun("pêni", "pence")),
        "JPY": (Noun("iene", "ienes"), Noun("sen", "sens")),
        "CHF": (Noun("franco suíço", "francos suíços"), Noun("cêntimo", "cêntimos")),
        "INR": (Noun("rupia", "rupias", "f"), Noun("paisa", "paisas", "f")),
        "KRW": (Noun("won", "wons"), Noun("jeon", "jeons")),
    },
    price=lambda whole, cents: f"{whole} e {cents}",
    scales={"mi": "milhões", "mil": "mil", "bi": "bilhões", "M": "milhões", "k": "mil", "K": "mil"},
    million_words=frozenset({"milhões", "milhão", "bilhões", "bilhão"}),
    of_scale="de",
    units=UNITS,
    letters=dict(
        zip(
            "abcdefghijklmnopqrstuvwxyz",
            [
                "á",
                "bê",
                "cê",
                "dê",
                "é",
                "éfe",
                "gê",
                "agá",
                "í",
                "jota",
                "cá",
                "éle",
                "eme",
                "ene",
                "ó",
                "pê",
                "quê",
                "erre",
                "esse",
                "tê",
                "ú",
                "vê",
                "dábliu",
                "xis",
                "ípsilon",
                "zê",
            ],
            strict=True,
        )
    ),
    signs={
        "&": "e",
        "+": "mais",
        "=": "igual a",
        "±": "mais ou menos",
        "×": "vezes",
        "÷": "dividido por",
        "%": "por cento",
        "€": "euros",
        "$": "dólares",
        "£": "libras",
        "°": "graus",
        "@": "arroba",
        "©": "copyright",
        "§": "parágrafo",
        "√": "raiz de",
        "π": "pi",
        "∞": "infinito",
        "≈": "aproximadamente",
        "½": "meio",
        "¼": "um quarto",
        "¾": "três quartos",
        "²": "ao quadrado",
        "³": "ao cubo",
    },
    address={
        ".": "ponto",
        "/": "barra",
        "-": "hífen",
        "_": "sublinhado",
        "@": "arroba",
        ":": "dois pontos",
        "?": "interrogação",
        "=": "igual",
        "&": "e comercial",
        "#": "cerquilha",
        "~": "til",
        "%": "por cento",
        "+": "mais",
    },
    minus="menos",
    to="a",
    over="sobre",
    fractions={
        "1/2": "um meio",
        "1/3": "um terço",
        "2/3": "dois terços",
        "1/4": "um quarto",
        "3/4": "três quartos",
        "1/5": "um quinto",
        "24/7": "vinte e quatro por sete",
    },
    less="menor que",
    more="maior que",
    times="vezes",
    abbreviations=ABBREVIATIONS,
    read_acronyms=frozenset(listed("ONU OTAN UNESCO USP NASA COVID SUS PIB PIX PIS FIFA ENEM SENAI CEP")),
    plain_capitals=frozenset(
        [
            "não",
            "sim",
            "já",
            "que",
            "da",
            "do",
            "de",
            "a",
            "o",
            "as",
            "os",
            "um",
            "uma",
            "e",
            "em",
            "por",
            "com",
            "se",
            "eu",
            "tu",
            "é",
            "só",
            "mas",
            "mais",
            "ou",
            "no",
            "na",
        ]
    ),
    ordinal_signs=r"(?P<f>ª|a)|º|o|°(?=[ ]\w)",
    roman_before=frozenset(
        ["século", "séculos", "capítulo", "tomo", "volume", "parte", "ato", "título", "livro", "fase"]
    )
    | _KINGS,
    roman=_roman,
    gender=_gender,
)


def scanner() -> Scanner:
    """Return the scanner of written Brazilian Portuguese."""
    return european(
        FACTS,
        {"am": "da manhã", "pm": "da tarde"},
        "h|hs|horas",
        words={"www": "dábliu dábliu dábliu"},
    )
