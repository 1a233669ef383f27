"""Titles, abbreviations and Roman numerals."""

from __future__ import annotations

import re

from voicechanger.tts.text.normalise.english.numbers import Numbers
from voicechanger.tts.text.normalise.rules import Rule

TITLES = {
    "Mr": "Mister", "Mrs": "Missus", "Ms": "Miz", "Dr": "Doctor", "Prof": "Professor", "St": "Saint", "Mt": "Mount",
    "Ft": "Fort", "Gen": "General", "Gov": "Governor", "Sen": "Senator", "Rep": "Representative", "Capt": "Captain",
    "Lt": "Lieutenant", "Col": "Colonel", "Sgt": "Sergeant", "Rev": "Reverend", "Hon": "Honorable",
    "Pres": "President", "Cpl": "Corporal", "Maj": "Major", "Adm": "Admiral", "Fr": "Father", "Messrs": "Messieurs",
}  # fmt: skip
ABBREVIATIONS = {
    "e.g.": "for example", "i.e.": "that is", "etc.": "et cetera", "etc": "et cetera", "vs.": "versus", "vs": "versus",
    "approx.": "approximately", "cf.": "compare", "viz.": "namely", "et al.": "et al", "ca.": "circa",
    "a.k.a.": "also known as", "aka": "also known as", "w/": "with", "w/o": "without", "c/o": "care of",
    "b/c": "because", "Jr.": "Junior", "Sr.": "Senior", "Ave.": "Avenue", "Blvd.": "Boulevard", "Rd.": "Road",
    "Ln.": "Lane", "Hwy.": "Highway", "Apt.": "Apartment", "Bldg.": "Building", "Ste.": "Suite", "Sq.": "Square",
    "Ltd.": "Limited", "Ltd": "Limited", "Inc.": "Incorporated", "Inc": "Incorporated", "Corp.": "Corporation",
    "Co.": "Company", "Bros.": "Brothers", "Dept.": "Department", "dept.": "department", "Univ.": "University",
    "Assn.": "Association", "Govt.": "Government", "govt.": "government", "St.": "Street", "Dr.": "Drive",
    "Mr.": "Mister", "Mrs.": "Missus", "Ms.": "Miz", "Prof.": "Professor", "Mt.": "Mount", "Ph.D.": "P H D",
    "PhD": "P H D", "est.": "established", "Jan.": "January", "Feb.": "February", "Mar.": "March", "Apr.": "April",
    "Aug.": "August", "Sept.": "September", "Sep.": "September", "Oct.": "October", "Nov.": "November",
    "Dec.": "December", "Mon.": "Monday", "Tues.": "Tuesday", "Tue.": "Tuesday", "Wed.": "Wednesday",
    "Thurs.": "Thursday", "Thu.": "Thursday", "Fri.": "Friday", "Sat.": "Saturday", "min.": "minutes",
    "max.": "maximum", "temp.": "temperature", "misc.": "miscellaneous", "ext.": "extension", "tel.": "telephone",
    "Tel.": "Telephone", "incl.": "including", "excl.": "excluding", "appt.": "appointment", "asst.": "assistant",
}  # fmt: skip
BEFORE_NUMBER = {
    "No": "number", "Nos": "numbers", "Vol": "volume", "vol": "volume", "Fig": "figure", "fig": "figure",
    "Figs": "figures", "figs": "figures", "Ch": "chapter", "ch": "chapter", "Sec": "section", "sec": "section",
    "p": "page", "pp": "pages", "pg": "page", "Eq": "equation", "eq": "equation", "no": "number", "nos": "numbers",
    "Art": "article", "Pt": "part", "l": "line",
}  # fmt: skip
_COUNTED = (
    "chapter|part|act|scene|section|volume|vol\\.|book|phase|article|world war|type|level|stage|class|grade|super bowl"
    "|apollo|gemini|episode|round|rocky|mark|tier|figure|table|appendix|step|title|final fantasy"
)
_RULERS = (
    "pope|king|queen|emperor|tsar|henry|louis|edward|george|william|charles|james|richard|elizabeth|napoleon|pius"
    "|benedict|leo|john paul|john|paul|ramses|frederick|philip|alexander|nicholas|peter|catherine|ivan|umberto"
    "|victor emmanuel|gustav|christian|ferdinand|francis|mary|gregory|innocent|clement|xerxes|darius|haakon|harald|olav"
)
_ROMAN = r"(?=[IVXLC])(C{0,3}(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3}))"
_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}


def rules(numbers: Numbers) -> list[Rule]:
    """Return the rules: Roman numerals, then titles before names, then the rest."""
    names = _Names(numbers)
    titles, short = _alternatives(TITLES), _alternatives(ABBREVIATIONS)
    return [
        Rule(re.compile(rf"\b((?i:{_COUNTED})\s){_ROMAN}(?![\w'])"), names.counted),
        Rule(re.compile(rf"\b((?i:{_RULERS})\s){_ROMAN}(?![\w'])"), names.ruler),
        Rule(
            re.compile(rf"\b([A-Z][a-z]+\s)(?!I\b|V\b|X\b|L\b|C\b|CV\b|XL\b|LL\b|XXL\b|MC\b){_ROMAN}('s)?(?![\w'])"),
            names.after_name,
        ),
        Rule(re.compile(rf"\b({'|'.join(BEFORE_NUMBER)})\.\s?(?=\d)"), lambda m: BEFORE_NUMBER[m[1]] + " "),
        Rule(re.compile(rf"\b({titles})\.?\s(?=[A-Z])(?!(?:Street|Road|Avenue|Inc|Ltd)\b)"), names.title),
        Rule(re.compile(rf"(?<![\w.])({short})(?!\w)"), names.abbreviation),
        Rule(re.compile(r"№\s?(?=\d)"), lambda _: "number "),
        Rule(re.compile(r"(?<![\w&])#\s?(?=\d)"), lambda _: "number "),
    ]


class _Names:
    def __init__(self, numbers: Numbers) -> None:
        self._numbers = numbers

    def counted(self, match: re.Match[str]) -> str:
        return match[1] + self._numbers.cardinal(str(_value(match[2])))

    def ruler(self, match: re.Match[str]) -> str:
        return f"{match[1]}the {self._numbers.ordinal(str(_value(match[2])))}"

    def after_name(self, match: re.Match[str]) -> str | None:
        # "Windows XP" and "Vitamin C" are letters; "Ramses II" and "Malcolm III" are not.
        if len(match[2]) < 2:
            return None
        return f"{match[1]}the {self._numbers.ordinal(str(_value(match[2])))}{match[3] or ''}"

    def title(self, match: re.Match[str]) -> str | None:
        # "Main St. Then" ends a street, "St. Peter" begins a name.
        before = match.string[: match.start()].rstrip()
        if match[1] in {"St", "Dr", "Mt", "Ft"} and "." in match.group() and _ends_in_name(before):
            return None
        if "." not in match.group() and match[1] not in {
            "Mr",
            "Mrs",
            "Ms",
            "Dr",
            "Prof",
            "St",
            "Mt",
            "Lt",
            "Sgt",
            "Capt",
        }:
            return None
        return TITLES[match[1]] + " "

    def abbreviation(self, match: re.Match[str]) -> str:
        spoken = ABBREVIATIONS[match[1]]
        if match[1] == "Dr." and not _ends_in_name(match.string[: match.start()].rstrip()):
            # "Elm Dr." is a street, "Dr." alone, or "the Dr.", is a person
            spoken = TITLES["Dr"]
        ended = match[1].endswith(".") and not match.string[match.end() :].strip("\"'”’) ")
        return spoken + ("." if ended else "")


def _ends_in_name(before: str) -> bool:
    return bool(re.search(r"\b(?:\d+(?:st|nd|rd|th)?|(?!The\b|At\b|In\b|On\b|And\b|To\b|From\b)[A-Z][a-z]+)$", before))


def _alternatives(words: dict[str, str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


def _value(roman: str) -> int:
    values = [_VALUES[letter] for letter in roman]
    return sum(-v if v < after else v for v, after in zip(values, [*values[1:], 0], strict=True))
