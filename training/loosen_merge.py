"""Add the shared change of the loosened decoder to the product's, and compute the styles of its encoder without torch.

    int8 weight ─▶ float + STRENGTH · change ─▶ int8 weight with its own scale, in the same place of the graph

usage: PYTHONPATH=src:training python training/loosen_merge.py MODELS_DIR DECODER.npz OUT_MODELS_DIR [STRENGTH]
OUT_MODELS_DIR becomes a model folder like MODELS_DIR (links) with the loosened decoder.  DECODER.npz may be stored in parts:
DECODER-1.npz, DECODER-2.npz, ….  The encoder needs no merging: `Loosened` reads ENCODER.npz and the product's encoder.onnx.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import numpy_helper

from voicechanger.tts.cloning.autodiff.weights import WeightReader, along_outputs, is_quantised
from voicechanger.tts.cloning.encoder import STATISTICS

LAYERS, EMBEDDING = 58, 192


def read_changes(path: Path) -> dict[str, np.ndarray]:
    """Return the arrays of an .npz file, or of its parts `<name>-<number>.npz` where there is no such file."""
    parts = [path] if path.exists() else sorted(path.parent.glob(f"{path.stem}-[0-9].npz"))
    if not parts:
        raise FileNotFoundError(path)
    return {name: values for part in parts for name, values in np.load(part).items()}


class Writer(WeightReader):
    """Reads the graph's weights, and writes changed ones where they were."""

    def __init__(self, graph: Any, changes: dict[str, np.ndarray], strength: float) -> None:
        super().__init__(graph)
        self._changes, self._strength = changes, strength
        self._stored = {i.name: i for i in graph.initializer}
        self.written: list[str] = []

    def change(self, name: str, shape: tuple[int, ...]) -> np.ndarray | None:
        """Return STRENGTH times the change of a weight, e.g. `generator/ups.0.weight`; None when it has none."""
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
        """Write every changed weight into the graph."""
        for node, name in list(self.weight_nodes()):
            if is_quantised(node):
                self._quantise(node, name)
            else:
                self._plain(node.input[1], name)
        for stored, name in self.constants():
            self._plain(stored, name)

    def _plain(self, stored: str, name: str) -> None:
        old = self.arrays[stored]
        change = self.change(name, old.shape)
        if change is not None:
            self._store(stored, (old + change).astype(old.dtype))

    def _quantise(self, node: Any, name: str) -> None:
        old = self.dequantised(node)
        change = self.change(name, old.shape)
        if change is None:
            return
        new = old + change
        outputs = 0
        if node.op_type == "MatMulInteger":
            new, outputs = new.T, 1
        kind, scale_name = self.arrays[node.input[1]].dtype, self.scale_name(node)
        apart = self.arrays[scale_name].size > 1
        scale, zero = quantisation(new, kind, tuple(i for i in range(new.ndim) if not apart or i != outputs))
        steps = np.round(new / along_outputs(node, scale)) + along_outputs(node, zero)
        limits = np.iinfo(kind)
        self._store(node.input[1], np.clip(steps, limits.min, limits.max).astype(kind))
        self._store(scale_name, scale.reshape(self.arrays[scale_name].shape))
        # layers whose zero points are equal share one constant in the graph; changed layers need their own
        own = zero.astype(kind).reshape(self.arrays[node.input[3]].shape)
        self.graph.initializer.append(numpy_helper.from_array(own, f"{node.name}.zero"))
        node.input[3] = f"{node.name}.zero"

    def _store(self, name: str, values: np.ndarray) -> None:
        self._stored[name].CopyFrom(numpy_helper.from_array(np.ascontiguousarray(values), name))


def quantisation(weights: np.ndarray, kind: np.dtype, axes: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Return scale and zero point over `axes`: with one where the kind is unsigned, symmetric where it is signed."""
    low, high = np.minimum(weights.min(axes), 0), np.maximum(weights.max(axes), 0)
    least, most = np.iinfo(kind).min, np.iinfo(kind).max
    if least == 0:
        scale = np.maximum((high - low) / most, 1e-9)
        zero = np.clip(np.round(-low / scale), least, most)
    else:
        scale, zero = np.maximum(np.maximum(high, -low) / most, 1e-9), np.zeros_like(high)
    return np.asarray(scale, np.float32), np.asarray(zero, np.float32)


class Loosened:
    """From features [658] and CAM++'s embedding [192] to the style of each layer [58, 128]: `LooseEncoder` without torch."""

    def __init__(self, first: Path, trained: Path, folders: float = 0.0) -> None:
        self.base = {i.name: numpy_helper.to_array(i).astype(np.float32) for i in onnx.load(first).graph.initializer}
        self.new = {k: v.astype(np.float32) for k, v in np.load(trained).items()}
        self.new["layers"] *= self.new["layers.scale"]
        self.common = self.base["common"].reshape(LAYERS, 128) + folders * self.new["folders"].mean(0)

    def styles(self, features: np.ndarray, embedding: np.ndarray, share: float = 1.0) -> np.ndarray:
        """Return styles interpolated by `share` from the old encoder's (0) to the new one's (1)."""
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
    changes = read_changes(decoder)
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
    models, decoder, out = map(Path, sys.argv[1:4])
    main(models, decoder, out, *map(float, sys.argv[4:5]))
