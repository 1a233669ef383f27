"""How fast the engine speaks, beside kokoro-onnx on the same weights, phonemes and voice in the same run.

    python benchmarks/speed.py [--runs 5]      needs `make setup` and the test group

Each engine and number of threads is measured in a process of its own, one after the other, turn by turn, so that a
busy minute of the machine falls on all of them.  Processor seconds are told beside wall-clock seconds: on a machine
that does other work too, they are what can be compared.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results" / "speed.json"
VOICE = "af_heart"
RATE = 24_000
PHONEMES = (
    "ðə kwˈɪk bɹˈWn fˈɑks ʤˈʌmps ˌOvəɹ ðə lˈAzi dˈɔɡ.",
    "hˌi ˈæskt fɔɹ sˈɪks bˈɑksᵻz, ænd ðˌA wɜɹ kwˈIt əlˈɑɹmd bI ðə stɹˈAnʤ nˈYz.",
    "jˈɛs!",
    "wˌʌt dˈu ju θˈɪŋk ðA wɪl sˈA, wˌɛn ðA hˈɪɹ əbˌWt ɪt?",
)
CASES = [("voicechanger", 1), ("kokoro-onnx", 1), ("voicechanger", 2), ("kokoro-onnx", 2)]


def ours(models: Path, threads: int) -> Callable[[], tuple[float, float]]:
    from voicechanger.tts.engine import SpeedTarget
    from voicechanger.tts.kokoro.engine import KokoroEngine
    from voicechanger.tts.utterances import Script, Utterance

    engine = KokoroEngine.load(models, threads)
    engine.warm()
    voice = engine.stock_voice(VOICE)
    script = Script(tuple(Utterance(p, "en-us", p, (), i, 0.25) for i, p in enumerate(PHONEMES)))

    def speak() -> tuple[float, float]:
        began, first, seconds = time.perf_counter(), 0.0, 0.0
        for chunk in engine.speak(engine.plan(script, voice, SpeedTarget())):
            first = first or time.perf_counter() - began
            seconds += chunk.samples.size / RATE
        return first, seconds

    return speak


def theirs(models: Path, threads: int) -> Callable[[], tuple[float, float]]:
    import onnxruntime as ort
    from kokoro_onnx import Kokoro

    from voicechanger.tts.kokoro import assets

    whole = models / ".whole-for-benchmark.onnx"
    if not whole.exists():
        whole.write_bytes(assets.model_bytes())
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    session = ort.InferenceSession(str(whole), options, providers=["CPUExecutionProvider"])
    with np.load(models / assets.VOICES) as packs:
        voice = packs[VOICE].reshape(510, 1, 256)
    kokoro = Kokoro.from_session(session, str(models / assets.VOICES))
    kokoro.create(PHONEMES[2], voice, is_phonemes=True)

    def speak() -> tuple[float, float]:
        began, first, seconds = time.perf_counter(), 0.0, 0.0
        for phonemes in PHONEMES:
            samples, _ = kokoro.create(phonemes, voice, is_phonemes=True)
            first = first or time.perf_counter() - began
            seconds += samples.size / RATE
        return first, seconds

    return speak


def child(name: str, threads: int, models: Path, out: Path) -> None:
    speak = (ours if name == "voicechanger" else theirs)(models, threads)
    began, processor = time.perf_counter(), time.process_time()
    first, seconds = speak()
    out.write_text(
        json.dumps(
            {
                "engine": name,
                "threads": threads,
                "speech": seconds,
                "real_time_factor": (time.perf_counter() - began) / seconds,
                "processor_factor": (time.process_time() - processor) / seconds,
                "first_audio": first,
                "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            }
        )
    )


def measure(name: str, threads: int, models: Path) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "one.json"
        command = [sys.executable, __file__, "--child", name, str(threads), str(models), str(out)]
        subprocess.run(command, check=True, env={**os.environ, "PYTHONPATH": str(ROOT / "src")})
        return json.loads(out.read_text())


def machine() -> str:
    model = next((x for x in Path("/proc/cpuinfo").read_text().splitlines() if x.startswith("model name")), "")
    load = os.getloadavg()[0]
    return f"{model.partition(': ')[2] or platform.processor()}, {os.cpu_count()} cores, load {load:.1f} at the start"


def spread(values: list[float], digits: int = 2) -> str:
    return f"{median(values):.{digits}f} ({min(values):.{digits}f}–{max(values):.{digits}f})"


def table(rows: list[dict[str, Any]]) -> str:
    lines = [
        "| engine | threads | real-time factor | processor seconds per second | first audio, s | peak memory, MiB |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for name, threads in CASES:
        mine = [r for r in rows if (r["engine"], r["threads"]) == (name, threads)]
        keys = ("real_time_factor", "processor_factor", "first_audio")
        cells = [spread([r[k] for r in mine]) for k in keys]
        cells.append(spread([r["peak_mib"] for r in mine], 0))
        lines.append(f"| {name} | {threads} | {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> None:
    from voicechanger.tts.kokoro import assets

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--models", type=Path, default=assets.default_folder())
    parser.add_argument("--child", nargs=4, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        name, threads, models, out = given.child
        child(name, int(threads), Path(models), Path(out))
        return
    assets.prepare(given.models)
    where = machine()
    rows = [measure(*case, given.models) for _ in range(given.runs) for case in CASES]
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps({"machine": where, "runs": given.runs, "rows": rows}, indent=1))
    print(f"{where}; medians of {given.runs} runs (least–most), {rows[0]['speech']:.1f} s of speech each\n")
    print(table(rows))


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT / "src"))
    main()
