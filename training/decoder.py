"""The product's decoder (cut C) in PyTorch, with gradients, from the int8 graph in the model folder.

    text features, pitch, energy, one style a layer ─▶ speech at 24 kHz

Every weight is read from `decoder.onnx` and turned back into floats; only the rounding of activations is missing.  The
harmonic source depends on pitch alone and needs no gradient, so that part of the graph is run as it is.

The layers are those of kokoro/decoder_layers.py.

usage: python training/decoder.py MODELS_DIR     prints how near both decoders are, with the layer order and reversed
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import torch
from torch import Tensor
from torch.nn import functional as F

from voicechanger.tts.cloning.autodiff.decoder_gradient import SOURCE
from voicechanger.tts.cloning.autodiff.weights import float_weights
from voicechanger.tts.kokoro.decoder_layers import BINS, HOP, WINDOW, decoder_spectrum, layer_names
from voicechanger.tts.kokoro.graph import DECODER_FRAMES, ENERGY, PITCH, STYLES, cut


class _TorchLayers:
    """The layers of the decoder in PyTorch (see `decoder_layers.Layers`), with the styles [B, 58, 128] of one batch."""

    def __init__(self, decoder: Decoder, styles: Tensor) -> None:
        self.decoder, self.styles = decoder, styles

    def conv(self, x: Tensor, place: str, stride: int = 1, padding: int | None = None, dilation: int = 1) -> Tensor:
        weight, bias = self.decoder.of(place)
        if padding is None:
            padding = dilation * (weight.shape[2] - 1) // 2
        return F.conv1d(x, weight, bias, stride, padding, dilation)

    def upsample(self, x: Tensor, place: str, rate: int) -> Tensor:
        weight, bias = self.decoder.of(place)
        return F.conv_transpose1d(x, weight, bias, rate, (weight.shape[2] - rate) // 2)

    def double(self, x: Tensor, place: str) -> Tensor:
        weight, bias = self.decoder.of(place)
        return F.conv_transpose1d(x, weight, bias, 2, 1, 1, groups=x.shape[1])

    def adain(self, x: Tensor, place: str) -> Tensor:
        weight, bias = self.decoder.of(f"{place}/fc")
        gamma, beta = F.linear(self.styles[:, self.decoder.layers[place]], weight, bias)[..., None].chunk(2, 1)
        return (1 + gamma) * F.instance_norm(x) + beta

    def snake(self, x: Tensor, place: str) -> Tensor:
        alpha = self.decoder.buffer(place)
        return x + torch.sin(alpha * x) ** 2 / alpha

    def leaky(self, x: Tensor, slope: float) -> Tensor:
        return F.leaky_relu(x, slope)

    def add(self, a: Tensor, b: Tensor) -> Tensor:
        return a + b

    def scale(self, x: Tensor, factor: float) -> Tensor:
        return x * factor

    def concat(self, parts: Sequence[Tensor]) -> Tensor:
        return torch.cat(list(parts), 1)

    def repeat2(self, x: Tensor) -> Tensor:
        return F.interpolate(x, scale_factor=2.0)

    def mirror_first(self, x: Tensor) -> Tensor:
        return F.pad(x, (1, 0), "reflect")


class Decoder(torch.nn.Module):
    """Weights are frozen; half the work is done in bfloat16, where processors are quick."""

    def __init__(self, models: Path, half: bool = True) -> None:
        super().__init__()
        model = onnx.load(models / "decoder.onnx")
        for name, values in float_weights(model.graph).items():
            self.register_buffer(name.replace(".", "·"), torch.tensor(values))
        self.half = half
        self.layers = {name: i for i, name in enumerate(layer_names())}
        pitch = onnx.helper.make_tensor_value_info(PITCH, onnx.TensorProto.FLOAT, [1, "F"])
        source = cut(model, [pitch], [SOURCE])
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        self._source = ort.InferenceSession(source.SerializeToString(), options, providers=["CPUExecutionProvider"])

    def source(self, pitch: np.ndarray) -> Tensor:
        """Return [22, 120 frames + 1] for the pitch [2 frames] of one crop."""
        found = np.asarray(self._source.run(None, {PITCH: pitch[None].astype(np.float32)})[0])
        return torch.tensor(found[0])

    def forward(self, text: Tensor, pitch: Tensor, energy: Tensor, source: Tensor, styles: Tensor) -> Tensor:
        """text [B, 512, T], pitch and energy [B, 2T], source [B, 22, 120T + 1], styles [B, 58, 128] → [B, 600T]."""
        with torch.autocast(text.device.type, torch.bfloat16, enabled=self.half):
            layers = _TorchLayers(self, styles)
            spectrum = decoder_spectrum(layers, text, pitch[:, None], energy[:, None], source).float()
        magnitude, phase = torch.exp(spectrum[:, :BINS]), torch.sin(spectrum[:, BINS:])
        window = torch.hann_window(WINDOW, device=text.device)
        return torch.istft(torch.polar(magnitude, phase), WINDOW, HOP, WINDOW, window)

    def buffer(self, name: str) -> Tensor:
        """Return weights by their name in the graph; PyTorch allows no dots in names."""
        return getattr(self, name.replace(".", "·"))

    def of(self, place: str) -> tuple[Tensor, Tensor | None]:
        """Return weight and bias of a layer."""
        return self.buffer(f"{place}.weight"), getattr(self, f"{place}.bias".replace(".", "·"), None)


def main(models: Path) -> None:
    """Speak random features by both decoders, each layer with a style of its own, and print how near they are."""
    rng, frames = np.random.default_rng(0), 60
    pack = np.load(models / "voices.npz")["af_heart"][100, :128]
    styles = (pack + 0.1 * rng.normal(size=(58, 128))).astype(np.float32)
    feeds = {
        DECODER_FRAMES: np.repeat(rng.normal(size=(1, 512, frames // 6)) * 0.3, 6, axis=2).astype(np.float32),
        PITCH: np.where(np.arange(2 * frames) % 40 < 30, 180, 0)[None].astype(np.float32),
        ENERGY: np.full((1, 2 * frames), -1.0, np.float32),
        STYLES: styles,
    }
    product = ort.InferenceSession(str(models / "decoder.onnx"), providers=["CPUExecutionProvider"])
    theirs = np.asarray(product.run(None, feeds)[0]).ravel()
    for label, order in (("same order", np.arange(58)), ("order reversed", np.arange(58)[::-1])):
        for half in (False, True):
            model = Decoder(models, half)
            given = [torch.tensor(feeds[k]) for k in (DECODER_FRAMES, PITCH, ENERGY)]
            source = model.source(feeds[PITCH][0])[None]
            with torch.no_grad():
                ours = model(*given, source, torch.tensor(styles[order].copy())[None]).numpy().ravel()
            size = min(len(ours), len(theirs))
            spectra = [np.abs(np.fft.rfft(y[:size].reshape(-1, 600) * np.hanning(600))) for y in (ours, theirs)]
            off = np.mean(np.abs(20 * np.log10((spectra[0] + 1e-2) / (spectra[1] + 1e-2))))
            alike = np.corrcoef(ours[:size], theirs[:size])[0, 1]
            print(
                f"{label}, {'bfloat16' if half else 'float32'}: spectra off by {off:.2f} dB, samples alike {alike:.3f}"
            )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
