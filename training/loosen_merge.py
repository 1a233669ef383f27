"""Put the shared change into the product's decoder, and write the encoder that goes with it.

    int8 weight ─▶ float + STRENGTH · change ─▶ int8 weight with a scale of its own, in the same place of the graph

usage: PYTHONPATH=src:training python training/loosen_merge.py MODELS_DIR DECODER.npz OUT_MODELS_DIR [STRENGTH]
OUT_MODELS_DIR becomes a model folder like MODELS_DIR (links) whose decoder is the loosened one.  The encoder needs no merging:
`Loosened` reads ENCODER.npz beside the product's encoder.onnx, without torch.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import numpy_helper

from voicechanger.inference.kokoro.fitting.weights import _PREFIX, _place, _Reader, _spread

LAYERS, STATISTICS, HEARD, EMBEDDING = 58, 338, 658, 192


class Writer(_Reader):
    """Reads the graph's weights, and writes changed ones where they were."""

    def __init__(self, graph: Any, changes: dict[str, np.ndarray], strength: float) -> None:
        super().__init__(graph)
        self._changes, self._strength = changes, strength
        self._stored = {i.name: i for i in graph.initializer}
        self.written: list[str] = []

    def change(self, name: str, shape: tuple[int, ...]) -> np.ndarray | None:
        """STRENGTH times the change of a weight, e.g. `generator/ups.0.weight`; None when it has none."""
        key, known = name.replace(".", "·"), self._changes
        if f"{key}~d" in known:
            found = known[f"{key}~d"].astype(np.float32)
        elif f"{key}~a" in known:
            found = known[f"{key}~b"].astype(np.float32) @ known[f"{key}~a"].astype(np.float32)
        else:
            return None
        self.written.append(key)
        return self._strength * found.reshape(shape)

    def write(self) -> None:
        for node in self._graph.node:
            place = node.name.removeprefix(_PREFIX).rpartition("/")[0].replace("asr_res/", "")
            if node.op_type in ("ConvInteger", "MatMulInteger"):
                self._quantised(node, f"{place}.weight")
            elif (
                node.op_type in ("Conv", "ConvTranspose") and node.input[1] in self._arrays and "istft" not in node.name
            ):
                self._plain(node.input[1], f"{place}.weight")
        for name in list(self._stored):
            if name.startswith("decoder.decoder.") and (name.endswith(".bias") or ".alpha" in name):
                self._plain(name, _place(name))

    def _plain(self, stored: str, name: str) -> None:
        old = self._arrays[stored]
        change = self.change(name, old.shape)
        if change is not None:
            self._store(stored, (old + change).astype(old.dtype))

    def _quantised(self, node: Any, name: str) -> None:
        old = self._dequantised(node)
        change = self.change(name, old.shape)
        if change is None:
            return
        new = old + change
        if node.op_type == "MatMulInteger":
            new = new.T
        kind, scale_name = self._arrays[node.input[1]].dtype, self._scale_name(node)
        shape = (-1, 1, 1) if node.op_type == "ConvInteger" else (1, -1)
        apart = self._arrays[scale_name].size > 1
        axes = tuple(i for i in range(new.ndim) if not apart or i != (0 if node.op_type == "ConvInteger" else 1))
        low, high = np.minimum(new.min(axes), 0), np.maximum(new.max(axes), 0)
        least, most = np.iinfo(kind).min, np.iinfo(kind).max
        if least == 0:
            scale = np.maximum((high - low) / (most - least), 1e-9)
            zero = np.clip(np.round(least - low / scale), least, most)
        else:
            scale, zero = np.maximum(np.maximum(high, -low) / most, 1e-9), np.zeros_like(high)
        steps = np.round(new / _spread(np.asarray(scale, np.float32), shape)) + _spread(
            np.asarray(zero, np.float32), shape
        )
        self._store(node.input[1], np.clip(steps, least, most).astype(kind))
        self._store(scale_name, np.asarray(scale, np.float32).reshape(self._arrays[scale_name].shape))
        # zero points are shared among layers that had the same one by chance
        own = numpy_helper.from_array(
            np.asarray(zero).astype(kind).reshape(self._arrays[node.input[3]].shape), f"{node.name}.zero"
        )
        self._graph.initializer.append(own)
        node.input[3] = own.name

    def _scale_name(self, node: Any) -> str:
        after = self._users[node.output[0]][0]
        while after.op_type != "Mul":
            after = self._users[after.output[0]][0]
        for name in after.input:
            product = self._maker.get(name)
            for factor in product.input if product is not None and product.op_type == "Mul" else ():
                if factor in self._arrays:
                    return factor
        raise ValueError(f"no scale for {node.name}")

    def _store(self, name: str, values: np.ndarray) -> None:
        self._stored[name].CopyFrom(numpy_helper.from_array(np.ascontiguousarray(values), name))


class Loosened:
    """Features [658] and CAM++'s embedding [192] to the style of each layer [58, 128]: `LooseEncoder` without torch."""

    def __init__(self, first: Path, trained: Path, folders: float = 0.0) -> None:
        self.base = {i.name: numpy_helper.to_array(i).astype(np.float32) for i in onnx.load(first).graph.initializer}
        self.new = {k: v.astype(np.float32) for k, v in np.load(trained).items()}
        self.new["layers"] *= self.new["layers.scale"]
        self.common = self.base["common"].reshape(LAYERS, 128) + folders * self.new["folders"].mean(0)

    def styles(self, features: np.ndarray, embedding: np.ndarray, share: float = 1.0) -> np.ndarray:
        """`share` of the way from the old encoder's styles to the new one's."""
        b, n = self.base, self.new
        z = np.clip((features[:STATISTICS] - b["mean"]) / b["spread"], -4, 4)
        old = np.clip(features @ b["axes"] - b["origin"].ravel(), -6, 6)
        scaled = embedding / np.linalg.norm(embedding) * EMBEDDING**0.5
        both = np.concatenate([old, np.clip(((scaled - n["cam_mean"]) / n["cam_spread"]) @ n["cam_axes"], -4, 4)])
        hidden = n["hidden.weight"] @ both + n["hidden.bias"]
        h = np.concatenate([both, _gelu(hidden)])
        offsets = share * (h @ n["layers"]) + (1 - share) * (old @ b["layers"])
        return (b["centre"] + z @ b["weights"] + self.common + offsets.reshape(LAYERS, 128)).astype(np.float32)


def _gelu(x: np.ndarray) -> np.ndarray:
    from scipy.special import erf

    return 0.5 * x * (1 + erf(x / 2**0.5))


def main(models: Path, decoder: Path, out: Path, strength: float = 1.0) -> None:
    out.mkdir(parents=True, exist_ok=True)
    model = onnx.load(models / "decoder.onnx")
    changes = dict(np.load(decoder))
    writer = Writer(model.graph, changes, strength)
    writer.write()
    left = {k.split("~")[0] for k in changes} - set(writer.written)
    used = {name for node in model.graph.node for name in node.input}
    for one in [i for i in model.graph.initializer if i.name not in used]:
        model.graph.initializer.remove(one)
    print(len(set(writer.written)), "weights changed; not found:", sorted(left))
    for path in models.iterdir():
        if path.name != "decoder.onnx" and not (out / path.name).exists() and not path.name.startswith("gradient"):
            (out / path.name).symlink_to(path.resolve())
    onnx.save(model, out / "decoder.onnx")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]), *map(float, sys.argv[4:5]))
