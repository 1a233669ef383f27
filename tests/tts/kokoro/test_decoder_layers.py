"""The one description of the decoder's layers against the graph, the cut, the gradient and the voice."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import onnx
import pytest

from voicechanger.tts.cloning.autodiff.decoder_gradient import FRAMES, _write_speech
from voicechanger.tts.cloning.autodiff.layers import LayerTape
from voicechanger.tts.cloning.autodiff.weights import float_weights
from voicechanger.tts.kokoro import assets
from voicechanger.tts.kokoro.decoder_layers import BINS, STYLE_WIDTH, decoder_spectrum, layer_names
from voicechanger.tts.kokoro.graph import STYLES
from voicechanger.tts.kokoro.network import SAMPLES_PER_FRAME
from voicechanger.tts.voice import DECODER_LAYERS, STYLE_SIZE


class Lengths:
    """Layers on the lengths of values alone, which note what is used."""

    def __init__(self) -> None:
        self.styled: list[str] = []
        self.weighted: list[str] = []

    def conv(self, x: int, place: str, stride: int = 1, padding: int | None = None, dilation: int = 1) -> int:
        self.weighted.append(place)
        return x if padding is None else x // stride

    def upsample(self, x: int, place: str, rate: int) -> int:
        self.weighted.append(place)
        return rate * x

    def double(self, x: int, place: str) -> int:
        self.weighted.append(place)
        return 2 * x

    def adain(self, x: int, place: str) -> int:
        self.styled.append(place)
        return x

    def snake(self, x: int, place: str) -> int:
        return x

    def leaky(self, x: int, slope: int) -> int:
        return x

    def add(self, a: int, b: int) -> int:
        assert a == b
        return a

    def scale(self, x: int, factor: int) -> int:
        return x

    def concat(self, parts: Sequence[int]) -> int:
        assert len(set(parts)) == 1
        return parts[0]

    def repeat2(self, x: int) -> int:
        return 2 * x

    def mirror_first(self, x: int) -> int:
        return x + 1


def test_the_layers_are_those_of_a_voice_in_the_trained_models_order() -> None:
    names = layer_names()
    assert len(names) == len(set(names)) == DECODER_LAYERS and STYLE_WIDTH == STYLE_SIZE // 2
    assert names[:2] == ("encode/norm1", "encode/norm2")
    assert names[10] == "generator/noise_res.0/adain1.0"
    assert names[-1] == "generator/resblocks.5/adain2.2"


def test_each_layer_is_styled_exactly_once() -> None:
    layers, frames = Lengths(), 40
    length = decoder_spectrum(layers, frames, 2 * frames, 2 * frames, 120 * frames + 1)
    assert length == 120 * frames + 1
    assert sorted(layers.styled) == sorted(layer_names())
    assert len(layers.weighted) == len(set(layers.weighted))


@pytest.mark.slow
def test_the_graph_the_cut_and_the_gradient_have_these_layers(models: Path) -> None:
    model: Any = onnx.load(str(models / assets.DECODER))
    weights, layers = float_weights(model.graph), Lengths()
    decoder_spectrum(layers, 40, 80, 80, 4801)
    styled = {place.removesuffix("/fc.weight") for place in weights if place.endswith("/fc.weight")}
    assert styled == set(layer_names())
    assert all(weights[f"{place}/fc.weight"].shape[1] == STYLE_WIDTH for place in styled)
    others = {place.removesuffix(".weight") for place in weights if place.endswith(".weight")} - {
        f"{place}/fc" for place in styled
    }
    used_by_source = {place for place in others if "m_source" in place or "l_linear" in place}
    assert others - used_by_source == set(layers.weighted)
    (split,) = (node for node in model.graph.node if STYLES in node.input)
    assert len(split.output) == DECODER_LAYERS
    tape = LayerTape()
    speech = _write_speech(tape, weights, FRAMES)
    assert tape.shapes["styles"] == (1, DECODER_LAYERS, STYLE_WIDTH)
    assert tape.shapes["source"] == (1, 2 * BINS, 120 * FRAMES + 1)
    assert tape.shapes[speech] == (1, 1, SAMPLES_PER_FRAME * FRAMES)
