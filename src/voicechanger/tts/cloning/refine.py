"""Refine a saved voice, round by round: from the words of its clip where they can be known, else from its spectrum.

    first round   what is said in the clip, and when ─▶ passages; how like the voice is now
    next rounds   gradient steps: the decoder should give the clip back       (fitting/)
    last round    heard with the change, and with less of it: kept if it is more like the speaker, and no worse in
                  words and sound

Without a recogniser, or where nothing of that helped, its spectrum is bent instead (voice_colour), and heard again.
What decides is never what was fitted: the speaker embedding is in no loss.  Figures: training/README.md; why so:
decisions 0013 and 0014.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from voicechanger.tts.audio.pcm import from_pcm16, to_pcm16
from voicechanger.tts.audio.resample import resample
from voicechanger.tts.cloning import reference as voice_reference
from voicechanger.tts.cloning import signal as voice_signal
from voicechanger.tts.cloning.autodiff import steps
from voicechanger.tts.cloning.autodiff.decoder_gradient import FRAMES, DecoderGradient
from voicechanger.tts.cloning.autodiff.example import Example, aligned, timed
from voicechanger.tts.cloning.clip_analysis import LONGEST
from voicechanger.tts.cloning.encoder import Floats, VoiceEncoder
from voicechanger.tts.cloning.refinement import Refinement
from voicechanger.tts.cloning.spectral_eq import missing_colour
from voicechanger.tts.engine import SAMPLE_RATE
from voicechanger.tts.errors import TextError
from voicechanger.tts.kokoro.network import Network
from voicechanger.tts.kokoro.prosody import layer_styles
from voicechanger.tts.recogniser import Recogniser, bare_words
from voicechanger.tts.voice import Voice

STEPS: Final = 40
"""Gradient steps: more copy the recording rather than the voice."""
A_ROUND: Final = 8
"""Steps of one round: what a job may have to wait for, about ten seconds of a core."""
LEAST: Final = 3.0
"""Seconds of aligned speech below which nothing is fitted."""
SHARES: Final = (1.0, 0.6)
"""Of the change that are tried at the end."""
WORSE: Final = 0.2
"""Mean opinion score that a refined voice may lose: two sentences tell it no better."""
QUIET: Final = (0.0, 0.3)
"""Seconds of silence before what the recogniser hears, one for each hearing: it changes its mind by that."""
_SAME = 0.75
"""Cosine with the speaker below which a passage is somebody else's: strangers have 0.54, other clips of one 0.86."""
_FRAMES_A_SECOND = 40
REFERENCE_TEXT: Final = (
    "The ship sailed at dawn, and nobody saw it leave the harbor. "
    "What do you think they will say, when they hear about it?"
)
"""What `Tools.say` says, in English."""


@dataclass(frozen=True, slots=True, eq=False)
class Tools:
    """What refining needs of the engine."""

    network: Network
    encoder: VoiceEncoder
    say: Callable[[Voice], Floats]
    """Speaks REFERENCE_TEXT, at 24 kHz."""
    recogniser: Callable[[], Recogniser] | None
    """Loads what hears words, where it is installed."""
    quality: Callable[[Floats], float]
    """Mean opinion score of mono 16 kHz speech; asked only where there is a recogniser."""
    gradient: Callable[[], steps.Gradient]
    """Loads the decoder's gradient, or gives what is loaded."""


class PreparedClip:
    """A clip decoded, denoised and encoded: what every round of refinement starts from."""

    def __init__(self, encoder: VoiceEncoder, clip: Floats, rate: int) -> None:
        self.key = clip_key(clip, rate)
        self.speech = voice_reference.prepare_speech(clip, rate)
        """Its prepared speech at 16 kHz."""
        self.heard = encoder.hear(self.speech)
        self.voice = encoder.voice(self.heard)
        """As the encoder gives it."""
        sound = resample(clip[: int(LONGEST * rate)], rate, voice_signal.RATE)
        self.sound = voice_reference.denoise(sound)
        """The whole clip at 16 kHz, pauses included, without steady noise."""
        self._examples: tuple[list[dict[str, Any]], list[Example]] | None = None

    def examples(self, network: Network, passages: list[dict[str, Any]]) -> list[Example]:
        """Return the passages as the gradient takes them; the last ones are kept for the next round."""
        if self._examples is None or self._examples[0] != passages:
            style = self.voice.style
            made = [
                timed(
                    network, style, self.sound[p["first"] : p["last"]], p["phonemes"], np.array(p["frames"], np.int64)
                )
                for p in passages
            ]
            self._examples = passages, made
        return self._examples[1]


def clip_key(clip: Floats, rate: int) -> tuple[str, int]:
    """Return a key that two clips share only when they hold the same samples at the same rate.

    Of a canonical clip it is the SHA-256 of its 16-bit samples, which is the hash in the upload check's report.
    """
    if np.isfinite(clip).all():
        canonical = to_pcm16(clip)
        if np.array_equal(from_pcm16(canonical), clip):
            return hashlib.sha256(canonical.tobytes()).hexdigest(), rate
    return hashlib.sha256(clip.tobytes()).hexdigest(), rate


def refine(tools: Tools, who: PreparedClip, so_far: Refinement | None) -> tuple[Refinement, Voice]:
    """One more round, and the voice that came of it: the bettered one when it is done and better."""
    if so_far is None:
        return _begin(tools, who)
    return _fit_on(tools, who, so_far) if "fit" in so_far.state else _end_colour(tools, who, so_far)


def _begin(tools: Tools, who: PreparedClip) -> tuple[Refinement, Voice]:
    said = tools.say(who.voice)
    likeness = _likeness(tools, who, said)
    blank = Refinement(tools.encoder.version, 1, likeness_before=likeness, likeness_after=likeness)
    colour = {"colour": missing_colour(who.speech, voice_reference.loud_parts(said, SAMPLE_RATE))}
    if tools.recogniser is None:
        return replace(blank, state=colour), who.voice
    recogniser = tools.recogniser()
    passages = _passages(tools, who, recogniser)
    if sum(sum(p["frames"]) for p in passages) < LEAST * _FRAMES_A_SECOND:
        return replace(blank, state=colour), who.voice
    state = colour | {
        "passages": passages,
        "fit": _packed(steps.Fit.begin()),
        "steps": 0,
        "misheard": misheard(recogniser, said),
        "quality": tools.quality(_at_16k(said)),
    }
    return replace(blank, state=state), who.voice


def _passages(tools: Tools, who: PreparedClip, recogniser: Recogniser) -> list[dict[str, Any]]:
    """What the speaker says where, each symbol timed; stretches of others, or that cannot be aligned, are left out."""
    found: list[dict[str, Any]] = []
    for passage in recogniser.passages(who.sound):
        first, last = (round(t * voice_signal.RATE) for t in (passage.start, passage.end))
        if _likeness(tools, who, who.sound[first:last], voice_signal.RATE) < _SAME:
            continue
        try:
            frames = aligned(tools.network, who.voice.style, who.sound[first:last], passage.phonemes)
        except (TextError, ValueError):
            continue
        if int(frames.sum()) >= FRAMES:
            found.append({"first": first, "last": last, "phonemes": passage.phonemes, "frames": frames.tolist()})
    return found


def _fit_on(tools: Tools, who: PreparedClip, so_far: Refinement) -> tuple[Refinement, Voice]:
    state, rounds = so_far.state, so_far.rounds + 1
    fit = _unpacked(state["fit"], state["steps"])
    if fit.steps >= STEPS:
        return _end_fit(tools, who, replace(so_far, rounds=rounds), fit)
    styles = layer_styles(who.voice.style, who.voice.offsets)
    examples = who.examples(tools.network, state["passages"])
    fit = steps.advance(fit, tools.gradient(), styles, who.heard.speaker, examples, A_ROUND)
    return replace(so_far, rounds=rounds, state=state | {"fit": _packed(fit), "steps": fit.steps}), who.voice


def _end_fit(tools: Tools, who: PreparedClip, found: Refinement, fit: steps.Fit) -> tuple[Refinement, Voice]:
    """The largest share of the change that is more like the speaker, as clear and as clean as the voice was."""
    recogniser = tools.recogniser() if tools.recogniser is not None else None
    for share in SHARES:
        voice = replace(who.voice, offsets=who.voice.offsets + np.float32(share) * fit.change)
        said = tools.say(voice)
        likeness = _likeness(tools, who, said)
        clear = recogniser is not None and misheard(recogniser, said) <= found.state["misheard"]
        clean = tools.quality(_at_16k(said)) >= found.state["quality"] - WORSE
        if clear and clean and likeness > found.likeness_before:
            return replace(found, done=True, likeness_after=likeness, state={}), voice
    return replace(found, state={"colour": found.state["colour"]}), who.voice


def _end_colour(tools: Tools, who: PreparedClip, so_far: Refinement) -> tuple[Refinement, Voice]:
    voice = replace(who.voice, colour=tuple(so_far.state["colour"]))
    likeness = _likeness(tools, who, tools.say(voice))
    found = replace(so_far, rounds=so_far.rounds + 1, done=True, likeness_after=likeness, state={})
    return found, voice if found.better else who.voice


def _likeness(tools: Tools, who: PreparedClip, said: Floats, rate: int = SAMPLE_RATE) -> float:
    """Cosine of the speaker of some samples and the clip's; -1 where nothing is heard."""
    speech = voice_reference.loud_parts(said, rate)
    return float(who.heard.speaker @ tools.encoder.hear(speech).speaker) if speech.size else -1.0


def misheard(recogniser: Recogniser, said: Floats) -> int:
    """Words of REFERENCE_TEXT that were heard as others, left out or put in; the better of two hearings."""
    sound = _at_16k(said)
    padded = [np.pad(sound, (round(quiet * voice_signal.RATE), 0)) for quiet in QUIET]
    return min(_edits(bare_words(REFERENCE_TEXT), recogniser.words(one, "en")) for one in padded)


def _edits(wanted: Sequence[str], heard: Sequence[str]) -> int:
    """Levenshtein's distance in words."""
    row = list(range(len(heard) + 1))
    for i, word in enumerate(wanted, 1):
        corner, row[0] = row[0], i
        for j, other in enumerate(heard, 1):
            corner, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, corner + (word != other))
    return row[-1]


def _at_16k(said: Floats) -> Floats:
    return resample(said, SAMPLE_RATE, voice_signal.RATE)


def _packed(fit: steps.Fit) -> str:
    numbers = np.stack([fit.change, fit.first, fit.second]).astype("<f4")
    return base64.b64encode(numbers.tobytes()).decode()


def _unpacked(text: str, count: int) -> steps.Fit:
    numbers = np.frombuffer(base64.b64decode(text), "<f4").reshape(3, -1, 128).astype(np.float32)
    return steps.Fit(numbers[0], numbers[1], numbers[2], count)


class Gradient:
    """The decoder's gradient, loaded when asked for and held until it is released."""

    def __init__(self, models: Path, threads: int) -> None:
        self._models, self._threads = models, threads
        self._loaded: DecoderGradient | None = None

    def __call__(self) -> DecoderGradient:
        """What is loaded."""
        if self._loaded is None:
            self._loaded = DecoderGradient(self._models, self._threads)
        return self._loaded

    def release(self) -> None:
        """Give its memory back: a job wants to be spoken, or nothing is left to fit."""
        self._loaded = None
