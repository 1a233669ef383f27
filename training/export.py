"""Write the trained encoder as the package's `encoder.onnx`.

    features ─▶ position on the speaker axes ─▶ offsets of the 58 layers
             └▶ style of the decoder, nearness to the English stock voices

COMMON is the share of the folders' own offset that is kept: chosen on the validation speakers.  Of several
checkpoints (runs from one beginning with other seeds) the mean is written: the map is linear, and their noise is not the same.

usage: PYTHONPATH=src:training python training/export.py RIDGE.onnx OUT.onnx CHECKPOINT.pt [CHECKPOINT.pt ...]
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

COMMON = float(os.environ.get("COMMON", "0.5"))
LIMIT, AXES_LIMIT = 4.0, 6.0
VERSION = "offsets-2"


def mean_of(checkpoints: list[Path]) -> dict[str, np.ndarray]:
    """The encoders' running means, averaged; the axes must be the same ones."""
    averages = [torch.load(path, map_location="cpu")["average"] for path in checkpoints]
    if any(not torch.equal(one["axes"], averages[0]["axes"]) for one in averages):
        raise SystemExit("the checkpoints look along other axes: they cannot be averaged")
    return {k: torch.stack([one[k] for one in averages]).mean(0).numpy() for k in averages[0]}


def main(ridge: Path, out: Path, *checkpoints: Path) -> None:
    base = onnx.load(ridge)
    told = {p.key: p.value for p in base.metadata_props}
    old = {i.name: numpy_helper.to_array(i) for i in base.graph.initializer}
    learned = mean_of(list(checkpoints))
    axes = learned["axes"]
    arrays = {k: old[k] for k in ("mean", "spread", "weights", "centre", "stock")} | {
        "axes": axes / learned["std"][:, None],
        "origin": (learned["mean"] / learned["std"]) @ axes,
        "layers": learned["layers"],
        "common": COMMON * learned["folders"].mean(0).reshape(1, -1),
    }
    constants = [numpy_helper.from_array(np.ascontiguousarray(v, np.float32), k) for k, v in arrays.items()]
    for name, limit in (("", LIMIT), ("axes_", AXES_LIMIT)):
        constants += [
            numpy_helper.from_array(np.array(s * limit, np.float32), name + n) for s, n in ((-1, "low"), (1, "high"))
        ]
    places = {"start": 0, "along": 1, "known": len(old["mean"]), "embedding": len(old["stock"])}
    constants += [numpy_helper.from_array(np.array([place], np.int64), name) for name, place in places.items()]
    steps = [
        ("Slice", ["features", "start", "known", "along"], "f"), ("Slice", ["f", "start", "embedding", "along"], "e"),
        ("Sub", ["f", "mean"], "a"), ("Div", ["a", "spread"], "b"), ("Clip", ["b", "low", "high"], "z"),
        ("MatMul", ["z", "weights"], "c"), ("Add", ["c", "centre"], "decoder"),
        ("MatMul", ["e", "stock"], "nearness"),
        ("MatMul", ["features", "axes"], "p"), ("Sub", ["p", "origin"], "position"),
        ("Clip", ["position", "axes_low", "axes_high"], "q"),
        ("MatMul", ["q", "layers"], "own"), ("Add", ["own", "common"], "offsets"),
    ]  # fmt: skip
    size = len(axes)
    outputs = (("decoder", 128), ("offsets", 58 * 128), ("nearness", old["stock"].shape[1]))
    graph = helper.make_graph(
        [helper.make_node(op, given, [made]) for op, given, made in steps],
        "encoder",
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, ["n", size])],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", count]) for name, count in outputs],
        constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    helper.set_model_props(
        model,
        told | {"version": VERSION},
    )
    onnx.checker.check_model(model)
    out.write_bytes(model.SerializeToString())
    print(f"{out}: {out.stat().st_size / 1e6:.1f} MB, {VERSION}")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
