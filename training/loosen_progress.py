"""Measurements during the training of `loosen.py`, on fixed sentences."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from loosen_decoder import snaked
from loosen_encoder import FEATURES, LAYERS
from loosen_losses import near
from loosen_trainer import Trainer
from torch import Tensor
from torch.nn import functional as F

from voicechanger.tts.cloning.ge2e import SpeakerNetwork


class Progress:
    """Clones of fixed sentences by validation speakers and as many training speakers: CAM++ (in the loss) and GE2E (in none)."""

    FRAMES = 200
    STOCK = 16

    def __init__(self, trainer: Trainer, models: Path, threads: int) -> None:
        self.t, self.network = trainer, SpeakerNetwork(models, threads)
        if trainer.settings.measured < 8:
            self.FRAMES, self.STOCK = trainer.settings.frames, 1
        b, c = trainer.batches, trainer.corpus
        usable = lambda s: len(c.clean[s]) > 1  # noqa: E731
        self.validation = [s for s in b.validation if usable(s)][: trainer.settings.measured]
        plain = [int(s) for s in b.trained if c.speakers[s].endswith("@1.0") and usable(int(s))]
        self.training = plain[:: max(1, len(plain) // max(1, len(self.validation)))][: len(self.validation)]
        self.long = [i for i in c.english if c.segments[i].frames > self.FRAMES]

    @torch.no_grad()
    def speech(self, speakers: list[int]) -> tuple[Tensor, list[int]]:
        """Return clones of the first clean row, and the last clean row to compare with."""
        c, b = self.t.corpus, self.t.batches
        segments = [
            self.long[
                int(
                    np.argmin(
                        [
                            abs(np.log(c.own[c.segments[i].clip][0] / b.target(s)[0])) + 0.2 * ((7 * n + i) % 5)
                            for i in self.long
                        ]
                    )
                )
            ]
            for n, s in enumerate(speakers)
        ]
        batch = c.gather(np.array(segments), np.zeros(len(segments), int), self.FRAMES)
        pitch = b.in_pitch(batch["pitch"], segments, np.array(speakers), 0)
        styles, _ = self.t.encoder(c.features[torch.tensor([int(c.clean[s][0]) for s in speakers]).to(c.device)])
        parts = [
            self.t.decoder.speak(
                batch["text"][i : i + 8], pitch[i : i + 8], batch["energy"][i : i + 8], styles[i : i + 8]
            )
            for i in range(0, len(speakers), 8)
        ]
        return torch.cat(parts), [int(c.clean[s][-1]) for s in speakers]

    @torch.no_grad()
    def __call__(self, judge: bool = True) -> dict[str, float]:
        """Return the measurements of the running means; GE2E only if `judge`."""
        self.t.swap()
        self.t.encoder.eval()
        quick, self.t.decoder.snaked = self.t.decoder.snaked, snaked
        c, found = self.t.corpus, {}
        for label, speakers in (("validation", self.validation), ("training", self.training)):
            y, other = self.speech(speakers)
            x = self.t.campplus.at_16k(y)
            embedded, real = self.t.campplus(x), c.features[torch.tensor(other).to(c.device)]
            mine = c.features[torch.tensor([int(c.clean[s][0]) for s in speakers]).to(c.device)]
            found[f"{label} CAM++"] = scaled(embedded, real[:, FEATURES:], mine[:, FEATURES:])
            if judge:
                levelled = [0.06 * v / v.std() for v in x.cpu().numpy()]
                ge2e = torch.tensor(np.array([self.network.embed(v.astype(np.float32)) for v in levelled])).to(c.device)
                found[f"{label} GE2E"] = scaled(ge2e, real[:, :256], mine[:, :256])
        found |= self.mel()
        self.t.decoder.snaked = quick
        self.t.swap()
        return {k: round(v, 3) for k, v in found.items()}

    def mel(self) -> dict[str, float]:
        """Return the log mel distance of validation crops, and that of stock voices to the unchanged decoder."""
        c, t, rng = self.t.corpus, self.t, np.random.default_rng(5)
        segments = [int(rng.choice(c.of_speaker[s])) for s in self.validation]
        starts = [int(rng.choice(c.segments[i].starts)) for i in segments]
        rows = [
            c.row_for(s, c.segments[i], at, rng) for s, i, at in zip(self.validation, segments, starts, strict=True)
        ]
        stock = [int(i) for i in rng.choice(c.said, self.STOCK)]
        b = c.gather(np.array(segments + stock), np.array(starts + [0] * self.STOCK))
        n, folder = len(segments), c.folder[torch.tensor(self.validation).to(c.device)]
        styles = t.encoder(c.features[torch.tensor(rows).to(c.device)])[0] + t.encoder.folders[folder]
        plain = c.styles[torch.tensor([c.segments[i].clip for i in stock]).to(c.device)]
        styles = torch.cat([styles, plain[:, None].expand(-1, LAYERS, -1)])
        energy = torch.cat([b["energy"][:n] + t.encoder.gain[folder][:, None], b["energy"][n:]])
        y = torch.cat(
            [
                t.decoder.speak(*(x[i : i + 8] for x in (b["text"], b["pitch"], energy, styles)))
                for i in range(0, len(energy), 8)
            ]
        )
        with t.decoder.unchanged():
            unchanged = t.decoder.speak(b["text"][n:], b["pitch"][n:], energy[n:], styles[n:])
        far = near(t.mels(y[:n]), t.mels(b["speech"][:n])).mean()
        return {"mel": float(far), "stock": float(near(t.all_mels(y[n:]), t.all_mels(unchanged)).mean())}


def scaled(embedded: Tensor, real: Tensor, mine: Tensor) -> float:
    """Return the scaled similarity: 0 as of strangers, 1 as of another part of the same speaker."""
    embedded, real, mine = (F.normalize(x.float(), dim=1) for x in (embedded, real, mine))
    table = mine @ real.T
    same, strangers = table.diag().mean(), table[~torch.eye(len(table), dtype=torch.bool, device=table.device)].mean()
    return float(((embedded * real).sum(1).mean() - strangers) / (same - strangers))
