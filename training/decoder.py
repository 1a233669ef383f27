"""The product's decoder (cut C) rebuilt in PyTorch, with gradients, from the int8 graph in the model folder.

    text features, pitch, energy, one style a layer ─▶ speech at 24 kHz

Every weight is read from `decoder.onnx` and turned back into floats; only the rounding of activations is missing.  The
harmonic source depends on pitch alone and needs no gradient, so that part of the graph is run as it is.

usage: python training/decoder.py MODELS_DIR     says how near both decoders are, layer order included
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import torch
from torch import Tensor
from torch.nn import functional as F

from voicechanger.tts.cloning.autodiff.decoder_gradient import SOURCE
from voicechanger.tts.cloning.autodiff.weights import float_weights
from voicechanger.tts.kokoro.graph import DECODER_FRAMES, ENERGY, PITCH, STYLES, cut, layer_names

DILATIONS = (1, 3, 5)
KERNELS = (3, 7, 11)


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
        """[22, 120 frames + 1] for the pitch [2 frames] of one crop."""
        return torch.tensor(self._source.run(None, {PITCH: pitch[None].astype(np.float32)})[0][0])

    def forward(self, text: Tensor, pitch: Tensor, energy: Tensor, source: Tensor, styles: Tensor) -> Tensor:
        """text [B, 512, T], pitch and energy [B, 2T], source [B, 22, 120T + 1], styles [B, 58, 128] → [B, 600T]."""
        with torch.autocast(text.device.type, torch.bfloat16, enabled=self.half):
            f0 = self.conv(pitch[:, None], "F0_conv", stride=2, padding=1)
            n = self.conv(energy[:, None], "N_conv", stride=2, padding=1)
            x = self.block(torch.cat([text, f0, n], 1), "encode", styles)
            short = self.conv(text, "asr_res.0")
            for i in range(4):
                x = self.block(torch.cat([x, short, f0, n], 1), f"decode.{i}", styles)
            spectrum = self.generator(x, source, styles).float()
        magnitude, phase = torch.exp(spectrum[:, :11]), torch.sin(spectrum[:, 11:])
        window = torch.hann_window(20, device=text.device)
        return torch.istft(torch.polar(magnitude, phase), 20, 5, 20, window)

    def generator(self, x: Tensor, source: Tensor, styles: Tensor) -> Tensor:
        for i, (rate, stride) in enumerate(((10, 6), (6, 1))):
            x = F.leaky_relu(x, 0.1)
            noise = self.conv(source, f"generator/noise_convs.{i}", stride=stride, padding=3 if i == 0 else 0)
            noise = self.snakes(noise, f"generator/noise_res.{i}", styles)
            weight, bias = self.of(f"generator/ups.{i}")
            x = F.conv_transpose1d(x, weight, bias, rate, (weight.shape[2] - rate) // 2)
            if i == 1:
                x = F.pad(x, (1, 0), "reflect")
            x = x + noise
            x = sum(self.snakes(x, f"generator/resblocks.{3 * i + j}", styles) for j in range(3)) / 3
        return self.conv(F.leaky_relu(x, 0.01), "generator/conv_post", padding=3)

    def snakes(self, x: Tensor, place: str, styles: Tensor) -> Tensor:
        for i, dilation in enumerate(DILATIONS):
            y = x
            for n, d in ((1, dilation), (2, 1)):
                y = self.adain(y, f"{place}/adain{n}.{i}", styles)
                alpha = getattr(self, f"{place}/alpha{n}.{i}".replace(".", "·"))
                y = y + torch.sin(alpha * y) ** 2 / alpha
                width = self.of(f"{place}/convs{n}.{i}")[0].shape[2]
                y = self.conv(y, f"{place}/convs{n}.{i}", padding=d * (width - 1) // 2, dilation=d)
            x = x + y
        return x

    def block(self, x: Tensor, place: str, styles: Tensor) -> Tensor:
        y = F.leaky_relu(self.adain(x, f"{place}/norm1", styles), 0.2)
        if place == "decode.3":
            weight, bias = self.of(f"{place}/pool")
            y = F.conv_transpose1d(y, weight, bias, 2, 1, 1, groups=y.shape[1])
            x = F.interpolate(x, scale_factor=2.0)
        y = self.conv(y, f"{place}/conv1", padding=1)
        y = self.conv(F.leaky_relu(self.adain(y, f"{place}/norm2", styles), 0.2), f"{place}/conv2", padding=1)
        return (y + self.conv(x, f"{place}/conv1x1")) * 0.5**0.5

    def adain(self, x: Tensor, place: str, styles: Tensor) -> Tensor:
        weight, bias = self.of(f"{place}/fc")
        gamma, beta = F.linear(styles[:, self.layers[place]], weight, bias)[..., None].chunk(2, 1)
        return (1 + gamma) * F.instance_norm(x) + beta

    def conv(self, x: Tensor, place: str, stride: int = 1, padding: int = 0, dilation: int = 1) -> Tensor:
        weight, bias = self.of(place)
        return F.conv1d(x, weight, bias, stride, padding, dilation)

    def of(self, place: str) -> tuple[Tensor, Tensor | None]:
        bias = f"{place}.bias".replace(".", "·")
        return getattr(self, f"{place}.weight".replace(".", "·")), getattr(self, bias, None)


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
    theirs = product.run(None, feeds)[0].ravel()
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
