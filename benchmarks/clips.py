"""How many recordings of a folder the reference checks refuse, and how the measured figures spread.

    python benchmarks/clips.py FOLDER --every 4

For choosing thresholds: good recordings should nearly all pass.  Prints Markdown tables, writes JSON.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import Counter
from dataclasses import asdict
from pathlib import Path

import numpy as np

from voicechanger.tts.audio.clip_check import check
from voicechanger.tts.audio.clip_report import ClipReport
from voicechanger.tts.errors import ClipError

ROOT = Path(__file__).resolve().parents[1]
FIGURES = ("seconds", "speech_seconds", "speech_share", "snr_db", "clipped_share", "peak_db", "loudness_lufs")
QUANTILES = (0.0, 0.01, 0.05, 0.5, 0.95, 0.99, 1.0)


def main() -> None:
    """Print the tables and keep them as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--every", type=int, default=1, help="take only every n-th file")
    parser.add_argument("--min-seconds", type=float, default=3.0)
    given = parser.parse_args()
    files = sorted(given.folder.glob("*.flac"))[:: given.every]
    reports: list[ClipReport] = []
    refused: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as scratch:
        for file in files:
            try:
                with file.open("rb") as source, (Path(scratch) / "out.flac").open("wb") as out:
                    reports.append(check([source], out, given.min_seconds, 60.0))
            except ClipError as error:
                refused[error.code] += 1
    warned = Counter(code for report in reports for code in report.warnings)
    told = " · ".join(f"{code} {count}" for code, count in refused.most_common())
    print(f"{len(files)} files, {sum(refused.values())} refused ({told or 'none'}); warnings {dict(warned)}\n")
    print("| quantile | " + " | ".join(FIGURES) + " |\n|" + " --- |" * (len(FIGURES) + 1))
    table = np.array([[asdict(report)[figure] for figure in FIGURES] for report in reports])
    for quantile in QUANTILES:
        print(f"| {quantile:g} | " + " | ".join(f"{v:.4g}" for v in np.quantile(table, quantile, axis=0)) + " |")
    out = ROOT / "benchmarks/results/clips.json"
    out.parent.mkdir(exist_ok=True)
    out.write_text(json.dumps([asdict(report) for report in reports], indent=2) + "\n")


if __name__ == "__main__":
    main()
