"""Prepare real speech for training: words, timing, pitch and energy of each clip, as the decoder takes them.

    transcript ─g2p─▶ phonemes ─small reader─▶ speech with known durations ─DTW─▶ first timing ─Viterbi─▶ timing

The small reader is `hibari-tts`, which was distilled from Kokoro: it speaks the same symbols, a hundred times faster
than real time, and its durations run ahead of the sound by as much as Kokoro's do.  One Gaussian for each symbol,
estimated from the first timing of all clips, then settles the timing of each (twice).

usage: python prepare.py SPEAKERS_DIR KOKORO_A.onnx VOCAB.json OUT_DIR
Writes OUT_DIR/<folder>_<clip>.npz: ids, frames (25 ms each), text [512, symbols], pitch and energy (two a frame), speech
(24 kHz, denoised, levelled), and the speaker.  Held-out speakers are left out.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path

import librosa
import numpy as np
import onnxruntime as ort
import soundfile as sf
import soxr
from hibari import Hibari
from scipy import fft
from split import heldout, speaker_of

from voicechanger.inference.kokoro import voice_reference, voice_signal

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
    *parts, durations = tts.sess.run(None, feeds)
    speech = dsp.synth(*(p[0] for p in parts), np.random.default_rng(0))
    return speech, 2 * np.cumsum(np.asarray(durations).ravel())


def cepstra(x: np.ndarray, rate: int) -> np.ndarray:
    """[frames of 12.5 ms, 39]: 13 cepstra without the level, with slopes, normalised over the clip."""
    x = x if rate == 16_000 else soxr.resample(x, rate, 16_000)
    c = fft.dct(voice_signal.log_mels(x.astype(np.float32), 40), norm="ortho")[:, 0:14]
    slope = librosa.feature.delta(c, width=5, axis=0)
    c = np.concatenate([c, slope], 1)
    return ((c - c.mean(0)) / (c.std(0) + 1e-6)).astype(np.float32)


def first_timing(tts: Hibari, ids: list[int], features: np.ndarray) -> np.ndarray:
    """Frames (25 ms) of each symbol, by warping the small reader's speech onto the recording."""
    speech, ends = read(tts, ids)
    own = cepstra(speech, RATE)
    band = 0.25 + abs(len(own) - len(features)) / max(len(own), len(features))
    path = librosa.sequence.dtw(own.T, features.T, metric="cosine", global_constraints=True, band_rad=min(band, 0.9))[1]
    place = np.zeros(len(own) + 1)
    for i, j in path[::-1]:
        place[int(i) + 1] = j + 1
    edges = place[np.minimum(ends.astype(int), len(own))]
    edges[-1] = len(features)
    return to_frames(edges, len(features))


def to_frames(edges: np.ndarray, total: int) -> np.ndarray:
    """Ends in frames of 12.5 ms → whole frames of 25 ms for each symbol, at least one each."""
    ends = np.round(edges / 2)
    ends[-1] = total // 2
    for i in range(len(ends)):
        ends[i] = max(ends[i], i + 1)
    for i in range(len(ends) - 2, -1, -1):
        ends[i] = min(ends[i], ends[i + 1] - 1)
    return np.diff(np.concatenate([[0], ends])).astype(int)


def halves(features: np.ndarray) -> np.ndarray:
    n = len(features) // 2
    return features[: 2 * n].reshape(n, 2, -1).mean(1)


def estimate(clips: list[Clip], symbols: int = 178) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
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
    return mean, var, np.maximum(count, 1) / np.maximum(spoken, 1)


def viterbi(clip: Clip, mean: np.ndarray, var: np.ndarray, length: np.ndarray, reach: int = 12) -> np.ndarray:
    """Frames of each symbol on the best path that stays within `reach` frames of the timing so far."""
    x, ids = halves(clip.features), np.array(clip.ids)
    n, m = len(x), len(ids)
    fit = -0.5 * (((x[:, None] - mean[ids][None]) ** 2) / var[ids][None] + np.log(var[ids])[None]).sum(2) * 0.4
    stay = np.log(np.clip(1 - 1 / np.maximum(length[ids], 1.05), 0.05, 0.98))
    leave = np.log(1 - np.exp(stay))
    ends = np.cumsum(clip.frames)
    begins = ends - clip.frames
    t = np.arange(n)[:, None]
    fit = np.where((t >= begins[None] - reach) & (t <= ends[None] + reach), fit, -1e6)
    score, back = np.full(m, -1e9), np.zeros((n, m), bool)
    score[0] = fit[0, 0]
    for k in range(1, n):
        hold, move = score + stay, np.concatenate([[-1e9], score[:-1] + leave[:-1]])
        back[k] = move > hold
        score = np.maximum(hold, move) + fit[k]
    frames, j = np.zeros(m, int), m - 1
    for k in range(n - 1, -1, -1):
        frames[j] += 1
        j -= int(back[k, j])
    return frames if frames.min() > 0 else clip.frames


def energy(x: np.ndarray) -> np.ndarray:
    """As Kokoro was trained: the logarithm of the norm over 80 mels (two a frame)."""
    mel = librosa.feature.melspectrogram(
        y=x, sr=16_000, n_fft=2048, win_length=1200, hop_length=300, n_mels=80, htk=True, norm=None, power=2.0
    )
    return np.log(np.linalg.norm(1e-5 + mel, axis=0)).astype(np.float32)


def load(path: Path, words: str, tts: Hibari, vocab: dict[str, int]) -> Clip | None:
    x, rate = sf.read(path, dtype="float32")
    x = voice_reference.denoise(x)
    phonemes = tts.g2p(words.lower() if words.isupper() else words)
    ids = [0, *[vocab[c] for c in phonemes if c in vocab], 0]
    x = x[: len(x) // 400 * 400]
    features = cepstra(x, rate)
    if not 10 < len(ids) < 500 or len(ids) > len(x) / 400 * 0.9:
        return None
    features = features[: 2 * (len(x) // 400)]
    speech = soxr.resample(x, rate, RATE).astype(np.float32)
    loud = np.abs(speech) > 0.02 * np.abs(speech).max()
    speech *= LEVEL / np.sqrt(np.mean(speech[loud] ** 2))
    name = f"{path.parent.name}_{path.stem}"
    return Clip(name, speaker_of(str(path)), ids, speech, features, first_timing(tts, ids, features))


def main(speakers: Path, cut_a: str, vocab_path: Path, out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    vocab = json.loads(vocab_path.read_text())["vocab"]
    tts, away, clips = reader(), heldout(), []
    for row in (speakers / "transcripts.tsv").read_text().strip().split("\n"):
        file, words = row.split("\t")[:2]
        if speaker_of(file) not in away:
            clip = load(speakers / file, words, tts, vocab)
            clips += [clip] if clip else []
            if len(clips) % 50 == 0:
                print(len(clips), flush=True)
    for _ in range(2):
        model = estimate(clips)
        moved = [np.abs(np.cumsum(c.frames) - np.cumsum(f)).mean() for c in clips for f in [viterbi(c, *model)]]
        for clip in clips:
            clip.frames = viterbi(clip, *model)
        print("timing moved by", np.mean(moved), "frames of 25 ms", flush=True)
    session = ort.InferenceSession(cut_a, providers=["CPUExecutionProvider"])
    for clip in clips:
        text = session.run([_T_EN], {"tokens": np.array([clip.ids]), "style": np.zeros((1, 256), np.float32)})[0][0]
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
    main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4]))
