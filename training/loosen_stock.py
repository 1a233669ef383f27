"""Inputs of the decoder for sentences of the stock voices, which the loosened decoder must speak as before.

English sentences from the training speakers' transcripts in all 28 English voices, our own sentences in the other languages
(stock voices of that language).  Clones speak the same English items with their own styles and pitch.

usage: PYTHONPATH=src:training python training/loosen_stock.py SPEAKERS_DIR MODELS_DIR OUT.npz
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from split import speaker_of, test_speakers, validation_speakers

from voicechanger.tts.errors import TextError
from voicechanger.tts.kokoro.network import Network
from voicechanger.tts.kokoro.prosody import pitch_statistics
from voicechanger.tts.kokoro.vocabulary import token_ids
from voicechanger.tts.text.script_writer import write_script

SENTENCES = {
    "e": ("es", "El tren sale a las ocho y media. ¿Quién quiere venir conmigo mañana por la tarde? La niña cantaba una canción muy antigua."),
    "f": ("fr", "Le vent soufflait fort sur la vieille maison. Est-ce que tu as fermé la porte du jardin ? Nous irons peut-être à la mer."),
    "h": ("hi", "मौसम आज बहुत अच्छा है। क्या आप मेरे साथ बाज़ार चलेंगे? बच्चे नदी के किनारे खेल रहे थे।"),
    "i": ("it", "La strada era lunga e piena di curve. Hai già letto il giornale di stamattina? Domani compreremo il pane fresco."),
    "j": ("ja", "駅まで歩いて十分ぐらいかかります。昨日の夜はとても静かでした。もう一度ゆっくり話してください。"),
    "p": ("pt-br", "O rio corre devagar perto da cidade. Você já ouviu essa música antes? As crianças brincavam no quintal."),
    "z": ("zh", "今天早上下了一场大雨。你知道最近的车站在哪里吗？他每天晚上都喜欢读书。"),
}  # fmt: skip
"""By the first letter of a stock voice's name."""
WORDS, LONGEST, ITEMS = (8, 22), 420, 12
"""Words of an item; symbols at most; items of each English voice."""
REFERENCE = (
    "ðə ʃˈɪp sˈAld æt dˈɔn, ænd nˈObədi sˈɔ ɪt lˈiv ðə hˈɑɹbəɹ.",
    "wˌʌt dˈu ju θˈɪŋk ðA wɪl sˈA, wˌɛn ðA hˈɪɹ əbˌWt ɪt?",
)


def english(speakers: Path, rng: np.random.Generator) -> list[str]:
    """Return pieces of the readers' transcripts, in small letters."""
    away, found = test_speakers() | set(validation_speakers()), []
    for row in (speakers / "transcripts.tsv").read_text().strip().split("\n"):
        file, words = row.split("\t")[:2]
        if speaker_of(file) in away or not file.startswith("librispeech"):
            continue
        said, at = words.lower().split(), 0
        while at + WORDS[0] <= len(said):
            count = int(rng.integers(*WORDS))
            found.append(
                " ".join(said[at : at + count]).capitalize() + (".", "?", "!")[int(rng.choice(3, p=[0.8, 0.15, 0.05]))]
            )
            at += count
    return [found[i] for i in rng.permutation(len(found))]


def utterances(text: str, language: str) -> list[str]:
    try:
        return [u.phonemes for u in write_script(text, language).utterances]
    except TextError:
        return []


class Stock:
    """Computes the inputs of the decoder: symbols, frames, pitch and energy."""

    def __init__(self, models: Path) -> None:
        self.network = Network(models, 1)
        with np.load(models / "voices.npz") as packs:
            self.packs = {name: packs[name] for name in packs.files}

    def item(self, name: str, phonemes: str) -> dict[str, np.ndarray] | None:
        ids = token_ids(phonemes)
        if not 12 < ids.shape[1] < LONGEST:
            return None
        style = self.packs[name][ids.shape[1] - 2]
        features = self.network.read(ids, style)
        curves = self.network.intone(features, features.frames, style)
        return {"ids": ids[0], "frames": features.frames, "pitch": curves.pitch[0], "energy": curves.energy[0], "style": style[:128]}  # fmt: skip

    def pitch(self, name: str) -> tuple[float, float]:
        """Return the median in hertz and the spread in semitones."""
        style, curves = self.packs[name][100], []
        for phonemes in REFERENCE:
            features = self.network.read(token_ids(phonemes), style)
            curves.append(self.network.intone(features, features.frames, style))
        return pitch_statistics(curves)


def main(speakers: Path, models: Path, out: Path) -> None:
    stock, texts = Stock(models), english(speakers, np.random.default_rng(1))
    jobs: list[tuple[str, str]] = []
    for name in sorted(stock.packs):
        if name[0] in "ab":
            jobs += [
                (name, p) for _ in range(ITEMS) for p in utterances(texts.pop(), "en-us" if name[0] == "a" else "en-gb")
            ]
        else:
            language, text = SENTENCES[name[0]]
            jobs += [(name, p) for p in utterances(text, language)]
    items = [(name, stock.item(name, phonemes)) for name, phonemes in jobs]
    kept = [(name, item) for name, item in items if item is not None]
    pitch = {name: stock.pitch(name) for name in sorted(stock.packs)}
    flat = {k: np.concatenate([i[k] for _, i in kept]) for k in ("ids", "frames", "pitch", "energy")}
    packed = {k: v.astype(np.uint16 if k in ("ids", "frames") else np.float16) for k, v in flat.items()}
    np.savez(
        out,
        allow_pickle=False,
        **packed,
        lengths=np.array([len(i["ids"]) for _, i in kept]),
        styles=np.array([i["style"] for _, i in kept], np.float16),
        voice=np.array([name for name, _ in kept]),
        own=np.array([pitch[name] for name, _ in kept], np.float32),
    )
    print(len(kept), "items,", int(flat["frames"].sum()) / 40, "s;", sorted({n[0] for n, _ in kept}))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]))
