"""Japanese: written forms → kanji and kana that the dictionary reads."""

from __future__ import annotations

import re

from voicechanger.tts.text.normalise.numerals import parse
from voicechanger.tts.text.normalise.pieces import NUMBER_SIGNS, Scanner
from voicechanger.tts.text.normalise.rules import Rule, rule
from voicechanger.tts.text.normalise.shared import price

JAPANESE = "぀-ヿㇰ-ㇿ㐀-䶿一-鿿豈-﫿𠀀-𯨟々〇〆ヶーｦ-ﾟ"
WORD = re.compile(rf"[{JAPANESE}]+|[^\W\d_{NUMBER_SIGNS}{JAPANESE}]+(?:['’\-][^\W\d_{NUMBER_SIGNS}{JAPANESE}]+)*")

_DIGITS = "〇一二三四五六七八九"
_READ_DIGITS = {"0": "ゼロ", **{str(n): _DIGITS[n] for n in range(1, 10)}}
_NUMBER = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?!\d)"
_MINUS = r"(?:(?<![\w)])[-−](?=\d))?"

_MONEY = {
    "¥": "円",
    "￥": "円",
    "$": "ドル",
    "€": "ユーロ",
    "£": "ポンド",
    "₩": "ウォン",
    "JPY": "円",
    "USD": "ドル",
    "EUR": "ユーロ",
    "GBP": "ポンド",
}
UNITS = {
    "%": "パーセント",
    "％": "パーセント",
    "℃": "度",
    "°C": "度",
    "°": "度",
    "km/h": "キロメートル毎時",
    "m/s": "メートル毎秒",
    "km²": "平方キロメートル",
    "㎡": "平方メートル",
    "m²": "平方メートル",
    "km": "キロメートル",
    "cm": "センチメートル",
    "mm": "ミリメートル",
    "m": "メートル",
    "kg": "キログラム",
    "mg": "ミリグラム",
    "g": "グラム",
    "t": "トン",
    "ml": "ミリリットル",
    "L": "リットル",
    "l": "リットル",
    "kW": "キロワット",
    "W": "ワット",
    "V": "ボルト",
    "Hz": "ヘルツ",
    "MHz": "メガヘルツ",
    "GHz": "ギガヘルツ",
    "KB": "キロバイト",
    "MB": "メガバイト",
    "GB": "ギガバイト",
    "TB": "テラバイト",
    "h": "時間",
    "min": "分",
    "s": "秒",
}
_SIGNS = {
    "€": "ユーロ",
    "$": "ドル",
    "¥": "円",
    "£": "ポンド",
    "°": "度",
    "&": "アンド",
    "＆": "アンド",
    "+": "プラス",
    "＋": "プラス",
    "=": "イコール",
    "＝": "イコール",
    "×": "かける",
    "÷": "わる",
    "±": "プラスマイナス",
    "%": "パーセント",
    "@": "アット",
    "＠": "アット",
    "℃": "度",
    "½": "二分の一",
    "¼": "四分の一",
    "¾": "四分の三",
    "π": "パイ",
    "∞": "無限大",
    "〒": "郵便番号",
    "№": "ナンバー",
    "㈱": "株式会社",
}
_ADDRESS = {
    ".": "ドット",
    "/": "スラッシュ",
    "-": "ハイフン",
    "_": "アンダーバー",
    "@": "アット",
    ":": "コロン",
    "?": "ハテナ",
    "=": "イコール",
    "&": "アンド",
    "#": "シャープ",
    "~": "チルダ",
    "%": "パーセント",
    "+": "プラス",
}
_LETTERS = dict(
    zip(
        "abcdefghijklmnopqrstuvwxyz",
        [
            "エー",
            "ビー",
            "シー",
            "ディー",
            "イー",
            "エフ",
            "ジー",
            "エイチ",
            "アイ",
            "ジェー",
            "ケー",
            "エル",
            "エム",
            "エヌ",
            "オー",
            "ピー",
            "キュー",
            "アール",
            "エス",
            "ティー",
            "ユー",
            "ブイ",
            "ダブリュー",
            "エックス",
            "ワイ",
            "ゼット",
        ],
        strict=True,
    )
)


def cardinal(value: int) -> str:
    """Return a number in kanji as it is spoken: 二千二十四; 千 without its one, 一万 with it."""
    if value == 0:
        return "ゼロ"
    spoken = ""
    for size, name in ((10**16, "京"), (10**12, "兆"), (10**8, "億"), (10**4, "万"), (1, "")):
        if value >= size:
            spoken += _below_myriad(value // size) + name
            value %= size
    return spoken


def _below_myriad(value: int) -> str:
    spoken = ""
    for size, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = value // size
        if digit:
            spoken += ("" if digit == 1 and name else _DIGITS[digit]) + name
            value %= size
    return spoken


def digits(text: str) -> str:
    """Return the digits one by one, as in telephone numbers."""
    return "".join(_READ_DIGITS[str(int(digit))] for digit in text if digit.isdecimal())


def number(text: str) -> str:
    """Return a numeral in kanji."""
    if text[0] in "-−":
        return "マイナス" + number(text[1:])
    found = parse(text, ".")
    whole = found.whole
    spoken = digits(whole) if len(whole) > 20 or (whole[0] == "0" and len(whole) > 1) else cardinal(int(whole))
    return f"{spoken}点{digits(found.fraction)}" if found.fraction else spoken


_price = price(number, _MONEY)


def _date(match: re.Match[str]) -> str | None:
    month, day = int(match["m"]), int(match["d"])
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    return f"{cardinal(int(match['y']))}年{cardinal(month)}月{cardinal(day)}日"


def _time(match: re.Match[str]) -> str | None:
    hour, minute = int(match["h"]), int(match["min"])
    if hour > 24 or minute > 59:
        return None
    spoken = f"{cardinal(hour) if hour else '零'}時" + (f"{cardinal(minute)}分" if minute else "")
    return spoken + (f"{cardinal(int(match['s']))}秒" if match["s"] else "")


def _telephone(match: re.Match[str]) -> str:
    groups = re.findall(r"\d+", match.group())
    plus = "プラス" if match.group().startswith("+") else ""
    return plus + "の".join(digits(group) for group in groups)


def _address(match: re.Match[str]) -> str:
    text = re.sub(r"^https?://", "", match.group()).rstrip("/")
    parts = re.findall(r"[A-Za-z]+|\d+|.", text)
    return " ".join(_address_part(part) for part in parts)


def _address_part(part: str) -> str:
    if part.isdecimal():
        return number(part)
    spelled = len(part) < 3 or not set("aeiou") & set(part.lower())
    return _ADDRESS.get(part) or (_spelled(part) if part.isascii() and spelled else part)


def _spelled(text: str) -> str:
    return "".join(_LETTERS.get(letter, letter) for letter in text.lower())


def _range(match: re.Match[str]) -> str:
    return f"{number(match['first'])}から{number(match['last'])}"


_HUMPS = re.compile(r"(?<=[a-z])(?=[A-Z])")
_TAIL = rf"[^\s<>()「」『』、。（）{JAPANESE}]*[^\s<>()「」『』、。（）.,!?{JAPANESE}]"
_UNIT = "|".join(re.escape(unit) for unit in sorted(UNITS, key=len, reverse=True))

RULES: list[Rule] = [
    rule(r"\]\((?:https?://|/)[^)\s]*\)", lambda _: ""),
    rule(r"[\w.+\-]+@[A-Za-z\d\-]+(?:\.[A-Za-z\d\-]+)+", _address, re.ASCII),
    rule(rf"(?:https?://|www\.){_TAIL}", _address),
    rule(r"(?:[a-z\d\-]+\.)+(?:com|org|net|jp|io|dev|app|ai)(?![A-Za-z\d])", _address),
    rule(r"(?<!\d)(?P<y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})(?!\d)", _date),
    rule(r"(?<!\d)(?P<h>\d{1,2}):(?P<min>\d{2})(?::(?P<s>\d{2}))?(?![\d:])", _time),
    rule(r"(?:\+\d{1,3}[- ]?)?\(?0?\d{1,4}\)?[- ]\d{2,4}[- ]\d{3,4}(?!\d)", _telephone),
    rule(rf"(?P<money>[¥￥$€£₩])\s?(?P<number>{_MINUS}{_NUMBER})(?P<scale>[千万億兆]*)", _price),
    rule(rf"(?P<number>{_MINUS}{_NUMBER})(?P<scale>[千万億兆]*)\s?(?P<money>[¥￥$€£₩]|JPY|USD|EUR|GBP)", _price),
    rule(
        rf"(?P<number>{_MINUS}{_NUMBER})\s?(?P<unit>{_UNIT})(?![A-Za-z])",
        lambda match: number(match["number"]) + UNITS[match["unit"]],
    ),
    rule(
        r"(?P<over>\d{1,3})/(?P<under>\d{1,3})(?![\d/])",
        lambda match: f"{cardinal(int(match['under']))}分の{cardinal(int(match['over']))}",
    ),
    rule(rf"(?P<first>{_NUMBER})\s?[~〜～\-–]\s?(?P<last>{_NUMBER})", _range),
    rule(rf"{_MINUS}{_NUMBER}", lambda match: number(match.group())),
    rule(r"[A-Z]?[a-z]+[A-Z][A-Za-z]*", lambda match: _HUMPS.sub(" ", match.group())),
    rule(r"\#(?=\w)|[:;]-?[)(DP](?!\w)", lambda _: ""),
]


def scanner() -> Scanner:
    """Return the scanner of written Japanese."""
    return Scanner(RULES, {}, _SIGNS, WORD, spaced=False)
