"""Pack the training data into a few small files, and gather crops from it in the memory of the GPU.

usage: PYTHONPATH=src:training python training/loosen_corpus.py PREPARED_DIR ROWS_DIR STOCK.npz MODELS_DIR OUT_DIR
Writes corpus.npz (words, timing, pitch, energy, features), words.onnx (the model's text encoder), stock.npz and one FLAC of all
speech of each folder, 16 kHz at 12 bits (their noise is 20 dB below the floor of the log mels).
"""

from __future__ import annotations

import shutil
import sys
from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from multiprocessing.pool import ThreadPool
from pathlib import Path

import numpy as np
import onnx
import soundfile as sf
import soxr
import torch
from split import validation_speakers
from torch import Tensor

from voicechanger.tts.kokoro.graph import DECODER_TEXT, cut

RATE, FRAME = 24_000, 600
STEP = 2**-11
"""Of the stored speech."""
FOLDERS = ("librispeech", "speechocean")
LOUDER = 1.7
"""From the level of `prepare_speech` to that of the model's speech."""
ENERGY_SHIFT = 2 * np.log(LOUDER) - 0.45
"""As in train.py."""
WARPS = (1.0, 0.9, 1.1)


def pack(prepared: Path, rows: Path, stock: Path, models: Path, out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    flat: dict[str, list[np.ndarray]] = defaultdict(list)
    table: dict[str, list] = defaultdict(list)
    sound: dict[str, list[np.ndarray]] = defaultdict(list)
    for number, path in enumerate(sorted(prepared.glob("*.npz"))):
        clip = dict(np.load(path))
        folder = path.stem.split("_")[0]
        x = soxr.resample(clip["speech"].astype(np.float32), RATE, 16_000)
        sound[folder].append(np.round(x / STEP) * STEP)
        table["name"].append(path.stem)
        table["speaker"].append(str(clip["speaker"]))
        table["symbols"].append(len(clip["ids"]))
        table["samples"].append(len(x))
        for key, kind in (("ids", np.uint8), ("frames", np.uint16), ("pitch", np.float16), ("energy", np.float16)):
            flat[key].append(clip[key].astype(kind))
        for file in sorted(rows.glob(f"{path.stem}_*.npz")):
            found = dict(np.load(file))
            table["row"].append(found["F"].astype(np.float16))
            table["row_clip"].append(np.full(len(found["F"]), number))
            for key in ("start", "stop", "clean", "warp"):
                table[f"row_{key}"].append(found[key])
    arrays = {k: np.concatenate(v) for k, v in flat.items()}
    arrays |= {k: np.concatenate(v) if k.startswith("row") else np.array(v) for k, v in table.items()}
    np.savez_compressed(out / "corpus.npz", allow_pickle=False, **arrays)
    for folder, parts in sound.items():
        sf.write(out / f"{folder}.flac", np.concatenate(parts), 16_000, subtype="PCM_16")
    tokens = onnx.helper.make_tensor_value_info("tokens", onnx.TensorProto.INT64, [1, "L"])
    onnx.save(cut(onnx.load(models / "text.onnx"), [tokens], [DECODER_TEXT]), out / "words.onnx")
    shutil.copy(stock, out / "stock.npz")
    print({k: v.shape for k, v in arrays.items()}, {p.name: p.stat().st_size for p in out.iterdir()})


@lru_cache(maxsize=4)
def _low_pass(up: int, down: int) -> Tensor:
    """Return a windowed sinc that passes what both rates can represent."""
    half = 24 * max(up, down)
    at = np.arange(-half, half + 1)
    kernel = np.sinc(at / max(up, down)) * np.hanning(len(at))
    return torch.tensor(up * kernel / kernel.sum(), dtype=torch.float32)[None, None]


def resampled(x: Tensor, warp: float) -> Tensor:
    """Resample 16 kHz to 24 kHz, at `warp` times the speed."""
    ratio = Fraction(3, 2) / Fraction(str(warp))
    up, down = ratio.numerator, ratio.denominator
    kernel = _low_pass(up, down).to(x.device)
    spread = torch.nn.functional.pad(x[:, None], (0, up - 1)).reshape(1, 1, -1)
    return torch.nn.functional.conv1d(spread, kernel, stride=down, padding=kernel.shape[-1] // 2)[0, 0]


def moved(values: np.ndarray, warp: float, size: int) -> np.ndarray:
    """Resample a curve of two values a frame to another speed, by the nearest old value."""
    at = np.minimum(((np.arange(size) + 0.5) * warp).astype(int), len(values) - 1)
    return values[at].astype(np.float32)


@dataclass
class Segment:
    """One clip at one speed, or one item of a stock voice."""

    speaker: int
    """-1 for stock."""
    clip: int
    first: int
    """Frame in the flat arrays."""
    frames: int
    starts: np.ndarray
    """Its frames at which a crop may begin."""


class Corpus:
    """Flat tensors on one device, from which crops are gathered."""

    def __init__(
        self, folder: Path, frames: int, device: str, folders: tuple[str, ...] = FOLDERS, threads: int = 1
    ) -> None:
        self.frames, self.device = frames, device
        self.data, self.stock = dict(np.load(folder / "corpus.npz")), dict(np.load(folder / "stock.npz"))
        self.text: list[Tensor] = []
        self.places: list[np.ndarray] = []
        self.curves: dict[str, list[np.ndarray]] = {"pitch": [], "energy": []}
        self.speech: list[Tensor] = []
        self.total = self.symbols = 0
        self.segments: list[Segment] = []
        kept = set(validation_speakers())
        self.speakers: list[str] = []
        """`folder/name@speed`, training speakers first."""
        self._names(kept, folders)
        self._real(folder, folders, kept, threads)
        self.real = len(self.segments)
        self._stock(folder, threads)
        self._close()
        self._rows()

    def _names(self, kept: set[str], folders: tuple[str, ...]) -> None:
        d = self.data
        known = [s for s in dict.fromkeys(d["speaker"]) if s.split("/")[0] in folders]
        here = {(d["speaker"][c], w) for c, w in zip(d["row_clip"], d["row_warp"], strict=True)}
        trained = [f"{s}@{w}" for w in WARPS for s in known if s not in kept and (s, w) in here]
        self.trained = len(trained)
        self.speakers = trained + [f"{s}@1.0" for s in known if s in kept and (s, 1.0) in here]
        self.number = {name: i for i, name in enumerate(self.speakers)}

    def _words(self, folder: Path, all_ids: list[np.ndarray], threads: int) -> list[Tensor]:
        """Return [symbols, 512] for each."""
        import onnxruntime as ort

        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        session = ort.InferenceSession(str(folder / "words.onnx"), options, providers=["CPUExecutionProvider"])
        run = lambda ids: session.run([DECODER_TEXT], {"tokens": ids.astype(np.int64)[None]})[0]  # noqa: E731
        read = lambda ids: np.asarray(run(ids))[0].T  # noqa: E731
        with ThreadPool(threads) as pool:
            return [torch.tensor(x, dtype=torch.float16) for x in pool.map(read, all_ids)]

    def _real(self, folder: Path, folders: tuple[str, ...], kept: set[str], threads: int) -> None:
        d = self.data
        ids = np.split(d["ids"], np.cumsum(d["symbols"])[:-1])
        frames = np.split(d["frames"].astype(int), np.cumsum(d["symbols"])[:-1])
        sizes = np.array([f.sum() for f in frames])
        curves = {k: np.split(d[k], 2 * np.cumsum(sizes)[:-1]) for k in ("pitch", "energy")}
        sound = self._sound(folder, folders)
        chosen = [i for i, s in enumerate(d["speaker"]) if s.split("/")[0] in folders]
        for i, text in zip(chosen, self._words(folder, [ids[i] for i in chosen], threads), strict=True):
            self.text.append(text)
            for warp in WARPS:
                name = f"{d['speaker'][i]}@{warp}"
                if name in self.number:
                    ends = np.round(np.cumsum(frames[i]) / warp).astype(int)
                    place = np.repeat(np.arange(len(ends)), np.diff(ends, prepend=0))
                    pitch, energy = (moved(curves[k][i], warp, 2 * len(place)) for k in ("pitch", "energy"))
                    self._add(
                        self.number[name], i, place, warp * pitch, energy + ENERGY_SHIFT, self._starts(pitch, energy)
                    )
                    x = resampled(sound[i].to(self.device), warp)
                    want = FRAME * len(place)
                    self.speech.append(torch.nn.functional.pad(x, (0, max(0, want - len(x))))[:want].half())
            self.symbols += len(text)

    def _sound(self, folder: Path, folders: tuple[str, ...]) -> dict[int, Tensor]:
        found: dict[int, Tensor] = {}
        d = self.data
        for name in folders:
            of = [i for i, s in enumerate(d["speaker"]) if s.split("/")[0] == name]
            x = sf.read(folder / f"{name}.flac", dtype="float32")[0]
            parts = np.split(x, np.cumsum(d["samples"][of])[:-1])
            found |= {i: torch.tensor(part) for i, part in zip(of, parts, strict=True)}
        return found

    def _starts(self, pitch: np.ndarray, energy: np.ndarray) -> np.ndarray:
        """Return where a crop has enough voiced speech and few pauses."""
        n = 2 * self.frames
        if len(pitch) <= n:
            return np.zeros(0, int)
        share = lambda x: np.convolve(x, np.ones(n) / n, "valid")[::2]  # noqa: E731
        good = (share(pitch > 0) > 0.3) & (share(energy > np.percentile(energy, 40)) > 0.5)
        return np.flatnonzero(good)[:-1]

    def _stock(self, folder: Path, threads: int) -> None:
        s = self.stock
        ends = np.cumsum(s["lengths"])[:-1]
        ids, frames = np.split(s["ids"], ends), np.split(s["frames"].astype(int), ends)
        at = 0
        for i, (text, of) in enumerate(zip(self._words(folder, ids, threads), frames, strict=True)):
            self.text.append(text)
            place, n = np.repeat(np.arange(len(of)), of), 2 * int(of.sum())
            pitch, energy = (s[k][at : at + n].astype(np.float32) for k in ("pitch", "energy"))
            self._add(-1, i, place, pitch, energy, np.arange(max(0, len(place) - self.frames)))
            self.symbols, at = self.symbols + len(text), at + n

    def _add(
        self, speaker: int, clip: int, place: np.ndarray, pitch: np.ndarray, energy: np.ndarray, starts: np.ndarray
    ) -> None:
        self.segments.append(Segment(speaker, clip, self.total, len(place), starts))
        self.places.append(place + self.symbols)
        self.curves["pitch"].append(pitch.astype(np.float32))
        self.curves["energy"].append(energy.astype(np.float32))
        self.total += len(place)

    def _close(self) -> None:
        put = lambda x: torch.tensor(np.concatenate(x)).to(self.device)  # noqa: E731
        self.flat_text = torch.cat(self.text).to(self.device)
        self.flat_place, self.flat_pitch, self.flat_energy = (
            put(self.places),
            put(self.curves["pitch"]),
            put(self.curves["energy"]),
        )
        self.flat_speech = torch.cat(self.speech).to(self.device)
        self.styles = torch.tensor(self.stock["styles"].astype(np.float32)).to(self.device)
        self.text, self.speech, self.places = [], [], []
        self.of_speaker: dict[int, list[int]] = defaultdict(list)
        for i, segment in enumerate(self.segments[: self.real]):
            if len(segment.starts):
                self.of_speaker[segment.speaker].append(i)
        self.said = [i for i in range(self.real, len(self.segments)) if len(self.segments[i].starts)]
        self.english = [i for i in self.said if str(self.stock["voice"][self.segments[i].clip])[0] in "ab"]
        self.own = self.stock["own"]

    def _rows(self) -> None:
        d = self.data
        who = [self.number.get(f"{d['speaker'][c]}@{w}", -1) for c, w in zip(d["row_clip"], d["row_warp"], strict=True)]
        self.row_who = np.array(who)
        self.features = torch.tensor(d["row"].astype(np.float32)).to(self.device)
        self.rows: dict[int, np.ndarray] = {s: np.flatnonzero(self.row_who == s) for s in range(len(self.speakers))}
        embedding = torch.nn.functional.normalize(self.features[:, -192:], dim=1)
        clean = d["row_clean"]
        pick = lambda r: r[clean[r]] if clean[r].any() else r  # noqa: E731
        self.clean = {s: pick(r) for s, r in self.rows.items()}
        centre = [embedding[torch.tensor(self.clean[s])].mean(0) for s in range(len(self.speakers))]
        self.everybody = torch.nn.functional.normalize(torch.stack(centre), dim=1)
        self.folder = torch.tensor([int(s.startswith("speechocean")) for s in self.speakers]).to(self.device)
        self.pitch_of = np.array(
            [float(np.median(d["row"][self.clean[s]][:, 336].astype(np.float32))) for s in range(len(self.speakers))]
        )
        self.spread_of = np.array(
            [float(np.median(d["row"][self.clean[s]][:, 337].astype(np.float32))) for s in range(len(self.speakers))]
        )

    def row_for(self, speaker: int, segment: Segment, start: int, rng: np.random.Generator) -> int:
        """Return a row of another clip of the speaker, or of a part of this clip outside the crop."""
        rows = self.rows[speaker]
        middle = (start + self.frames / 2) / segment.frames
        d = self.data
        apart = rows[
            (d["row_clip"][rows] != segment.clip) | (d["row_start"][rows] > middle) | (d["row_stop"][rows] < middle)
        ]
        return int(rng.choice(apart if len(apart) else rows))

    def gather(self, segments: np.ndarray, starts: np.ndarray, frames: int = 0) -> dict[str, Tensor]:
        """Return crops of `frames`; the speech of stock items is silence."""
        n = frames or self.frames
        first = np.array([self.segments[i].first for i in segments]) + starts
        first = torch.tensor(first).to(self.device)[:, None]
        at = first + torch.arange(n, device=self.device)
        curve = 2 * first + torch.arange(2 * n, device=self.device)
        sample = FRAME * first + torch.arange(FRAME * n, device=self.device)
        real = first < len(self.flat_speech) // FRAME
        speech = self.flat_speech[torch.clamp(sample, max=len(self.flat_speech) - 1)].float() * real
        return {
            "text": self.flat_text[self.flat_place[at]].float().transpose(1, 2),
            "pitch": self.flat_pitch[curve],
            "energy": self.flat_energy[curve],
            "speech": LOUDER * speech,
        }


if __name__ == "__main__":
    pack(*map(Path, sys.argv[1:6]))
