"""Brazilian Portuguese: numbers, money, dates and the like as they are said."""

from __future__ import annotations

import re

from voicechanger.inference.text.normalise import spell
from voicechanger.inference.text.normalise.european import european
from voicechanger.inference.text.normalise.facts import Facts, Noun, listed
from voicechanger.inference.text.normalise.pieces import Scanner


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
    return re.sub(r"o(?=\s|$)", "a", words) if gender == "f" else words


def _time(hour: int, minute: int) -> str:
    said = cardinal(hour, "f")
    return f"{said} e {cardinal(minute)}" if minute else f"{said} {'hora' if hour < 2 else 'horas'}"


def _date(day: int, month: str, year: str) -> str:
    first = "primeiro" if day == 1 else cardinal(day)
    return f"{first} de {month}" + (f" de {year}" if year else "")


def _gender(word: str) -> str:
    if word in _NO_NOUNS or not word.islower():
        return ""
    if word in _MASCULINE:
        return "m"
    return "f" if re.search(r"(?:a|as|ção|ções|são|sões|dade|dades|vez|vezes)$", word) else "m"


_NO_NOUNS = frozenset(listed("e ou a à de da do em por para com que ao até é são mais menos como entre sem na no"))
_MASCULINE = frozenset(listed("dia dias mapa mapas problema problemas idioma idiomas programa programas tema temas"))


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
    units={
        "%": Noun("por cento", "por cento", ""),
        "‰": Noun("por mil", "por mil", ""),
        "°C": Noun("grau Celsius", "graus Celsius"),
        "ºC": Noun("grau Celsius", "graus Celsius"),
        "°F": Noun("grau Fahrenheit", "graus Fahrenheit"),
        "°": Noun("grau", "graus"),
        "km/h": Noun("quilômetro por hora", "quilômetros por hora"),
        "m/s": Noun("metro por segundo", "metros por segundo"),
        "km²": Noun("quilômetro quadrado", "quilômetros quadrados"),
        "m²": Noun("metro quadrado", "metros quadrados"),
        "m2": Noun("metro quadrado", "metros quadrados"),
        "m³": Noun("metro cúbico", "metros cúbicos"),
        "km": Noun("quilômetro", "quilômetros"),
        "m": Noun("metro", "metros"),
        "cm": Noun("centímetro", "centímetros"),
        "mm": Noun("milímetro", "milímetros"),
        "kg": Noun("quilo", "quilos"),
        "g": Noun("grama", "gramas"),
        "mg": Noun("miligrama", "miligramas"),
        "t": Noun("tonelada", "toneladas", "f"),
        "l": Noun("litro", "litros"),
        "L": Noun("litro", "litros"),
        "ml": Noun("mililitro", "mililitros"),
        "h": Noun("hora", "horas", "f"),
        "min": Noun("minuto", "minutos"),
        "s": Noun("segundo", "segundos"),
        "ms": Noun("milissegundo", "milissegundos"),
        "kW": Noun("quilowatt", "quilowatts"),
        "kWh": Noun("quilowatt hora", "quilowatts hora"),
        "W": Noun("watt", "watts"),
        "V": Noun("volt", "volts"),
        "Hz": Noun("hertz", "hertz"),
        "kHz": Noun("quilohertz", "quilohertz"),
        "MHz": Noun("mega-hertz", "mega-hertz"),
        "GHz": Noun("giga-hertz", "giga-hertz"),
        "KB": Noun("quilobyte", "quilobytes"),
        "MB": Noun("megabyte", "megabytes"),
        "GB": Noun("gigabyte", "gigabytes"),
        "TB": Noun("terabyte", "terabytes"),
        "ha": Noun("hectare", "hectares"),
    },
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
    abbreviations={
        "sr.": "senhor",
        "sra.": "senhora",
        "srta.": "senhorita",
        "srs.": "senhores",
        "dr.": "doutor",
        "dra.": "doutora",
        "prof.": "professor",
        "profa.": "professora",
        "eng.": "engenheiro",
        "etc.": "et cetera",
        "p. ex.": "por exemplo",
        "ex.": "exemplo",
        "pág.": "página",
        "págs.": "páginas",
        "cap.": "capítulo",
        "vol.": "volume",
        "art.": "artigo",
        "n.º": "número",
        "nº": "número",
        "n°": "número",
        "núm.": "número",
        "av.": "avenida",
        "r.": "rua",
        "tel.": "telefone",
        "cel.": "celular",
        "aprox.": "aproximadamente",
        "máx.": "máximo",
        "mín.": "mínimo",
        "a. C.": "antes de Cristo",
        "d. C.": "depois de Cristo",
        "S. A.": "sociedade anônima",
        "Ltda.": "limitada",
        "jr.": "júnior",
        "apto.": "apartamento",
        "e/ou": "e ou",
        "obs.": "observação",
        "vc": "você",
        "vcs": "vocês",
        "séc.": "século",
        "sto.": "santo",
    },
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
    """The reader of written Brazilian Portuguese."""
    return european(
        FACTS,
        {"am": "da manhã", "pm": "da tarde"},
        "h|hs|horas",
        words={"www": "dábliu dábliu dábliu"},
    )
