"""Prepare real speech for training: words, timing, pitch and energy of each clip, as the decoder takes them.

    transcript ─g2p─▶ phonemes ─small reader─▶ speech with known durations ─DTW─▶ first timing ─Viterbi─▶ timing

The small reader is `hibari-tts`, which was distilled from Kokoro: it speaks the same symbols, a hundred times faster
than real time, and its durations run ahead of the sound by as much as Kokoro's do.  One Gaussian for each symbol,
estimated from the first timing of all clips, then settles the timing of each (twice).

usage: python prepare.py SPEAKERS_DIR MODELS/text.onnx OUT_DIR SYMBOLS.npz
Writes the Gaussians to SYMBOLS.npz (the package ships them as weights/symbols.npz; validation speakers are left out
of them) and OUT_DIR/<folder>_<clip>.npz: ids, frames (25 ms each), text [512, symbols], pitch and energy (two a frame), speech
(24 kHz, denoised, levelled), and the speaker.  Test speakers are left out.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
import soxr
from hibari import Hibari
from split import speaker_of, test_speakers, validation_speakers

from voicechanger.tts.audio.canonical import read_canonical
from voicechanger.tts.cloning import reference as voice_reference
from voicechanger.tts.cloning import signal as voice_signal
from voicechanger.tts.cloning.autodiff.alignment import Symbols, cepstra, first_timing, viterbi_realign
from voicechanger.tts.cloning.autodiff.example import energy
from voicechanger.tts.kokoro.vocabulary import SYMBOLS

RATE, FRAME = 24_000, 600
LEVEL = 0.05
"""Root mean square of the speech that the model makes."""
_DUR = "/Clip_output_0"
_T_EN = "/encoder/text_encoder/Transpose_2_output_0"


@dataclass
class Clip:
    name: str
    speaker: str
    ids: list[int]
    speech: np.ndarray
    features: np.ndarray
    frames: np.ndarray


def reader() -> Hibari:
    """The small reader, its durations laid open."""
    import onnx

    tts = Hibari()
    model = onnx.load(tts.model_path)
    model.graph.output.append(onnx.helper.make_tensor_value_info(_DUR, onnx.TensorProto.FLOAT, None))
    tts.sess = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return tts


def read(tts: Hibari, ids: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """Speech at 24 kHz and the end of each symbol in frames of 12.5 ms."""
    from hibari import dsp

    feeds = {"ids": np.array([ids]), "speed": np.ones(1, np.float32)}
    *parts, durations = map(np.asarray, tts.sess.run(None, feeds))
    synth: Any = dsp.synth
    speech = synth(*(p[0] for p in parts), np.random.default_rng(0))
    return speech, 2 * np.cumsum(np.asarray(durations).ravel())


def first(tts: Hibari, ids: list[int], heard: np.ndarray) -> np.ndarray:
    """Frames (25 ms) of each symbol, by warping the small reader's speech onto the recording."""
    speech, ends = read(tts, ids)
    own = cepstra(soxr.resample(speech, RATE, 16_000).astype(np.float32))
    return first_timing(own, ends.astype(np.int64), heard)


def halves(features: np.ndarray) -> np.ndarray:
    n = len(features) // 2
    return features[: 2 * n].reshape(n, 2, -1).mean(1)


def estimate(clips: list[Clip], symbols: int = 178) -> Symbols:
    """Mean, variance and mean duration of each symbol; rare ones shrink to the mean of all."""
    size = halves(clips[0].features).shape[1]
    total, square, count, spoken = (
        np.zeros((symbols, size)),
        np.zeros((symbols, size)),
        np.zeros(symbols),
        np.zeros(symbols),
    )
    for clip in clips:
        x = halves(clip.features)
        at = np.repeat(clip.ids, clip.frames)[: len(x)]
        x = x[: len(at)]
        np.add.at(total, at, x)
        np.add.at(square, at, x**2)
        np.add.at(count, at, 1)
        np.add.at(spoken, np.array(clip.ids), 1)
    grand, spread = total.sum(0) / count.sum(), square.sum(0) / count.sum()
    mean = (total + 20 * grand) / (count[:, None] + 20)
    var = np.maximum((square + 20 * spread) / (count[:, None] + 20) - mean**2, 0.05)
    length = np.maximum(count, 1) / np.maximum(spoken, 1)
    return Symbols(*(part.astype(np.float32) for part in (mean, var, length)))


def load(path: Path, words: str, tts: Hibari) -> Clip | None:
    x, rate = read_canonical(path)
    x = voice_reference.denoise(x)
    phonemes = tts.g2p(words.lower() if words.isupper() else words)
    ids = [0, *[SYMBOLS[c] for c in phonemes if c in SYMBOLS], 0]
    x = x[: len(x) // 400 * 400]
    features = cepstra(x if rate == 16_000 else soxr.resample(x, rate, 16_000).astype(np.float32))
    if not 10 < len(ids) < 500 or len(ids) > len(x) / 400 * 0.9:
        return None
    features = features[: 2 * (len(x) // 400)]
    speech = soxr.resample(x, rate, RATE).astype(np.float32)
    loud = np.abs(speech) > 0.02 * np.abs(speech).max()
    speech *= LEVEL / np.sqrt(np.mean(speech[loud] ** 2))
    name = f"{path.parent.name}_{path.stem}"
    return Clip(name, speaker_of(str(path)), ids, speech, features, first(tts, ids, features))


def main(speakers: Path, cut_a: str, out: Path, symbols_path: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    tts, away, clips = reader(), test_speakers(), []
    for row in (speakers / "transcripts.tsv").read_text().strip().split("\n"):
        file, words = row.split("\t")[:2]
        if speaker_of(file) not in away:
            clip = load(speakers / file, words, tts)
            clips += [clip] if clip else []
            if len(clips) % 50 == 0:
                print(len(clips), flush=True)
    listed = [c for c in clips if c.speaker not in validation_speakers()]
    for _ in range(2):
        symbols = estimate(listed)
        settled = [viterbi_realign(c.features, np.array(c.ids), c.frames, symbols) for c in clips]
        moved = [np.abs(np.cumsum(c.frames) - np.cumsum(f)).mean() for c, f in zip(clips, settled, strict=True)]
        for clip, frames in zip(clips, settled, strict=True):
            clip.frames = frames
        print("timing moved by", np.mean(moved), "frames of 25 ms", flush=True)
    symbols = estimate(listed)
    np.savez(symbols_path, mean=symbols.mean, variance=symbols.variance, length=symbols.length)
    session = ort.InferenceSession(cut_a, providers=["CPUExecutionProvider"])
    for clip in clips:
        feeds = {"tokens": np.array([clip.ids]), "style": np.zeros((1, 256), np.float32)}
        text = np.asarray(session.run([_T_EN], feeds)[0])[0]
        n = int(clip.frames.sum())
        speech = np.pad(clip.speech, (0, max(0, n * FRAME - len(clip.speech))))[: n * FRAME]
        pitch = voice_signal.pitch(soxr.resample(speech, RATE, 16_000).astype(np.float32), voiced=0.35)
        np.savez(
            out / f"{clip.name}.npz",
            ids=clip.ids,
            frames=clip.frames,
            text=text.astype(np.float16),
            pitch=np.pad(pitch, (0, 2))[: 2 * n],
            energy=energy(speech)[: 2 * n],
            speech=speech.astype(np.float16),
            speaker=clip.speaker,
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], *map(Path, sys.argv[3:5]))
