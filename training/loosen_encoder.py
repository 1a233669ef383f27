"""The encoder of the loosened decoder: that of the product, with the embedding of CAM++ and a hidden layer added."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor
from torch.nn import functional as F

from voicechanger.tts.cloning.encoder import FEATURES, STATISTICS

LAYERS, EMBEDDING = 58, 192
CAM_AXES, HIDDEN = 160, 128


def discriminant(x: np.ndarray, who: np.ndarray, count: int, shrink: float = 0.3) -> np.ndarray:
    """Return [numbers, count]: the axes of a linear discriminant, scaled to a spread of 1 or more over the speakers."""
    _, of_who = np.unique(who, return_inverse=True)
    sums = np.zeros((of_who.max() + 1, x.shape[1]))
    np.add.at(sums, of_who, x)
    means = sums / np.bincount(of_who)[:, None]
    within = np.cov((x - means[of_who]).T)
    within = (1 - shrink) * within + shrink * np.diag(np.diag(within)) + 0.01 * np.eye(len(within))
    root = np.linalg.inv(np.linalg.cholesky(within))
    values, vectors = np.linalg.eigh(root @ np.cov(means.T) @ root.T)
    axes = (root.T @ vectors)[:, ::-1][:, :count]
    return axes / (means @ axes).std(0) * (np.maximum(values[::-1][:count], 1e-6) / values[-1]) ** 0.25


def in_bytes(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows of a matrix as bytes and the factor of each row; the error is 1 % of the offsets."""
    scale = np.abs(x).max(1, keepdims=True) / 127 + 1e-12
    return np.round(x / scale).astype(np.int8), scale.astype(np.float32)


class LooseEncoder(torch.nn.Module):
    """From 850 features to the style of each layer: starts as `offsets-2`, with CAM++'s axes and a small hidden layer added."""

    def __init__(self, start: Path, features: np.ndarray, who: np.ndarray) -> None:
        super().__init__()
        base = {i.name: numpy_helper.to_array(i).astype(np.float32) for i in onnx.load(start).graph.initializer}
        for name in ("mean", "spread", "weights", "centre", "axes", "origin", "common"):
            self.register_buffer(f"base_{name}", torch.tensor(base[name].copy()))
        self.register_buffer("first_layers", torch.tensor(base["layers"].copy()))
        scaled = features[:, FEATURES:] / np.linalg.norm(features[:, FEATURES:], axis=1, keepdims=True) * EMBEDDING**0.5
        mean, spread = scaled.mean(0), scaled.std(0) + 1e-3
        axes = discriminant((scaled - mean) / spread, who, CAM_AXES)
        for name, value in (("mean", mean), ("spread", spread), ("axes", axes)):
            self.register_buffer(f"cam_{name}", torch.tensor(value, dtype=torch.float32))
        known = len(base["layers"])
        self.hidden = torch.nn.Linear(known + CAM_AXES, HIDDEN)
        layers = np.concatenate([base["layers"], np.zeros((CAM_AXES + HIDDEN, LAYERS * 128), np.float32)])
        self.layers = torch.nn.Parameter(torch.tensor(layers))
        self.folders = torch.nn.Parameter(torch.zeros(2, LAYERS, 128))
        self.gain = torch.nn.Parameter(torch.zeros(2))

    def positions(self, f: Tensor) -> tuple[Tensor, Tensor]:
        """Return the positions on the axes of `offsets-2` and on those of CAM++."""
        old = torch.clamp(f[:, :FEATURES] @ self.base_axes - self.base_origin, -6, 6)
        embedding = F.normalize(f[:, FEATURES:], dim=1) * EMBEDDING**0.5
        return old, torch.clamp(((embedding - self.cam_mean) / self.cam_spread) @ self.cam_axes, -4, 4)

    def base(self, f: Tensor) -> Tensor:
        z = torch.clamp((f[:, :STATISTICS] - self.base_mean) / self.base_spread, -4, 4)
        return (self.base_centre + z @ self.base_weights)[:, None] + self.base_common.reshape(1, LAYERS, 128)

    def forward(self, f: Tensor) -> tuple[Tensor, Tensor]:
        """Return styles [B, 58, 128] and the speaker's offsets in them."""
        old, cam = self.positions(f)
        if self.training:
            old, cam = (x + 0.1 * torch.randn_like(x) for x in (old, F.dropout(cam, 0.1)))
        both = torch.cat([old, cam], 1)
        h = torch.cat([both, F.gelu(self.hidden(both))], 1)
        offsets = (h @ self.layers).reshape(-1, LAYERS, 128)
        return self.base(f) + offsets, offsets

    def first(self, f: Tensor) -> Tensor:
        """Return the styles of `offsets-2`, from which this encoder starts."""
        return self.base(f) + (self.positions(f)[0] @ self.first_layers).reshape(-1, LAYERS, 128)
