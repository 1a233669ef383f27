"""Each operator's gradient is what a small step measures."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import onnxruntime
import pytest

from voicechanger.tts.cloning.autodiff.layers import LayerTape

SHAPE = (1, 4, 9)
STEP = 1e-2
RNG = np.random.default_rng(3)
MIX = RNG.normal(size=200).astype(np.float32)

Build = Callable[[LayerTape, str], str]


def constant(tape: LayerTape, *shape: int) -> str:
    return tape.constant((0.4 * np.random.default_rng(sum(shape)).normal(size=shape)).astype(np.float32))


def above_zero(tape: LayerTape, x: str) -> str:
    return tape.shift(tape.multiply(x, x), 0.5)


def style(tape: LayerTape, x: str) -> str:
    """[1, 4, 1] that moves with x."""
    return tape.time_mean(x)


BUILDS: dict[str, Build] = {
    "conv": lambda t, x: t.conv(x, constant(t, 5, 4, 3), constant(t, 5), padding=1),
    "conv, dilated": lambda t, x: t.conv(x, constant(t, 5, 4, 3), padding=2, dilation=2),
    "conv, strided, an end unread": lambda t, x: t.conv(x, constant(t, 5, 4, 4), stride=3),
    "conv transpose": lambda t, x: t.conv_transpose(x, constant(t, 4, 3, 6), constant(t, 3), stride=3, padding=1),
    "conv transpose by channel": lambda t, x: t.conv_transpose(
        x, constant(t, 4, 1, 3), stride=2, padding=1, extra=1, groups=4
    ),
    "matmul": lambda t, x: t.matmul(MIX[:24].reshape(6, 4), x),
    "add": lambda t, x: t.add(x, t.scale(x, 3)),
    "multiply": lambda t, x: t.multiply(x, t.shift(x, 2)),
    "exp": lambda t, x: t.exp(x),
    "sin": lambda t, x: t.sin(x),
    "cos": lambda t, x: t.cos(x),
    "sqrt": lambda t, x: t.sqrt(above_zero(t, x)),
    "log": lambda t, x: t.log(above_zero(t, x)),
    "absolute": lambda t, x: t.absolute(t.shift(x, 5)),
    "leaky": lambda t, x: t.add(t.leaky(t.shift(x, 5), 0.2), t.leaky(t.shift(x, -5), 0.2)),
    "snake": lambda t, x: t.snake(x, np.array([0.5, 1, 2, 3], np.float32)[None, :, None]),
    "adain": lambda t, x: t.adain(x, style(t, x), t.scale(style(t, x), 2)),
    "adain of what stands still": lambda t, x: t.adain(constant(t, *SHAPE), style(t, x), style(t, x)),
    "time mean": lambda t, x: t.time_mean(t.multiply(x, x)),
    "mean": lambda t, x: t.mean(t.multiply(x, x)),
    "repeat2": lambda t, x: t.repeat2(x),
    "mirror first": lambda t, x: t.mirror_first(x),
    "concat": lambda t, x: t.concat([x, constant(t, 1, 2, 9), t.multiply(x, x)]),
    "slice channels": lambda t, x: t.slice_channels(x, 1, 3),
    "sigmoid": lambda t, x: t.sigmoid(x),
    "tanh": lambda t, x: t.tanh(x),
    "relu": lambda t, x: t.add(t.relu(t.shift(x, 5)), t.relu(t.shift(x, -5))),
    "reciprocal": lambda t, x: t.reciprocal(above_zero(t, x)),
    "sum": lambda t, x: t.sum(t.multiply(x, x)),
    "split, a piece unused": lambda t, x: t.add(t.split(x, axis=1, size=2)[1], t.split(x, axis=1, size=2)[1]),
    "split and join": lambda t, x: t.join([t.multiply(s, s) for s in t.split(x, axis=2)]),
    "transpose": lambda t, x: t.transpose(x),
}


@pytest.mark.parametrize("build", BUILDS.values(), ids=list(BUILDS))
def test_gradient_is_the_slope(build: Build) -> None:
    tape = LayerTape()
    y = build(tape, tape.input("x", SHAPE, requires_grad=True))
    shape = tape.shapes[y]
    weights = MIX[: np.prod(shape)].reshape(shape)
    loss = tape.mean(tape.multiply(y, tape.constant(weights)))
    tape.backward(loss)
    model = tape.model({"y": y, "loss": loss, "slope": tape.gradient("x")})
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    x = RNG.normal(size=SHAPE).astype(np.float32)

    def run(at: np.ndarray) -> tuple[np.ndarray, float, np.ndarray]:
        out, value, slope = session.run(["y", "loss", "slope"], {"x": at.astype(np.float32)})
        return out, float(value.ravel()[0]), slope

    out, _, slope = run(x)
    assert out.shape == shape and slope.shape == SHAPE
    for _ in range(3):
        way = RNG.normal(size=SHAPE)
        measured = (run(x + STEP * way)[1] - run(x - STEP * way)[1]) / (2 * STEP)
        assert float((slope * way).sum()) == pytest.approx(measured, rel=0.02, abs=2e-4)


def test_what_does_not_move_gets_no_gradient() -> None:
    tape = LayerTape()
    still, moving = tape.input("still", SHAPE), tape.input("moving", SHAPE, requires_grad=True)
    tape.backward(tape.mean(tape.multiply(still, moving)))
    assert tape.gradient(moving)
    with pytest.raises(KeyError):
        tape.gradient(still)
