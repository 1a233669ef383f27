"""What a worker loads before its first job: nothing that only refinement and setup need."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from voicechanger.tts.kokoro.engine import KokoroEngine

LATER = ("onnx", "scipy.signal", "scipy.stats", "faster_whisper", "voicechanger.tts.cloning.autodiff.tape")


def test_the_engine_imports_only_what_speaking_and_encoding_need() -> None:
    code = "import sys, voicechanger.tts.kokoro.engine, voicechanger.tts.cloning.encoder; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(LATER) & set(done.stdout.split()) == set()


def test_warming_loads_the_encoder_and_runs_the_cuts(models: Path) -> None:
    engine = KokoroEngine.load(models)
    engine.warm()
    assert engine._encoder is not None
