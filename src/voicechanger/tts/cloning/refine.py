"""Refine a saved voice in rounds: fit the decoder to the words of its clip, or correct its spectrum.

    first round   words of the clip and when they are spoken ─▶ segments; similarity of the unrefined voice
    next rounds   gradient steps: the decoder should reproduce the clip       (autodiff/)
    last round    speech with the whole change, then with less of it: kept if it is more similar to the speaker and no
                  worse in words and quality

Without a recogniser, or when no share of the change passed, the last round tries a spectral EQ instead.

The similarity that decides is the cosine of speaker embeddings.  The same embedding is one term of the loss (weight
0.2), so it is not an independent judge; the recogniser and the quality model are in no loss.  Figures:
training/README.md; reasons: decisions 0013 and 0014.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from voicechanger.tts.audio.resample import resample
from voicechanger.tts.cloning import reference as voice_reference
from voicechanger.tts.cloning import signal as voice_signal
from voicechanger.tts.cloning.autodiff import steps
from voicechanger.tts.cloning.autodiff.decoder_gradient import FRAMES, DecoderGradient
from voicechanger.tts.cloning.autodiff.example import aligned
from voicechanger.tts.cloning.encoder import Floats, VoiceEncoder
from voicechanger.tts.cloning.prepared import PreparedClip
from voicechanger.tts.cloning.refinement import Refinement
from voicechanger.tts.cloning.spectral_eq import match_spectrum
from voicechanger.tts.engine import SAMPLE_RATE
from voicechanger.tts.errors import TextError
from voicechanger.tts.kokoro.network import Network
from voicechanger.tts.kokoro.prosody import layer_styles
from voicechanger.tts.recogniser import Recogniser, bare_words
from voicechanger.tts.voice import Voice

STEPS: Final = 40
"""Gradient steps; more of them copy the recording rather than the voice."""
A_ROUND: Final = 8
"""Steps of one round, about ten seconds of a core: as long as a job may have to wait."""
LEAST: Final = 3.0
"""Seconds of aligned speech below which nothing is fitted."""
SHARES: Final = (1.0, 0.6)
"""Shares of the change that are tried at the end."""
WORSE: Final = 0.2
"""Mean opinion score that a refined voice may lose: two sentences do not measure it more precisely."""
QUIET: Final = (0.0, 0.3)
"""Seconds of silence before the speech, one for each recognition: the recogniser's answer depends on it."""
_SAME = 0.75
"""Cosine with the speaker below which a segment is another person's: strangers have 0.54, other clips of one 0.86."""
_FRAMES_A_SECOND = 40
REFERENCE_TEXT: Final = (
    "The ship sailed at dawn, and nobody saw it leave the harbor. "
    "What do you think they will say, when they hear about it?"
)
"""The English text that `Tools.speak` speaks."""


@dataclass(frozen=True, slots=True, eq=False)
class Tools:
    """What refinement needs of the engine."""

    network: Network
    encoder: VoiceEncoder
    speak: Callable[[Voice], Floats]
    """Speaks REFERENCE_TEXT, at 24 kHz."""
    recogniser: Callable[[], Recogniser] | None
    """Loads the recogniser; None when it is not installed."""
    quality: Callable[[Floats], float]
    """Mean opinion score of mono 16 kHz speech; called only where there is a recogniser."""
    gradient: Callable[[], steps.Gradient]
    """Returns the decoder's gradient, loading it when necessary."""


def refine(tools: Tools, clip: PreparedClip, so_far: Refinement | None) -> tuple[Refinement, Voice]:
    """Run one more round; return its state and the refined voice, or the unrefined one unless it is done and better."""
    if so_far is None:
        return _first_round(tools, clip)
    return _fit(tools, clip, so_far) if "fit" in so_far.state else _finish_spectral_eq(tools, clip, so_far)


def _first_round(tools: Tools, clip: PreparedClip) -> tuple[Refinement, Voice]:
    spoken = tools.speak(clip.voice)
    likeness = _likeness(tools, clip, spoken)
    blank = Refinement(tools.encoder.version, 1, likeness_before=likeness, likeness_after=likeness)
    gains = match_spectrum(clip.speech, voice_reference.loud_parts(spoken, SAMPLE_RATE))
    state: dict[str, Any] = {"spectral_eq": gains}
    if tools.recogniser is None:
        return replace(blank, state=state), clip.voice
    recogniser = tools.recogniser()
    segments = _segments(tools, clip, recogniser)
    if sum(sum(p["frames"]) for p in segments) < LEAST * _FRAMES_A_SECOND:
        return replace(blank, state=state), clip.voice
    state |= {
        "segments": segments,
        "fit": _packed(steps.Fit.begin()),
        "steps": 0,
        "misheard": misheard(recogniser, spoken),
        "quality": tools.quality(_at_16k(spoken)),
    }
    return replace(blank, state=state), clip.voice


def _segments(tools: Tools, clip: PreparedClip, recogniser: Recogniser) -> list[dict[str, Any]]:
    """Find what the speaker says and time each symbol; segments of others, or that cannot be aligned, are left out."""
    found: list[dict[str, Any]] = []
    for segment in recogniser.segments(clip.sound):
        first, last = (round(t * voice_signal.RATE) for t in (segment.start, segment.end))
        if _likeness(tools, clip, clip.sound[first:last], voice_signal.RATE) < _SAME:
            continue
        try:
            frames = aligned(tools.network, clip.voice.style, clip.sound[first:last], segment.phonemes)
        except (TextError, ValueError):
            continue
        if int(frames.sum()) >= FRAMES:
            found.append({"first": first, "last": last, "phonemes": segment.phonemes, "frames": frames.tolist()})
    return found


def _fit(tools: Tools, clip: PreparedClip, so_far: Refinement) -> tuple[Refinement, Voice]:
    state, rounds = so_far.state, so_far.rounds + 1
    fit = _unpacked(state["fit"], state["steps"])
    if fit.steps >= STEPS:
        return _finish_fit(tools, clip, replace(so_far, rounds=rounds), fit)
    styles = layer_styles(clip.voice.style, clip.voice.offsets)
    examples = clip.examples(tools.network, state["segments"])
    fit = steps.advance(fit, tools.gradient(), styles, clip.features.speaker, examples, A_ROUND)
    return replace(so_far, rounds=rounds, state=state | {"fit": _packed(fit), "steps": fit.steps}), clip.voice


def _finish_fit(tools: Tools, clip: PreparedClip, found: Refinement, fit: steps.Fit) -> tuple[Refinement, Voice]:
    """Keep the largest share of the change that is more similar to the speaker and as clear and clean as before."""
    recogniser = tools.recogniser() if tools.recogniser is not None else None
    for share in SHARES:
        voice = replace(clip.voice, offsets=clip.voice.offsets + np.float32(share) * fit.change)
        spoken = tools.speak(voice)
        likeness = _likeness(tools, clip, spoken)
        clear = recogniser is not None and misheard(recogniser, spoken) <= found.state["misheard"]
        clean = tools.quality(_at_16k(spoken)) >= found.state["quality"] - WORSE
        if clear and clean and likeness > found.likeness_before:
            return replace(found, done=True, likeness_after=likeness, state={}), voice
    return replace(found, state={"spectral_eq": found.state["spectral_eq"]}), clip.voice


def _finish_spectral_eq(tools: Tools, clip: PreparedClip, so_far: Refinement) -> tuple[Refinement, Voice]:
    voice = replace(clip.voice, spectral_eq=tuple(so_far.state["spectral_eq"]))
    likeness = _likeness(tools, clip, tools.speak(voice))
    found = replace(so_far, rounds=so_far.rounds + 1, done=True, likeness_after=likeness, state={})
    return found, voice if found.better else clip.voice


def _likeness(tools: Tools, clip: PreparedClip, spoken: Floats, rate: int = SAMPLE_RATE) -> float:
    """Return the cosine of the speakers of some samples and of the clip; -1 when the samples hold no sound."""
    speech = voice_reference.loud_parts(spoken, rate)
    return float(clip.features.speaker @ tools.encoder.extract_features(speech).speaker) if speech.size else -1.0


def misheard(recogniser: Recogniser, spoken: Floats) -> int:
    """Count words of REFERENCE_TEXT that are recognised as others, missing or added: the better of two recognitions."""
    sound = _at_16k(spoken)
    padded = [np.pad(sound, (round(quiet * voice_signal.RATE), 0)) for quiet in QUIET]
    return min(_edits(bare_words(REFERENCE_TEXT), recogniser.words(one, "en")) for one in padded)


def _edits(wanted: Sequence[str], recognised: Sequence[str]) -> int:
    """Levenshtein's distance in words."""
    row = list(range(len(recognised) + 1))
    for i, word in enumerate(wanted, 1):
        corner, row[0] = row[0], i
        for j, other in enumerate(recognised, 1):
            corner, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, corner + (word != other))
    return row[-1]


def _at_16k(spoken: Floats) -> Floats:
    return resample(spoken, SAMPLE_RATE, voice_signal.RATE)


def _packed(fit: steps.Fit) -> str:
    numbers = np.stack([fit.change, fit.first, fit.second]).astype("<f4")
    return base64.b64encode(numbers.tobytes()).decode()


def _unpacked(text: str, count: int) -> steps.Fit:
    numbers = np.frombuffer(base64.b64decode(text), "<f4").reshape(3, -1, 128).astype(np.float32)
    return steps.Fit(numbers[0], numbers[1], numbers[2], count)


class Gradient:
    """The decoder's gradient, loaded at the first call and kept until it is released."""

    def __init__(self, models: Path, threads: int) -> None:
        self._models, self._threads = models, threads
        self._loaded: DecoderGradient | None = None

    def __call__(self) -> DecoderGradient:
        """Return the gradient, loading it when necessary."""
        if self._loaded is None:
            self._loaded = DecoderGradient(self._models, self._threads)
        return self._loaded

    def release(self) -> None:
        """Free its memory: a job is about to be spoken, or nothing is left to fit."""
        self._loaded = None
