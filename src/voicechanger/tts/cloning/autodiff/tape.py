"""Build an ONNX graph and, after it, the graph of its gradient.

    tape = Tape()
    x = tape.input("x", (1, 8, 9), requires_grad=True)
    tape.backward(tape.mean(tape.multiply(x, x)))        adds the nodes of every gradient
    tape.gradient("x")                                   the name of the value that holds it

Reverse-mode differentiation over the few operators that the decoder and its loss need.  Every value is a name in the
graph; shapes are static and kept in `shapes`.  A value that depends on no `input` gets no gradient.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import prod
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

Floats = NDArray[np.float32]
Shape = tuple[int, ...]

OPSET: Final = 17


class Tape:
    """One graph under construction."""

    def __init__(self) -> None:
        self.shapes: dict[str, Shape] = {}
        self._nodes: list[Any] = []
        self._inputs: list[Any] = []
        self._constants: dict[str, Any] = {}
        self._requires_grad: set[str] = set()
        """Values that depend on an input with a gradient."""
        self._back: list[Callable[[], None]] = []
        self._parts: dict[str, list[str]] = {}
        """Values whose sum is the gradient of a value."""
        self._summed: dict[str, str] = {}
        self._count = 0

    # -- leaves ------------------------------------------------------------------------------------------------

    def input(self, name: str, shape: Shape, *, requires_grad: bool = False) -> str:
        """Add an input of the graph; `requires_grad` asks for its gradient."""
        self._inputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, list(shape)))
        self.shapes[name] = shape
        if requires_grad:
            self._requires_grad.add(name)
        return name

    def constant(self, values: NDArray[Any] | float, name: str | None = None) -> str:
        """Add constant numbers; the same name, or the same single number, is stored once."""
        if isinstance(values, float | int):
            name = f"number {float(values)!r}"
            values = np.array(values, np.float32)
        name = name or self._name("constant")
        if name not in self._constants:
            self._constants[name] = numpy_helper.from_array(np.ascontiguousarray(values).reshape(values.shape), name)
            self.shapes[name] = values.shape
        return name

    # -- one value at a time -----------------------------------------------------------------------------------

    def add(self, a: str, b: str) -> str:
        """Add two values of one shape."""
        y = self._add("Add", [a, b], self.shapes[a])

        def back(g: str) -> None:
            self._give(a, g)
            self._give(b, g)

        return self._then(y, [a, b], back)

    def multiply(self, a: str, b: str) -> str:
        """Multiply two values of one shape."""
        y = self._add("Mul", [a, b], self.shapes[a])

        def back(g: str) -> None:
            self._give(a, self._add("Mul", [g, b], self.shapes[a]))
            self._give(b, self._add("Mul", [g, a], self.shapes[b]))

        return self._then(y, [a, b], back)

    def scale(self, x: str, factor: NDArray[np.float32] | float) -> str:
        """Multiply x by a constant that broadcasts to it."""
        by = self.constant(factor)
        y = self._add("Mul", [x, by], self.shapes[x])
        return self._then(y, [x], lambda g: self._give(x, self._add("Mul", [g, by], self.shapes[x])))

    def shift(self, x: str, term: NDArray[np.float32] | float) -> str:
        """Add to x a constant that broadcasts to it."""
        y = self._add("Add", [x, self.constant(term)], self.shapes[x])
        return self._then(y, [x], lambda g: self._give(x, g))

    def _map(self, operator: str, x: str, slope: Callable[[str], str]) -> str:
        """Apply an operator to each value; `slope` returns its derivative, given its result."""
        y = self._add(operator, [x], self.shapes[x])
        return self._then(y, [x], lambda g: self._give(x, self._add("Mul", [g, slope(y)], self.shapes[x])))

    def exp(self, x: str) -> str:
        """Return e to the x."""
        return self._map("Exp", x, lambda y: y)

    def sin(self, x: str) -> str:
        """Return the sine."""
        return self._map("Sin", x, lambda _: self._add("Cos", [x], self.shapes[x]))

    def cos(self, x: str) -> str:
        """Return the cosine."""
        return self._map("Cos", x, lambda _: self._add("Neg", [self._add("Sin", [x], self.shapes[x])], self.shapes[x]))

    def reciprocal(self, x: str) -> str:
        """Return one over x."""
        return self._map(
            "Reciprocal", x, lambda y: self._add("Neg", [self._add("Mul", [y, y], self.shapes[x])], self.shapes[x])
        )

    def sqrt(self, x: str) -> str:
        """Return the square root; x must be above 0."""
        half = self.constant(0.5)
        return self._map("Sqrt", x, lambda y: self._add("Div", [half, y], self.shapes[x]))

    def log(self, x: str) -> str:
        """Return the natural logarithm; x must be above 0."""
        return self._map("Log", x, lambda _: self._add("Reciprocal", [x], self.shapes[x]))

    def absolute(self, x: str) -> str:
        """Return the absolute value; its gradient at 0 is 0."""
        return self._map("Abs", x, lambda _: self._add("Sign", [x], self.shapes[x]))

    # -- over time -------------------------------------------------------------------------------------------

    def matmul(self, matrix: Floats, x: str, name: str | None = None) -> str:
        """Return a constant matrix [a, b] times x [1, b, n]: [1, a, n]; the same name is stored once."""
        stored = self.constant(matrix, name)
        y = self._add("MatMul", [stored, x], (1, len(matrix), self.shapes[x][2]))

        def back(g: str) -> None:
            transposed = self.constant(matrix.T, name and f"{name}, transposed")
            self._give(x, self._add("MatMul", [transposed, g], self.shapes[x]))

        return self._then(y, [x], back)

    def _time(self, operator: str, x: str) -> str:
        thin = (*self.shapes[x][:2], 1)
        if operator == "ReduceSum":  # takes its axes as an input since opset 13, the others since 18
            return self._add(operator, [x, self.constant(np.array([2], np.int64), "time")], thin, keepdims=1)
        return self._add(operator, [x], thin, axes=[2], keepdims=1)

    def time_mean(self, x: str) -> str:
        """Return the mean over time: [1, C, n] → [1, C, 1]."""
        y, size = self._time("ReduceMean", x), self.shapes[x][2]
        return self._then(y, [x], lambda g: self._give(x, self._spread(g, x, size)))

    def mean(self, x: str) -> str:
        """Return the mean of all values: [1, 1, 1]."""
        y = self._add("ReduceMean", [x], (1, 1, 1), axes=[0, 1, 2], keepdims=1)
        return self._then(y, [x], lambda g: self._give(x, self._spread(g, x, prod(self.shapes[x]))))

    def sum(self, x: str) -> str:
        """Return the sum of all values: [1, 1, 1]."""
        return self.scale(self.mean(x), float(prod(self.shapes[x])))

    def _spread(self, g: str, x: str, count: int) -> str:
        share = self._add("Mul", [g, self.constant(1 / count)], self.shapes[g])
        to = self.constant(np.array(self.shapes[x], np.int64))
        return self._add("Expand", [share, to], self.shapes[x])

    def _reshaped(self, x: str, shape: Shape) -> str:
        return self._add("Reshape", [x, self.constant(np.array(shape, np.int64))], shape)

    # -- channels ----------------------------------------------------------------------------------------------

    def join(self, steps: Sequence[str]) -> str:
        """Concatenate steps [1, C, 1] over time: [1, C, n]."""
        y = self._add("Concat", list(steps), (*self.shapes[steps[0]][:2], len(steps)), axis=2)

        def back(g: str) -> None:
            for i, step in enumerate(steps):
                self._give(step, self._sliced(g, i, i + 1, axis=2))

        return self._then(y, list(steps), back)

    def concat(self, parts: Sequence[str]) -> str:
        """Concatenate values [1, C, n] over channels."""
        sizes = [self.shapes[p][1] for p in parts]
        y = self._add("Concat", list(parts), (1, sum(sizes), self.shapes[parts[0]][2]), axis=1)

        def back(g: str) -> None:
            for i, part in enumerate(parts):
                if part in self._requires_grad:
                    first = sum(sizes[:i])
                    self._give(part, self._sliced(g, first, first + sizes[i], axis=1))

        return self._then(y, list(parts), back)

    def slice_channels(self, x: str, first: int, last: int) -> str:
        """Return channels first … last - 1 of x [1, C, n]."""
        _, channels, size = self.shapes[x]
        y = self._sliced(x, first, last, axis=1)

        def back(g: str) -> None:
            pads = self.constant(np.array([0, first, 0, 0, channels - last, 0], np.int64))
            self._give(x, self._add("Pad", [g, pads], (1, channels, size)))

        return self._then(y, [x], back)

    def transpose(self, x: str) -> str:
        """Swap the last two axes: [1, a, b] → [1, b, a]."""
        first, *rest = self.shapes[x]
        y = self._add("Transpose", [x], (first, *rest[::-1]), perm=[0, 2, 1])
        return self._then(y, [x], lambda g: self._give(x, self._add("Transpose", [g], self.shapes[x], perm=[0, 2, 1])))

    def split(self, x: str, axis: int, size: int = 1) -> list[str]:
        """Split x [1, C, n] along an axis into pieces of a size that divides it."""
        whole = self.shapes[x]
        piece = tuple(size if i == axis else n for i, n in enumerate(whole))
        names = [self._name("Piece") for _ in range(whole[axis] // size)]
        sizes = self.constant(np.full(len(names), size, np.int64))
        self._nodes.append(helper.make_node("Split", [x, sizes], names, name=self._name("Split"), axis=axis))
        self.shapes |= dict.fromkeys(names, piece)
        if x not in self._requires_grad:
            return names
        self._requires_grad.update(names)

        def back() -> None:
            if any(name in self._parts for name in names):
                parts = [self.gradient(name) if name in self._parts else self._zeros(piece) for name in names]
                self._give(x, self._add("Concat", parts, whole, axis=axis))

        self._back.append(back)
        return names

    def _zeros(self, shape: Shape) -> str:
        return self.constant(np.zeros(shape, np.float32), f"zeros {shape}")

    def _sliced(self, x: str, first: int, last: int, axis: int) -> str:
        shape = tuple(last - first if i == axis else n for i, n in enumerate(self.shapes[x]))
        ends = [self.constant(np.array([v], np.int64)) for v in (first, last, axis)]
        return self._add("Slice", [x, *ends], shape)

    # -- gradients ---------------------------------------------------------------------------------------------

    def backward(self, loss: str) -> None:
        """Add the gradients of `loss` [1, 1, 1] by every value that requires one."""
        self._give(loss, self.constant(np.ones((1, 1, 1), np.float32)))
        while self._back:
            self._back.pop()()

    def gradient(self, x: str) -> str:
        """Return the value that holds the gradient by `x`, after `backward`."""
        if x not in self._summed:
            parts = self._parts[x]
            self._summed[x] = parts[0] if len(parts) == 1 else self._add("Sum", parts, self.shapes[x])
        return self._summed[x]

    def model(self, outputs: Mapping[str, str]) -> Any:
        """Return the graph as an onnx.ModelProto; `outputs` maps output names to values."""
        infos: list[Any] = []
        for name, value in outputs.items():
            self._nodes.append(helper.make_node("Identity", [value], [name]))
            infos.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, list(self.shapes[value])))
        graph = helper.make_graph(self._nodes, "gradient", self._inputs, infos, list(self._constants.values()))
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8)

    def _then(self, y: str, given: Sequence[str], back: Callable[[str], None]) -> str:
        if any(x in self._requires_grad for x in given):
            self._requires_grad.add(y)
            self._back.append(lambda: back(self.gradient(y)) if y in self._parts else None)
        return y

    def _give(self, x: str, gradient: str) -> None:
        if x in self._requires_grad:
            self._parts.setdefault(x, []).append(gradient)

    def _add(self, operator: str, given: Sequence[str], shape: Shape, **how: Any) -> str:
        name = self._name(operator)
        self._nodes.append(helper.make_node(operator, list(given), [name], name=name, **how))
        self.shapes[name] = shape
        return name

    def _name(self, kind: str) -> str:
        self._count += 1
        return f"{kind}.{self._count}"
