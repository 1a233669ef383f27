"""The GE2E speaker network of the `resemblyzer` package (Apache-2.0), as ONNX, without torch.

The package declares torch, so only its `pretrained.pt` is used: setup puts it into `tts/bundled`, and the wheel carries
it. It is read by a reader that builds nothing but arrays, and written as a small ONNX graph into the model folder.
Paper: Wan et al., "Generalized end-to-end loss for speaker verification", 2018.
"""

from __future__ import annotations

import hashlib
import io
import pickle
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from voicechanger.tts.cloning import signal
from voicechanger.tts.errors import MissingPart
from voicechanger.tts.onnx_session import open_session

FILE_NAME = "ge2e.onnx"
PRETRAINED_SHA256 = "39373b86598fa3da9fcddee6142382efe09777e8d37dc9c0561f41f0070f134e"
PRETRAINED = Path(__file__).parents[1] / "bundled" / "ge2e.pt"
_WINDOW = 160
"""Frames of 10 ms that the network was trained on."""
_BANDS, _HIDDEN, _LAYERS = 40, 256, 3

_Array = NDArray[np.float32]


def build(folder: Path) -> Path:
    """Write `folder/ge2e.onnx` from the bundled weights; MissingPart when they are absent or altered."""
    data = PRETRAINED.read_bytes() if PRETRAINED.is_file() else b""
    if hashlib.sha256(data).hexdigest() != PRETRAINED_SHA256:
        code, state = ("speaker_network_damaged", "damaged") if data else ("speaker_network_missing", "missing")
        raise MissingPart(
            code, f"The speaker network in {PRETRAINED} is {state}: reinstall voicechanger, or run `make setup`"
        )
    target = folder / FILE_NAME
    target.write_bytes(_graph(read_weights(data)))
    return target


class _Storage:
    def __init__(self, key: str, size: int) -> None:
        self.key, self.size = key, size


class _Reader(pickle.Unpickler):
    """Builds arrays and containers only: any other class in the file raises UnpicklingError."""

    def __init__(self, file: io.BytesIO) -> None:
        super().__init__(file)
        self.tensors: list[tuple[_Storage, int, tuple[int, ...], dict[str, Any]]] = []

    def persistent_load(self, pid: Any) -> _Storage:
        return _Storage(str(pid[2]), int(pid[4]))

    def find_class(self, module_name: str, global_name: str, /) -> Callable[..., Any]:
        known: dict[tuple[str, str], Callable[..., Any]] = {
            ("collections", "OrderedDict"): OrderedDict,
            ("torch._utils", "_rebuild_tensor_v2"): self._tensor,
            ("torch", "FloatStorage"): str,
        }
        if (module_name, global_name) not in known:
            raise pickle.UnpicklingError(f"{module_name}.{global_name} is not allowed in a weights file")
        return known[module_name, global_name]

    def _tensor(self, storage: _Storage, offset: int, shape: tuple[int, ...], *_: Any) -> dict[str, Any]:
        hole: dict[str, Any] = {}
        self.tensors.append((storage, offset, shape, hole))
        return hole


def read_weights(data: bytes) -> dict[str, _Array]:
    """Return the arrays of `model_state` in a checkpoint of torch's old (not zipped) format."""
    file = io.BytesIO(data)
    for _ in range(3):  # magic number, protocol, machine
        _Reader(file).load()
    reader = _Reader(file)
    checkpoint = cast("dict[str, dict[str, dict[str, Any]]]", reader.load())
    keys = cast("list[str]", _Reader(file).load())
    stored: dict[str, _Array] = {}
    for key in keys:
        size = int.from_bytes(file.read(8), "little")
        stored[key] = np.frombuffer(file.read(4 * size), "<f4")
    for storage, offset, shape, hole in reader.tensors:
        count = int(np.prod(shape, dtype=np.int64))
        hole["array"] = stored[storage.key][offset : offset + count].reshape(shape)
    return {name: cast("_Array", hole["array"]) for name, hole in checkpoint["model_state"].items()}


def _graph(weights: dict[str, _Array]) -> bytes:
    """Return an ONNX model: mels [windows, 160, 40] → embeddings [windows, 256] of length 1, never negative."""
    from onnx import TensorProto, helper, numpy_helper

    arrays: dict[str, NDArray[Any]] = {
        "linear": weights["linear.weight"].T,
        "bias": weights["linear.bias"],
        "direction": np.array([0]),
    }
    nodes = [helper.make_node("Transpose", ["mels"], ["x0"], perm=[1, 0, 2])]
    for n in range(_LAYERS):
        arrays[f"w{n}"] = _gates(weights[f"lstm.weight_ih_l{n}"])[None]
        arrays[f"r{n}"] = _gates(weights[f"lstm.weight_hh_l{n}"])[None]
        biases = [_gates(weights[f"lstm.bias_{kind}_l{n}"]) for kind in ("ih", "hh")]
        arrays[f"b{n}"] = np.concatenate(biases)[None]
        inputs = [f"x{n}", f"w{n}", f"r{n}", f"b{n}"]
        nodes.append(helper.make_node("LSTM", inputs, [f"y{n}", f"h{n}"], hidden_size=_HIDDEN))
        if n + 1 < _LAYERS:
            arrays["axis"] = np.array([1])
            nodes.append(helper.make_node("Squeeze", [f"y{n}", "axis"], [f"x{n + 1}"]))
    nodes += [
        helper.make_node("Squeeze", [f"h{_LAYERS - 1}", "direction"], ["top"]),
        helper.make_node("Gemm", ["top", "linear", "bias"], ["raw"]),
        helper.make_node("Relu", ["raw"], ["positive"]),
        helper.make_node("LpNormalization", ["positive"], ["embeddings"], axis=1, p=2),
    ]
    graph = helper.make_graph(
        nodes,
        "ge2e",
        [helper.make_tensor_value_info("mels", TensorProto.FLOAT, ["windows", _WINDOW, _BANDS])],
        [helper.make_tensor_value_info("embeddings", TensorProto.FLOAT, ["windows", 256])],
        [numpy_helper.from_array(np.ascontiguousarray(array), name) for name, array in arrays.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    return model.SerializeToString()


def _gates(torch_order: _Array) -> _Array:
    """Reorder gates from torch (input, forget, cell, output) to ONNX (input, output, forget, cell)."""
    i, f, c, o = np.split(torch_order, 4)
    return np.concatenate([i, o, f, c])


class SpeakerNetwork:
    """Embeds 16 kHz speech; the folder must hold `ge2e.onnx`."""

    def __init__(self, folder: Path, threads: int = 1) -> None:
        path = folder / FILE_NAME
        if not path.is_file():
            raise MissingPart("speaker_network_missing", "The model folder is not set up: run `make setup`.")
        self._session = open_session(path, threads)

    def embed(self, speech: _Array) -> _Array:
        """Return [256] of length 1: the mean over windows of 1.6 s, half overlapping, of trimmed 16 kHz speech."""
        partial = self.windows(speech)
        mean = partial.mean(axis=0)
        return (mean / np.linalg.norm(mean)).astype(np.float32)

    def windows(self, speech: _Array) -> _Array:
        """Return [windows, 256]: one embedding for each window of 1.6 s, every 0.8 s."""
        level = float(np.sqrt(np.mean(np.square(speech, dtype=np.float64)))) or 1.0
        quiet = speech * np.float32(max(1.0, 10 ** (-30 / 20) / level))
        power = signal.spectrum(quiet.astype(np.float32), 400, 160) ** 2
        mels = power @ signal.mel_filters(signal.RATE, 400, _BANDS, 8000.0).T
        mels = np.pad(mels, ((0, max(0, _WINDOW - len(mels))), (0, 0)))
        starts = range(0, len(mels) - _WINDOW + 1, _WINDOW // 2)
        batch = np.stack([mels[s : s + _WINDOW] for s in starts]).astype(np.float32)
        return cast("_Array", self._session.run(None, {"mels": batch})[0])
