"""The decoder's weights as floats, read back from its int8 graph.

    weight = (stored - zero point) · scale

Only the rounding of activations is missing against what the graph computes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import numpy_helper

Floats = NDArray[np.float32]
_PREFIX = "/decoder/decoder/"


def float_weights(graph: Any) -> dict[str, Floats]:
    """Return weight, bias and alpha of each layer of an onnx.GraphProto by its place, e.g. `generator/ups.0.weight`."""
    return WeightReader(graph).read()


def is_quantised(node: Any) -> bool:
    """Return whether a node computes with int8 weights."""
    return node.op_type in ("ConvInteger", "MatMulInteger")


def along_outputs(node: Any, values: Floats) -> Floats:
    """Return values of each output channel, or of all, shaped to multiply the stored weights of a quantised node."""
    shape = (-1, 1, 1) if node.op_type == "ConvInteger" else (1, -1)
    return values.reshape(shape) if values.size > 1 else values.reshape(())


class WeightReader:
    """The weights of an onnx.GraphProto of the decoder, and where they are stored."""

    def __init__(self, graph: Any) -> None:
        self.graph = graph
        self.arrays: dict[str, NDArray[Any]] = {i.name: numpy_helper.to_array(i) for i in graph.initializer}
        self._maker: dict[str, Any] = {out: node for node in graph.node for out in node.output}
        self._users: dict[str, list[Any]] = {}
        for node in graph.node:
            for name in node.input:
                self._users.setdefault(name, []).append(node)

    def read(self) -> dict[str, Floats]:
        """Return all weights as floats."""
        found: dict[str, NDArray[Any]] = {}
        for node, name in self.weight_nodes():
            found[name] = self.dequantised(node) if is_quantised(node) else self.arrays[node.input[1]]
        found |= {name: self.arrays[stored] for stored, name in self.constants()}
        return {name: np.ascontiguousarray(values, np.float32) for name, values in found.items()}

    def weight_nodes(self) -> Iterator[tuple[Any, str]]:
        """Yield each node with trained weights as its second input, and their name."""
        for node in self.graph.node:
            place = node.name.removeprefix(_PREFIX).rpartition("/")[0].replace("asr_res/", "")
            plain = node.op_type in ("Conv", "ConvTranspose") and node.input[1] in self.arrays
            if is_quantised(node) or (plain and "istft" not in node.name):
                yield node, f"{place}.weight"

    def constants(self) -> Iterator[tuple[str, str]]:
        """Yield each bias and alpha as it is stored, and its name."""
        for stored in self.arrays:
            if stored.startswith("decoder.decoder.") and (stored.endswith(".bias") or ".alpha" in stored):
                yield stored, _place(stored)

    def dequantised(self, node: Any) -> Floats:
        """Return the weights of a quantised node as floats, outputs first."""
        zero = self.arrays[node.input[3]].astype(np.float32)
        scale = self.arrays[self.scale_name(node)].astype(np.float32)
        stored = self.arrays[node.input[1]].astype(np.float32)
        values = (stored - along_outputs(node, zero)) * along_outputs(node, scale)
        return values.T if node.op_type == "MatMulInteger" else values

    def scale_name(self, node: Any) -> str:
        """Return the stored one of the two factors that the result is multiplied by; the other is computed."""
        after = self._users[node.output[0]][0]
        while after.op_type != "Mul":
            after = self._users[after.output[0]][0]
        for name in after.input:
            product = self._maker.get(name)
            for factor in product.input if product is not None and product.op_type == "Mul" else ():
                if factor in self.arrays:
                    return factor
        raise ValueError(f"no scale for {node.name}")


def _place(name: str) -> str:
    """`decoder.decoder.generator.ups.0.bias` → `generator/ups.0.bias`, as the graph's nodes write it."""
    first, *parts = name.removeprefix("decoder.decoder.").split(".")
    return first + "".join(("." if p.isdigit() or p in ("weight", "bias") else "/") + p for p in parts)
