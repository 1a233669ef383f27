"""Begin training on new features where training on others ended: the nearest map, by least squares over the training clips.

usage: PYTHONPATH=src:training python training/carry.py OLD_FEATURES.npz OLD.pt FEATURES.npz RIDGE.onnx OUT.pt
The clips of both files of features are matched by name; those that are in only one are left out.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import torch
from train import Encoder

SMALL = 0.02
"""Of the axes' mean square: what keeps the solution small along axes that the old features did not know."""


def clean_means(feats: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Each clip's place on the axes, over its clean parts."""
    places = np.clip(((feats["F"] - feats["mean"]) / feats["std"]) @ feats["axes"], -6, 6)
    names, clean = feats["clips"], feats["clean"]
    return {str(n): places[(names == n) & clean].mean(0) for n in np.unique(names[clean])}


def main(old_features: Path, old: Path, features: Path, ridge: Path, out: Path) -> None:
    before, after = (dict(np.load(p)) for p in (old_features, features))
    saved = torch.load(old, map_location="cpu")
    encoder = Encoder(after, ridge)
    old_places, places = clean_means(before), clean_means(after)
    shared = sorted(old_places.keys() & places.keys())
    x = np.array([places[n] for n in shared])
    wanted = np.array([old_places[n] for n in shared]) @ saved["average"]["layers"].numpy()
    gram = x.T @ x
    layers = np.linalg.solve(gram + SMALL * np.trace(gram) / len(gram) * np.eye(len(gram)), x.T @ wanted)
    print(
        f"{len(shared)} clips, {1 - np.square(x @ layers - wanted).sum() / np.square(wanted).sum():.3f} of the offsets"
    )
    state = encoder.state_dict()
    state["layers"] = torch.tensor(layers, dtype=torch.float32)
    for name in ("folders", "gain"):
        state[name] = saved["average"][name]
    torch.save({"encoder": state, "average": state, "step": saved["step"]}, out)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:6]))
