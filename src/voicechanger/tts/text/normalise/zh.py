"""Mandarin: written forms → Chinese characters that have a reading."""

from __future__ import annotations

import importlib
import re
from typing import Any, cast

from voicechanger.tts.text.normalise.numerals import parse
from voicechanger.tts.text.normalise.pieces import NUMBER_SIGNS, Scanner
from voicechanger.tts.text.normalise.rules import Rule, rule
from voicechanger.tts.text.normalise.shared import price

HAN = "㐀-䶿一-鿿豈-﫿𠀀-𯨟〇々"
WORD = re.compile(rf"[{HAN}]+|[^\W\d_{NUMBER_SIGNS}{HAN}]+(?:['’\-][^\W\d_{NUMBER_SIGNS}{HAN}]+)*")

_DIGITS = "零一二三四五六七八九"
_NUMBER = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?!\d)"
_MINUS = r"(?:(?<![\w)])[-−](?=\d))?"
_MONEY = {
    "¥": "元",
    "￥": "元",
    "$": "美元",
    "€": "欧元",
    "£": "英镑",
    "₩": "韩元",
    "CNY": "元",
    "RMB": "元",
    "USD": "美元",
    "EUR": "欧元",
    "GBP": "英镑",
    "JPY": "日元",
}
UNITS = {
    "℃": "摄氏度",
    "°C": "摄氏度",
    "°F": "华氏度",
    "°": "度",
    "km/h": "公里每小时",
    "m/s": "米每秒",
    "km²": "平方公里",
    "㎡": "平方米",
    "m²": "平方米",
    "m³": "立方米",
    "km": "公里",
    "cm": "厘米",
    "mm": "毫米",
    "m": "米",
    "kg": "公斤",
    "mg": "毫克",
    "g": "克",
    "t": "吨",
    "ml": "毫升",
    "L": "升",
    "l": "升",
    "kW": "千瓦",
    "W": "瓦",
    "V": "伏",
    "Hz": "赫兹",
    "MHz": "兆赫",
    "GHz": "吉赫",
    "KB": "千字节",
    "MB": "兆字节",
    "GB": "吉字节",
    "TB": "太字节",
    "h": "小时",
    "min": "分钟",
    "s": "秒",
}
_SIGNS = {
    "%": "百分号",
    "€": "欧元",
    "$": "美元",
    "¥": "元",
    "£": "英镑",
    "°": "度",
    "&": "和",
    "+": "加",
    "=": "等于",
    "×": "乘以",
    "÷": "除以",
    "±": "正负",
    "@": "艾特",
    "℃": "摄氏度",
    "½": "二分之一",
    "¼": "四分之一",
    "¾": "四分之三",
    "π": "派",
    "∞": "无穷大",
}
_ADDRESS = {
    ".": "点",
    "/": "斜杠",
    "-": "杠",
    "_": "下划线",
    "@": "艾特",
    ":": "冒号",
    "?": "问号",
    "=": "等号",
    "&": "和",
    "#": "井号",
    "~": "波浪号",
    "%": "百分号",
    "+": "加号",
}
_TWO_BEFORE = "个只位次人天年小张本件条台辆家块杯碗双对倍岁点米升吨克元"
"""Measure words before which two is 两."""


def cardinal(value: int) -> str:
    """二十一, 一百零二."""
    cn2an = cast(Any, importlib.import_module("cn2an"))
    return str(cn2an.an2cn(str(value), "low"))


def digits(text: str, one: str = "一") -> str:
    """Return the digits one by one; `one` is 幺 in telephone numbers."""
    return "".join(one if digit == "1" else _DIGITS[int(digit)] for digit in text if digit.isdecimal())


def number(text: str) -> str:
    """Return a numeral in characters."""
    if text[0] in "-−":
        return "负" + number(text[1:])
    found = parse(text, ".")
    whole = found.whole
    plain = len(whole) <= 16 and (len(whole) == 1 or whole[0] != "0")
    spoken = cardinal(int(whole)) if plain else digits(whole)
    return f"{spoken}点{digits(found.fraction)}" if found.fraction else spoken


def _counted(match: re.Match[str]) -> str:
    """两个, but 十二个 and 二十."""
    after = match.string[match.end() : match.end() + 1]
    return "两" if match.group() == "2" and after and after in _TWO_BEFORE else number(match.group())


_price = price(number, _MONEY)


def _date(match: re.Match[str]) -> str | None:
    month, day = int(match["m"]), int(match["d"])
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    return f"{digits(match['y'])}年{cardinal(month)}月{cardinal(day)}日"


def _time(match: re.Match[str]) -> str | None:
    hour, minute = int(match["h"]), int(match["min"])
    if hour > 24 or minute > 59:
        return None
    spoken = ("两" if hour == 2 else cardinal(hour)) + "点"
    if minute:
        spoken += ("零" if minute < 10 else "") + cardinal(minute) + "分"
    return spoken + (f"{cardinal(int(match['s']))}秒" if match["s"] else "")


def _telephone(match: re.Match[str]) -> str | None:
    text = match.group()
    groups = re.findall(r"\d+", text)
    if len(groups) < 2 and not re.fullmatch(r"1[3-9]\d{9}", text):
        return None
    return ("加" if text.startswith("+") else "") + "".join(digits(group, "幺") for group in groups)


def _address(match: re.Match[str]) -> str:
    """Return the signs in Chinese; the letters stay and are pronounced as English."""
    text = re.sub(r"^https?://", "", match.group()).rstrip("/")
    parts: list[str] = re.findall(r"[A-Za-z]+|\d+|.", text)
    spoken = [number(part) if part.isdecimal() else _ADDRESS.get(str(part), str(part)) for part in parts]
    return " ".join(spoken)


def _range(match: re.Match[str]) -> str:
    percent = "百分之" if match["percent"] else ""
    return f"{percent}{number(match['first'])}到{percent}{number(match['last'])}"


_TAIL = rf"[^\s<>()、。（）《》“”{HAN}]*[^\s<>()、。（）《》“”.,!?{HAN}]"
_UNIT = "|".join(re.escape(unit) for unit in sorted(UNITS, key=len, reverse=True))

RULES: list[Rule] = [
    rule(r"\]\((?:https?://|/)[^)\s]*\)", lambda _: ""),
    rule(r"[\w.+\-]+@[A-Za-z\d\-]+(?:\.[A-Za-z\d\-]+)+", _address, re.ASCII),
    rule(rf"(?:https?://|www\.){_TAIL}", _address),
    rule(r"(?:[a-z\d\-]+\.)+(?:com|org|net|cn|io|dev|app|ai)(?![A-Za-z\d])", _address),
    rule(r"(?<!\d)(?P<y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})(?!\d)", _date),
    rule(r"(?<!\d)(?P<h>\d{1,2})[:：](?P<min>\d{2})(?:[:：](?P<s>\d{2}))?(?![\d:])", _time),
    rule(r"(?:\+\d{1,3}[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)|0\d{2,3}[- ]\d{7,8}(?!\d)", _telephone),
    rule(r"\d{4}(?=年)", lambda match: digits(match.group())),
    rule(rf"(?P<money>[¥￥$€£₩])\s?(?P<number>{_MINUS}{_NUMBER})(?P<scale>[千万亿]*)", _price),
    rule(rf"(?P<number>{_MINUS}{_NUMBER})(?P<scale>[千万亿]*)\s?(?P<money>[¥￥$€£₩]|CNY|RMB|USD|EUR|GBP|JPY)", _price),
    rule(
        rf"(?P<first>{_NUMBER})[%％]?\s?[~〜～\-–—]\s?(?P<last>{_NUMBER})(?P<percent>[%％]?)",
        _range,
    ),
    rule(rf"(?P<number>{_MINUS}{_NUMBER})\s?[%％]", lambda match: "百分之" + number(match["number"])),
    rule(
        rf"(?P<number>{_MINUS}{_NUMBER})\s?(?P<unit>{_UNIT})(?![A-Za-z])",
        lambda match: number(match["number"]) + UNITS[match["unit"]],
    ),
    rule(
        r"(?P<over>\d{1,3})/(?P<under>\d{1,3})(?![\d/])",
        lambda match: f"{cardinal(int(match['under']))}分之{cardinal(int(match['over']))}",
    ),
    rule(rf"{_MINUS}{_NUMBER}", _counted),
    rule(r"\#(?=\w)|[:;]-?[)(DP](?!\w)", lambda _: ""),
]


def scanner() -> Scanner:
    """Return the scanner of written Chinese."""
    importlib.import_module("cn2an")
    return Scanner(RULES, {}, _SIGNS, WORD, spaced=False)
