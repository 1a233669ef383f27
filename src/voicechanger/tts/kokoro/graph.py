"""Cut the Kokoro graph into three parts, and give each layer of the decoder its own style.

    tokens, style ─▶ A text ─▶ durations, features ─▶ B prosody ─▶ pitch, energy ─▶ C decoder ─▶ samples

Every node keeps its weights and its order, so the three parts give the result of the whole graph bit for bit.

The worker reads the names here; onnx is imported only where graphs are built.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from voicechanger.tts.kokoro.decoder_layers import STYLE_WIDTH, layer_names

DURATIONS = "/encoder/predictor/ReduceSum_output_0"
PROSODY_TEXT = "/encoder/predictor/text_encoder/Concat_4_output_0"
DECODER_TEXT = "/encoder/text_encoder/Transpose_2_output_0"
PROSODY_FRAMES = "/encoder/MatMul_output_0"
PROSODY_STYLE = "/encoder/Slice_output_0"
PITCH = "/encoder/Squeeze_output_0"
ENERGY = "/encoder/Squeeze_1_output_0"
DECODER_FRAMES = "/encoder/MatMul_1_output_0"
DECODER_STYLE = "/decoder/Slice_output_0"
AUDIO = "audio"
STYLES = "styles"

Model = Any
"""An onnx.ModelProto; like all protobuf classes it carries no types that help."""
ValueInfo = Any


def cut_text(model: Model) -> Model:
    """Cut A: tokens [1, n] and style [1, 256] to durations and two sets of features for each symbol."""
    inputs = [_tokens(), _floats("style", 1, 256)]
    return cut(model, inputs, [DURATIONS, PROSODY_TEXT, DECODER_TEXT])


def cut_prosody(model: Model) -> Model:
    """Cut B: features [1, 640, frames] and style [1, 128] to pitch and energy, two values for each frame."""
    inputs = [_floats(PROSODY_FRAMES, 1, 640, "T"), _floats(PROSODY_STYLE, 1, 128)]
    return cut(model, inputs, [PITCH, ENERGY])


def cut_decoder(model: Model) -> Model:
    """Cut C: features, curves and one style a layer [58, 128] to samples, 600 for each frame."""
    inputs = [
        _floats(DECODER_FRAMES, 1, 512, "T"),
        _floats(PITCH, 1, "F"),
        _floats(ENERGY, 1, "F"),
        _floats(DECODER_STYLE, 1, STYLE_WIDTH),
    ]
    return _style_each_layer(cut(model, inputs, [AUDIO]))


def cut(model: Model, inputs: list[ValueInfo], outputs: list[str]) -> Model:
    """Return the part of the graph that computes `outputs` from `inputs`."""
    graph = model.graph
    made_by = {out: i for i, node in enumerate(graph.node) for out in node.output}
    known = {i.name for i in inputs} | {i.name for i in graph.initializer} | {""}
    kept: set[int] = set()
    todo = list(outputs)
    while todo:
        name = todo.pop()
        if name in known:
            continue
        known.add(name)
        kept.add(made_by[name])
        todo.extend(graph.node[made_by[name]].input)
    return _assemble(model, [graph.node[i] for i in sorted(kept)], graph.initializer, inputs, outputs)


def _assemble(
    model: Model,
    nodes: list[Any],
    constants: Iterable[Any],
    inputs: list[ValueInfo],
    outputs: list[str],
) -> Model:
    from onnx import helper

    used = {name for node in nodes for name in node.input}
    part = helper.make_graph(
        nodes,
        "part",
        inputs,
        [_floats(name) for name in outputs],
        [c for c in constants if c.name in used],
    )
    return helper.make_model(part, opset_imports=model.opset_import, ir_version=model.ir_version)


def _style_each_layer(model: Model) -> Model:
    """Feed every layer its row of `styles` where the plain graph feeds all of them one style."""
    graph = model.graph
    quantised = next(n for n in graph.node if DECODER_STYLE in n.input)
    values, scale, zero = quantised.output
    rows = {f"/decoder/decoder/{layer}/fc/": i for i, layer in enumerate(layer_names())}
    for node in graph.node:
        row = next((i for prefix, i in rows.items() if node.name.startswith(prefix)), None)
        for position, name in enumerate(node.input):
            if name in (values, scale, zero):
                if row is None:
                    raise ValueError(f"{node.name} takes the style but is no known layer")
                node.input[position] = f"{name}.{row}"
    nodes = [*_row_nodes(len(rows), quantised.output), *(n for n in graph.node if n is not quantised)]
    inputs = [*(i for i in graph.input if i.name != DECODER_STYLE), _floats(STYLES, len(rows), STYLE_WIDTH)]
    return _assemble(model, nodes, graph.initializer, inputs, [AUDIO])


def _row_nodes(count: int, quantised: Iterable[str]) -> list[Any]:
    from onnx import helper

    rows = [f"{STYLES}.{i}" for i in range(count)]
    names = tuple(quantised)
    split = helper.make_node("Split", [STYLES], rows, name="/styles/split", axis=0, num_outputs=count)
    return [
        split,
        *(
            helper.make_node("DynamicQuantizeLinear", [row], [f"{n}.{i}" for n in names], name=f"/styles/quantise.{i}")
            for i, row in enumerate(rows)
        ),
    ]


def _tokens() -> ValueInfo:
    from onnx import TensorProto, helper

    return helper.make_tensor_value_info("tokens", TensorProto.INT64, [1, "L"])


def _floats(name: str, *shape: int | str) -> ValueInfo:
    from onnx import TensorProto, helper

    return helper.make_tensor_value_info(name, TensorProto.FLOAT, list(shape) or None)
