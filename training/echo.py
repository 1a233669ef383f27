"""Measure how far the model's own speech stands, on the encoder's axes, from recordings of the same voices; write it into the encoder.

Recordings carry rooms, microphones and band limits that the model's speech lacks.  Refinement compares both, so their mean
difference over the training speakers that were kept back is taken out (`echo` in the metadata of encoder.onnx).

usage: PYTHONPATH=src:training python training/echo.py SPEAKERS_DIR MODELS_DIR ENCODER.onnx
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import onnx
import soundfile as sf
from split import kept_back

from voicechanger.inference.engine import SAMPLE_RATE
from voicechanger.inference.kokoro import voice_encoder
from voicechanger.inference.kokoro.engine import KokoroEngine
from voicechanger.inference.kokoro.voice_reference import loud_parts


def main(speakers: Path, models: Path, path: Path) -> None:
    voice_encoder.weights = path.read_bytes
    engine = KokoroEngine.load(models, 1)
    encoder, rows = engine.voice_encoder, []
    for name in kept_back():
        clip, rate = sf.read(sorted(speakers.glob(f"{name}-*.flac"))[0], dtype="float32")
        heard = encoder.hear(clip, rate)
        speech = loud_parts(engine.refinement_speech(encoder.voice(heard)), SAMPLE_RATE)
        rows.append((heard.position, encoder.hear_speech(speech).position))
    wanted, spoken = np.array(rows).swapaxes(0, 1)
    echo = spoken.mean(0) - wanted.mean(0)
    centred = [a - a.mean(0) for a in (wanted, spoken)]
    slope = (centred[0] * centred[1]).sum() / (centred[0] ** 2).sum()
    print(f"{len(rows)} speakers: echo of length {np.linalg.norm(echo):.2f}, {slope:.2f} of a difference comes back")
    model = onnx.load(path)
    told = {p.key: p.value for p in model.metadata_props} | {"echo": json.dumps([round(float(v), 4) for v in echo])}
    onnx.helper.set_model_props(model, told)
    path.write_bytes(model.SerializeToString())


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]))
