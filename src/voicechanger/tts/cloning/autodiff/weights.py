"""The decoder's weights as floats, read back from its int8 graph.

    weight = (stored - zero point) · scale

Only the rounding of activations is missing against what the graph computes.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import numpy_helper

Floats = NDArray[np.float32]
_PREFIX = "/decoder/decoder/"


def float_weights(graph: Any) -> dict[str, Floats]:
    """Return weight, bias and alpha of each layer of an onnx.GraphProto by its place, e.g. `generator/ups.0.weight`."""
    return _Reader(graph).read()


class _Reader:
    def __init__(self, graph: Any) -> None:
        self._graph = graph
        self._arrays: dict[str, NDArray[Any]] = {i.name: numpy_helper.to_array(i) for i in graph.initializer}
        self._maker: dict[str, Any] = {out: node for node in graph.node for out in node.output}
        self._users: dict[str, list[Any]] = {}
        for node in graph.node:
            for name in node.input:
                self._users.setdefault(name, []).append(node)

    def read(self) -> dict[str, Floats]:
        found: dict[str, NDArray[Any]] = {}
        for node in self._graph.node:
            place = node.name.removeprefix(_PREFIX).rpartition("/")[0].replace("asr_res/", "")
            if node.op_type in ("ConvInteger", "MatMulInteger"):
                found[f"{place}.weight"] = self._dequantised(node)
            elif (
                node.op_type in ("Conv", "ConvTranspose") and node.input[1] in self._arrays and "istft" not in node.name
            ):
                found[f"{place}.weight"] = self._arrays[node.input[1]]
        for name, values in self._arrays.items():
            if name.startswith("decoder.decoder.") and (name.endswith(".bias") or ".alpha" in name):
                found[_place(name)] = values
        return {name: np.ascontiguousarray(values, np.float32) for name, values in found.items()}

    def _dequantised(self, node: Any) -> Floats:
        shape = (-1, 1, 1) if node.op_type == "ConvInteger" else (1, -1)
        zero, scale = self._arrays[node.input[3]].astype(np.float32), self._scale(node)
        stored = self._arrays[node.input[1]].astype(np.float32)
        values = (stored - _spread(zero, shape)) * _spread(scale, shape)
        return values.T if node.op_type == "MatMulInteger" else values

    def _scale(self, node: Any) -> Floats:
        """Return the stored one of the two factors that the result is multiplied by; the other is computed."""
        after = self._users[node.output[0]][0]
        while after.op_type != "Mul":
            after = self._users[after.output[0]][0]
        for name in after.input:
            product = self._maker.get(name)
            for factor in product.input if product is not None and product.op_type == "Mul" else ():
                if factor in self._arrays:
                    return self._arrays[factor].astype(np.float32)
        raise ValueError(f"no scale for {node.name}")


def _spread(values: Floats, shape: tuple[int, ...]) -> Floats:
    return values.reshape(shape) if values.size > 1 else values.reshape(())


def _place(name: str) -> str:
    """`decoder.decoder.generator.ups.0.bias` → `generator/ups.0.bias`, as the graph's nodes write it."""
    first, *parts = name.removeprefix("decoder.decoder.").split(".")
    return first + "".join(("." if p.isdigit() or p in ("weight", "bias") else "/") + p for p in parts)
