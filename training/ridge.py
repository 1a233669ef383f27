"""Fit the decoder's style on synthesised mixtures of the stock voices (way 1): the base that train.py starts from.

Features of each domain are standardised by that domain's own mean and spread: real rooms and microphones are then not taken for
a property of the model's voices.  Ridge from features to the decoder's style; the answer's distance from the mean voice is
multiplied by GAIN, because a ridge shrinks.

usage: PYTHONPATH=src:training python training/ridge.py PREPARED_DIR MIXTURES.npz MODELS_DIR RIDGE.onnx
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import onnx
import soxr
from features import sounds
from onnx import TensorProto, helper, numpy_helper

from voicechanger.tts.cloning import ge2e as voice_ge2e

GAIN, RIDGE, LIMIT = 1.25, 300.0, 4.0
VERSION = "ridge-1"


def of(speech: np.ndarray, network: voice_ge2e.SpeakerNetwork) -> np.ndarray | None:
    """[338] statistics; None when the checks of a reference refuse the speech."""
    found = sounds(speech, network)
    return found[0] if found else None


def real(prepared: Path, network: voice_ge2e.SpeakerNetwork) -> np.ndarray:
    """Features of the training clips, long ones in two halves."""
    rows = []
    for path in sorted(prepared.glob("*.npz")):
        x = soxr.resample(np.load(path)["speech"].astype(np.float32), 24_000, 16_000).astype(np.float32)
        parts = [x] if len(x) < 8 * 16_000 else [x[: len(x) // 2], x[len(x) // 2 :]]
        rows += [f for f in (of(p, network) for p in parts) if f is not None]
    return np.array(rows)


def fit(synthetic: np.ndarray, styles: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    centre = styles.mean(0)
    gram = synthetic.T @ synthetic + RIDGE * np.eye(synthetic.shape[1])
    return np.linalg.solve(gram, synthetic.T @ (styles - centre)), centre


def standard(x: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    mean, spread = x.mean(0), x.std(0) + 1e-3
    return (x - mean) / spread, mean, spread


def main(prepared: Path, mixtures: Path, models: Path, out: Path) -> None:
    network = voice_ge2e.SpeakerNetwork(models)
    with np.load(mixtures, allow_pickle=True) as made:  # our own file: speech of several lengths is kept as objects
        found = [of(y, network) for y in made["Y"]]
        known = [i for i, f in enumerate(found) if f is not None]
        styles, mixed, stock = made["S"][known][:, :128], made["W"][known], [str(n) for n in made["names"]]
    fake = np.array([found[i] for i in known])
    z = standard(fake)[0]
    order = np.random.default_rng(0).permutation(len(z))
    test = order[: len(z) // 5]
    weights, centre = fit(z[order[len(test) :]], styles[order[len(test) :]])
    left = np.square(z[test] @ weights + centre - styles[test]).sum()
    print("style explained on unseen mixtures:", 1 - left / np.square(styles[test] - centre).sum())
    weights, centre = fit(z, styles)
    _, mean, spread = standard(real(prepared, network))
    english = [i for i, n in enumerate(stock) if n[0] in "ab"]
    rows = [int(np.argmax(mixed[:, i])) for i in english]
    arrays = {
        "mean": mean, "spread": spread, "weights": GAIN * weights, "centre": centre,
        "embedding": np.eye(fake.shape[1], 256), "stock": fake[rows, :256].T,
    }  # fmt: skip
    constants = [numpy_helper.from_array(np.ascontiguousarray(v, np.float32), k) for k, v in arrays.items()]
    constants += [numpy_helper.from_array(np.array(s * LIMIT, np.float32), n) for s, n in ((-1, "low"), (1, "high"))]
    steps = [
        ("Sub", ["features", "mean"], "a"), ("Div", ["a", "spread"], "b"), ("Clip", ["b", "low", "high"], "z"),
        ("MatMul", ["z", "weights"], "c"), ("Add", ["c", "centre"], "decoder"),
        ("MatMul", ["features", "embedding"], "e"), ("MatMul", ["e", "stock"], "nearness"),
    ]  # fmt: skip
    graph = helper.make_graph(
        [helper.make_node(op, given, [made_]) for op, given, made_ in steps],
        "ridge",
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, ["n", fake.shape[1]])],
        [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", size])
            for name, size in (("decoder", 128), ("nearness", len(english)))
        ],
        constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    told = {"version": VERSION, "stock_names": ",".join(stock[i] for i in english), "licence": "Apache-2.0"}
    helper.set_model_props(model, told)
    onnx.checker.check_model(model)
    out.write_bytes(model.SerializeToString())


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:5]))
