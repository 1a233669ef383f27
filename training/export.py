"""Fit the one-pass encoder on synthesised mixtures (way 1) and write it as the package's `encoder.onnx`.

Features of each domain are standardised by that domain's own mean and spread: real rooms and microphones are then not taken for
a property of the model's voices.  Ridge from features to the decoder's style; the answer's distance from the mean voice is
multiplied by GAIN, because a ridge shrinks.

usage: python training/export.py FEATURES.npz OUT.onnx      (FEATURES.npz as training/features.py writes it)
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

GAIN, RIDGE, LIMIT = 1.25, 300.0, 4.0
VERSION = "ridge-1"


def fit(synthetic: np.ndarray, styles: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    centre = styles.mean(0)
    gram = synthetic.T @ synthetic + RIDGE * np.eye(synthetic.shape[1])
    return np.linalg.solve(gram, synthetic.T @ (styles - centre)), centre


def standard(x: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    mean, spread = x.mean(0), x.std(0) + 1e-3
    return (x - mean) / spread, mean, spread


def main(features: Path, out: Path) -> None:
    made = np.load(features)
    fake, styles, stock = made["G"], made["S"][:, :128], [str(n) for n in made["stock"]]
    z = standard(fake)[0]
    order = np.random.default_rng(0).permutation(len(z))
    test = order[: len(z) // 5]
    weights, centre = fit(z[order[len(test) :]], styles[order[len(test) :]])
    left = np.square(z[test] @ weights + centre - styles[test]).sum()
    print("style explained on unseen mixtures:", 1 - left / np.square(styles[test] - centre).sum())
    weights, centre = fit(z, styles)
    _, mean, spread = standard(made["F"])
    english = [i for i, n in enumerate(stock) if n[0] in "ab"]
    rows = [int(np.argmax(made["W"][:, i])) for i in english]
    arrays = {
        "mean": mean, "spread": spread, "weights": GAIN * weights, "centre": centre,
        "embedding": np.eye(fake.shape[1], 256), "stock": fake[rows, :256].T, "none": np.zeros((1, 58 * 128)),
    }  # fmt: skip
    constants = [numpy_helper.from_array(np.ascontiguousarray(v, np.float32), k) for k, v in arrays.items()]
    constants += [numpy_helper.from_array(np.array([1]), "axis")]
    constants += [numpy_helper.from_array(np.array(s * LIMIT, np.float32), n) for s, n in ((-1, "low"), (1, "high"))]
    steps = [
        ("Sub", ["features", "mean"], "a"), ("Div", ["a", "spread"], "b"), ("Clip", ["b", "low", "high"], "z"),
        ("MatMul", ["z", "weights"], "c"), ("Add", ["c", "centre"], "decoder"),
        ("MatMul", ["features", "embedding"], "e"), ("MatMul", ["e", "stock"], "nearness"),
        ("ReduceSum", ["features", "axis"], "s"), ("MatMul", ["s", "none"], "offsets"),
    ]  # fmt: skip
    outputs = (("decoder", 128), ("offsets", 58 * 128), ("nearness", len(english)))
    graph = helper.make_graph(
        [helper.make_node(op, given, [made_]) for op, given, made_ in steps],
        "encoder",
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, ["n", fake.shape[1]])],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", size]) for name, size in outputs],
        constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    told = {"version": VERSION, "stock_names": ",".join(stock[i] for i in english), "licence": "Apache-2.0"}
    helper.set_model_props(model, told)
    onnx.checker.check_model(model)
    out.write_bytes(model.SerializeToString())


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
