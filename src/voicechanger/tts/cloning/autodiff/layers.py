"""The layers of the decoder on a tape: convolutions, activations, adaptive instance normalisation."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from voicechanger.tts.cloning.autodiff.tape import Floats, Tape

EPSILON: Final = 1e-5
"""Of the instance normalisation, as in the model."""


class LayerTape(Tape):
    """A tape with the layers of the decoder."""

    def conv(
        self, x: str, weight: str, bias: str | None = None, *, stride: int = 1, padding: int = 0, dilation: int = 1
    ) -> str:
        """Convolve x [1, C, n] with weight [D, C, k]: [1, D, m]."""
        out, _, width = self.shapes[weight]
        size = self.shapes[x][2]
        reach = dilation * (width - 1)
        length = (size + 2 * padding - reach - 1) // stride + 1
        given = [x, weight] if bias is None else [x, weight, bias]
        how = {"strides": [stride], "pads": [padding, padding], "dilations": [dilation]}
        y = self._add("Conv", given, (1, out, length), **how)

        def back(g: str) -> None:
            # Samples at the end that no step reached have a gradient of zero
            rest = size - ((length - 1) * stride + reach + 1 - 2 * padding)
            how_back = how | {"output_padding": [rest]}
            self._give(x, self._add("ConvTranspose", [g, weight], self.shapes[x], **how_back))

        return self._then(y, [x], back)

    def conv_transpose(
        self,
        x: str,
        weight: str,
        bias: str | None = None,
        *,
        stride: int,
        padding: int = 0,
        extra: int = 0,
        groups: int = 1,
    ) -> str:
        """Convolve x [1, C, n] transposed with weight [C, D / groups, k]: [1, D, m]."""
        _, out, width = self.shapes[weight]
        length = (self.shapes[x][2] - 1) * stride + width - 2 * padding + extra
        given = [x, weight] if bias is None else [x, weight, bias]
        how: dict[str, Any] = {"strides": [stride], "pads": [padding, padding], "group": groups}
        y = self._add("ConvTranspose", given, (1, out * groups, length), **how, output_padding=[extra])
        # The gradient needs no padding for `extra`: its last steps would begin past its end
        return self._then(y, [x], lambda g: self._give(x, self._add("Conv", [g, weight], self.shapes[x], **how)))

    def sigmoid(self, x: str) -> str:
        """Return 1 / (1 + e to the -x)."""
        one = self.constant(1)

        def slope(y: str) -> str:
            return self._add("Mul", [y, self._add("Sub", [one, y], self.shapes[x])], self.shapes[x])

        return self._map("Sigmoid", x, slope)

    def tanh(self, x: str) -> str:
        """Return the hyperbolic tangent."""
        one = self.constant(1)

        def slope(y: str) -> str:
            return self._add("Sub", [one, self._add("Mul", [y, y], self.shapes[x])], self.shapes[x])

        return self._map("Tanh", x, slope)

    def relu(self, x: str) -> str:
        """Return the positive part."""
        return self._map("Relu", x, lambda y: self._add("Sign", [y], self.shapes[x]))

    def leaky(self, x: str, slope: float) -> str:
        """Return x where positive, else `slope` times x."""
        y = self._add("LeakyRelu", [x], self.shapes[x], alpha=slope)

        def back(g: str) -> None:
            sign = self._add("Sign", [x], self.shapes[x])
            # sign -1, 0, 1 → slope, middle, 1
            half = self.constant((1 - slope) / 2)
            middle = self.constant((1 + slope) / 2)
            steep = self._add("Add", [self._add("Mul", [sign, half], self.shapes[x]), middle], self.shapes[x])
            self._give(x, self._add("Mul", [g, steep], self.shapes[x]))

        return self._then(y, [x], back)

    def snake(self, x: str, alpha: Floats) -> str:
        """Return x + sin²(αx) / α, alpha [1, C, 1] (Ziyin et al. 2020)."""
        shape = self.shapes[x]
        angle = self._add("Mul", [x, self.constant(2 * alpha)], shape)
        # sin² = (1 - cos 2αx) / 2
        wave = self._add("Mul", [self._add("Cos", [angle], shape), self.constant(-0.5 / alpha)], shape)
        y = self._add("Add", [self._add("Add", [x, self.constant(0.5 / alpha)], shape), wave], shape)

        def back(g: str) -> None:
            slope = self._add("Mul", [g, self._add("Sin", [angle], shape)], shape)
            self._give(x, self._add("Add", [g, slope], shape))

        return self._then(y, [x], back)

    def adain(self, x: str, gamma: str, beta: str) -> str:
        """Normalise each channel of x [1, C, n] over time, then (1 + gamma) · x + beta, both [1, C, 1]."""
        shape, thin = self.shapes[x], (1, self.shapes[x][1], 1)
        one, epsilon = self.constant(1.0), self.constant(EPSILON)
        centred = self._add("Sub", [x, self._time("ReduceMean", x)], shape)
        variance = self._time("ReduceMean", self._add("Mul", [centred, centred], shape))
        deviation = self._add("Sqrt", [self._add("Add", [variance, epsilon], thin)], thin)
        even = self._add("Div", [centred, deviation], shape)
        grown = self._add("Add", [gamma, one], thin)
        y = self._add("Add", [self._add("Mul", [even, grown], shape), beta], shape)

        def back(g: str) -> None:
            per_gamma = self._time("ReduceSum", self._add("Mul", [g, even], shape))
            per_beta = self._time("ReduceSum", g)
            self._give(gamma, per_gamma)
            self._give(beta, per_beta)
            if x not in self._requires_grad:
                return
            share = self.constant(1 / shape[2])
            level = self._add("Mul", [per_beta, share], thin)
            slope = self._add("Mul", [even, self._add("Mul", [per_gamma, share], thin)], shape)
            rest = self._add("Sub", [self._add("Sub", [g, level], shape), slope], shape)
            self._give(x, self._add("Mul", [rest, self._add("Div", [grown, deviation], thin)], shape))

        return self._then(y, [x, gamma, beta], back)

    def repeat2(self, x: str) -> str:
        """Repeat every step of x [1, C, n] twice: [1, C, 2n]."""
        _, channels, size = self.shapes[x]
        column = self._reshaped(x, (1, channels, size, 1))
        pairs = self._add("Concat", [column, column], (1, channels, size, 2), axis=3)
        y = self._reshaped(pairs, (1, channels, 2 * size))

        def back(g: str) -> None:
            split = self._reshaped(g, (1, channels, size, 2))
            axis = self.constant(np.array([3], np.int64))
            self._give(x, self._add("ReduceSum", [split, axis], self.shapes[x], keepdims=0))

        return self._then(y, [x], back)

    def mirror_first(self, x: str) -> str:
        """Pad x [1, C, n] by its second step in front (reflection): [1, C, n + 1]."""
        _, channels, size = self.shapes[x]
        second = self._sliced(x, 1, 2, axis=2)
        y = self._add("Concat", [second, x], (1, channels, size + 1), axis=2)

        def back(g: str) -> None:
            self._give(x, self._sliced(g, 1, size + 1, axis=2))
            pads = self.constant(np.array([0, 0, 1, 0, 0, size - 2], np.int64))
            self._give(x, self._add("Pad", [self._sliced(g, 0, 1, axis=2), pads], self.shapes[x]))

        return self._then(y, [x], back)
