"""Cost of the text front on adversarial texts: processor seconds and peak memory, and how both grow with the length.

    python benchmarks/text_cost.py
    python benchmarks/text_cost.py --language fr --case unspaced-exponents --sizes 5000 10000 20000

Each text goes through `write_script` in a forked child with a limit on memory and processor time, so that one bad row
costs neither the others nor the machine. Seconds and memory include eSpeak NG's process. Memory is what is added to
the loaded language, in MB. Growth is seconds at the largest size over seconds at the smallest: linear cost gives at
most the ratio of the sizes. Prints a Markdown table of the costliest rows and ends with 1 when a row is over a limit.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from voicechanger.tts.errors import TextError  # noqa: E402
from voicechanger.tts.text import languages  # noqa: E402
from voicechanger.tts.text.g2p.espeak import shared  # noqa: E402
from voicechanger.tts.text.script_writer import write_script  # noqa: E402

SIZES = (5_000, 10_000, 20_000)
MOST_SECONDS = 6.0
"""Processor seconds that a text of the largest size may take."""
MOST_MEGABYTES = 300.0
KILL_SECONDS = 30
"""Processor seconds after which a child is ended."""
KILL_BYTES = 1 << 30
"""Address space that a child may add."""

REPEATED = {
    "unspaced-exponents": "1e9",
    "unspaced-digits": "7",
    "unspaced-decimals": "1.",
    "unspaced-groups": "1,",
    "unspaced-thousands": "1.234.",
    "unspaced-prices": "$5.20",
    "unspaced-times": "7:30",
    "unspaced-dates": "1/2/2024",
    "unspaced-ordinals": "1st",
    "unspaced-letters": "x",
    "unspaced-syllables": "banalo",
    "unspaced-capitals": "QXZ",
    "unspaced-humps": "aBcD",
    "unspaced-mixture": "a1",
    "unspaced-accents": "é",
    "unspaced-roman": "XIV",
    "unspaced-dots": "a.",
    "unspaced-hyphens": "a-",
    "unspaced-apostrophes": "l'",
    "unspaced-slashes": "a/",
    "unspaced-underscores": "a_",
    "unspaced-signs": "$%&@#+=",
    "unspaced-percents": "%",
    "unspaced-plus": "+",
    "unspaced-number-signs": "½²①",
    "unspaced-greek": "πβ",
    "unspaced-addresses": "a@b.co",
    "unspaced-ats": "a@",
    "unspaced-links": "http://a.b/c?d=e&",
    "unspaced-abbreviations": "etc.",
    "unspaced-titles": "Dr.",
    "spaced-digits": "12 ",
    "spaced-digit": "1 ",
    "spaced-thousands": "1 234 ",
    "spaced-ranges": "1 - ",
    "spaced-telephones": "555 123 4567 ",
    "spaced-roman": "Louis XIV ",
    "spaced-titles": "Dr. ",
    "spaced-abbreviations": "e.g. ",
    "spaced-capitals": "NASA ",
    "spaced-letters": "a b ",
    "spaced-units": "5 km ",
    "endless-sentence": "the cat sat on the mat and ",
    "endless-clauses": "a, ",
    "endless-quotes": '"a" ',
    "endless-parentheses": "(a) ",
    "sentences": "Hi. ",
    "lines": "a\n",
    "wrapped-lines": "word " * 13 + "\n",
    "emoji": "😀👩‍🚀 ",
    "emoji-words": "a😀",
    "marks-combining": "e\u0301\u0302\u0323\u0304",
    "marks-spaced": "a \u0301",
    "marks-quotes": "“\"'«»a",
    "marks-dots": "...a",
    "marks-dashes": "—a",
    "marks-minus": "-",
    "marks-brackets": "[(a",
    "marks-question": "?!a",
    "markdown-links": "[a](b) ",
    "markdown-open-links": "[a](",
    "markdown-references": "[a][b]",
    "markdown-open-brackets": "[a",
    "markdown-images": "![",
    "markdown-stars": "*a ",
    "markdown-bold": "**a",
    "markdown-underscores": "_a ",
    "markdown-ticks": "`a",
    "markdown-tildes": "~~a",
    "markdown-table": "|a|b|\n|-|-|\n",
    "markdown-table-rule": "-|",
    "markdown-headings": "# a\n",
    "markdown-spaces": " \t",
    "markdown-quotes": "> ",
    "markup-sentences": "<s>a</s>",
    "markup-less": "<a",
    "markup-comments": "<!--a",
    "markup-attributes": "<p a=",
    "markup-pauses": "[pause:1s] a ",
    "markup-phonemes": "[a](/a/) ",
    "markup-entities": "&amp;a",
    "markup-rates": "<prosody rate='1'>a</prosody> ",
    "script-mixture": "a你あ",
    "script-han": "银行",
    "script-kana": "あっー",
    "script-katakana": "ヴァッ",
    "script-devanagari": "नमस्ते",
    "script-fullwidth": "Ａ１",
}
"""Case → what is repeated up to the size."""

AROUND = {
    "leading-spaces": (" ", "a"),
    "markdown-fence-spaces": (" ", "```"),
    "table-rule-end": ("-|", "x"),
    "heading-spaces": ("# a" + " " * 3, "b"),
    "nested-rates": ("<prosody rate='1'>", "a"),
    "closing-marks": (")", "a"),
    "dots-then-word": (".", "a"),
    "digits-then-unit": ("1", " km"),
}
"""Case → what is repeated, and how the text ends."""


@dataclass
class Row:
    """Cost of one case in one language, by size."""

    language: str
    case: str
    seconds: list[float]
    megabytes: list[float]
    result: str = ""

    @property
    def growth(self) -> float:
        """Seconds at the largest size over those at the smallest; below 0.3 s fixed costs decide, not the text."""
        return self.seconds[-1] / max(self.seconds[0], 0.3)

    def over(self, sizes: list[int]) -> bool:
        """Whether it is killed, too slow, too large, or grows faster than the text."""
        slow = self.seconds[-1] > MOST_SECONDS or self.growth > 1.5 * sizes[-1] / sizes[0]
        return self.result.startswith("killed") or slow or self.megabytes[-1] > MOST_MEGABYTES


def main() -> None:
    """Measure what the command line asks for."""
    tags = [language.tag for language in languages.supported()]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--language", nargs="+", default=[*tags, "auto"], choices=[*tags, "auto"])
    parser.add_argument("--case", nargs="+", default=[*REPEATED, *AROUND], choices=[*REPEATED, *AROUND])
    parser.add_argument("--sizes", nargs="+", type=int, default=list(SIZES))
    parser.add_argument("--rows", type=int, default=30, help="costliest rows to print")
    parser.add_argument("--json", type=Path, help="also write every row here")
    asked = parser.parse_args()
    rows = list(measured(asked.language, asked.case, asked.sizes))
    if asked.json:
        asked.json.write_text(json.dumps([asdict(row) for row in rows], indent=1))
    print(table(rows, asked.sizes, asked.rows))
    sys.exit(any(row.over(asked.sizes) for row in rows))


def measured(tags: list[str], cases: list[str], sizes: list[int]) -> Iterator[Row]:
    """A row for each language and case."""
    for tag in tags:
        for warm in {"en-us", tag} if tag != "auto" else ("en-us", "ja", "zh", "fr"):
            languages.load(warm)  # English, too: it reads the Latin words of others
        for case in cases:
            row = Row(tag, case, [], [])
            for size in sizes:
                seconds, megabytes, row.result = cost(text_of(case, size), tag)
                row.seconds.append(round(seconds, 3))
                row.megabytes.append(round(megabytes, 1))
            if row.over(sizes):
                print(f"{tag} {case}: {row.seconds} s, {row.megabytes} MB, {row.result}", file=sys.stderr, flush=True)
            yield row


def text_of(case: str, size: int) -> str:
    """The case's text of exactly so many characters."""
    unit, end = AROUND.get(case) or (REPEATED[case], "")
    return (unit * (size // len(unit) + 1))[: size - len(end)] + end


def cost(text: str, tag: str) -> tuple[float, float, str]:
    """Processor seconds, added MB and the result ("spoken", an error code, "killed") of one text, in a child."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _write_and_report(text, tag, writing)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        said = pipe.read()
    _, _, usage = os.wait4(child, 0)
    seconds = usage.ru_utime + usage.ru_stime
    if not said:
        return seconds, 0.0, "killed"
    megabytes, result = said.split(" ", 1)
    return seconds, float(megabytes), result


def _write_and_report(text: str, tag: str, pipe: int) -> None:
    """Speak under the limits, write "MB result" to the pipe and end the process."""
    before = _resident()
    resource.setrlimit(resource.RLIMIT_CPU, (KILL_SECONDS, KILL_SECONDS))
    most = _address_space() + KILL_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    result = "spoken"
    try:
        write_script(text, tag)
    except TextError as error:
        result = error.code
    except MemoryError:
        result = "killed"
    except BaseException as error:  # noqa: BLE001 (a row of the table, whatever it is)
        result = f"killed {type(error).__name__}"
    added = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before + _peak_of(shared().pid)
    shared().close()
    os.write(pipe, f"{added / 1024:.1f} {result}".encode())
    os._exit(0)


def _resident() -> int:
    """Kilobytes in memory now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() // 1024


def _peak_of(child: int | None) -> int:
    """Most kilobytes that eSpeak NG's process had in memory."""
    status = Path(f"/proc/{child}/status")
    lines = status.read_text().splitlines() if child and status.exists() else []
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM")), 0)


def _address_space() -> int:
    return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()


def table(rows: list[Row], sizes: list[int], most: int) -> str:
    """The costliest rows in Markdown, those over a limit first."""
    heads = [f"{size:,} ch" for size in sizes]
    lines = [
        f"| language | case | {' | '.join(f's at {head}' for head in heads)} | growth | MB at {heads[-1]} | result |",
        "| --- | --- |" + " --- |" * (len(sizes) + 3),
    ]
    for row in sorted(rows, key=lambda row: (row.over(sizes), max(row.seconds)), reverse=True)[:most]:
        seconds = " | ".join(f"{each:.2f}" for each in row.seconds)
        lines.append(
            f"| {row.language} | {row.case} | {seconds} | {row.growth:.1f} | {row.megabytes[-1]:.0f} | {row.result} |"
        )
    over = sum(row.over(sizes) for row in rows)
    worst = f"{max(max(row.seconds) for row in rows):.2f} s, {max(max(row.megabytes) for row in rows):.0f} MB"
    return "\n".join([*lines, "", f"{len(rows)} rows, {over} over a limit; at most {worst}."])


if __name__ == "__main__":
    main()
