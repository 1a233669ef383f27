"""The `Engine` on Kokoro-82M."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from voicechanger.tts import quality
from voicechanger.tts.audio.loudness import Leveller
from voicechanger.tts.audio.stretch import stretch
from voicechanger.tts.cloning.refinement import Refinement
from voicechanger.tts.cloning.spectral_eq import apply_spectral_eq
from voicechanger.tts.engine import SAMPLE_RATE, Plan, SpeechChunk, SpeedTarget, TimedWord
from voicechanger.tts.errors import SynthesisError, TextError
from voicechanger.tts.kokoro import assets
from voicechanger.tts.kokoro.context import InPlace, read_in_place
from voicechanger.tts.kokoro.decode import SHORT, Carrier, decode, faded
from voicechanger.tts.kokoro.layout import kept_span
from voicechanger.tts.kokoro.network import Floats, Network
from voicechanger.tts.kokoro.prosody import PitchMap, layer_styles, pitch_map, pitch_statistics
from voicechanger.tts.kokoro.timing import Reading, Timing, decide
from voicechanger.tts.kokoro.vocabulary import token_ids
from voicechanger.tts.kokoro.words import timed_words
from voicechanger.tts.utterances import Script, Utterance
from voicechanger.tts.voice import DECODER_LAYERS, Voice

if TYPE_CHECKING:  # imported where they are used: a worker that only speaks starts sooner without them
    from voicechanger.tts.cloning import refine as voice_refine
    from voicechanger.tts.cloning.encoder import VoiceEncoder
    from voicechanger.tts.cloning.prepared import PreparedClip
    from voicechanger.tts.recogniser import Recogniser

STOCK_VERSION = "stock"
"""Encoder version of the voices that ship with the model."""
LOUDNESS = -18.0
"""LUFS of all speech."""

_STOCK_LENGTH = 101
"""Phonemes of an average sentence: a stock voice has 510 styles, one for each count, and a script uses one."""
_NEUTRAL = "af_heart"
_SILENCE = 1e-4
"""Root mean square below which samples count as silent."""
_CACHED_PITCHES = 16
_WARM_UP = "wˈɔɹm ˈʌp."
# Phonemes of refine.REFERENCE_TEXT: to measure the model's own pitch for a voice, and to compare voices
_REFERENCE = (
    "ðə ʃˈɪp sˈAld æt dˈɔn, ænd nˈObədi sˈɔ ɪt lˈiv ðə hˈɑɹbəɹ.",
    "wˌʌt dˈu ju θˈɪŋk ðA wɪl sˈA, wˌɛn ðA hˈɪɹ əbˌWt ɪt?",
)


class KokoroEngine:
    """An `Engine` on Kokoro-82M int8: loaded once a process, one call at a time."""

    def __init__(self, network: Network, models: Path, threads: int) -> None:
        self._network = network
        self._models = models
        self._threads = threads
        self._own_pitch: OrderedDict[bytes, tuple[float, float]] = OrderedDict()
        self._carried: tuple[bytes, Carrier] | None = None
        self._encoder: VoiceEncoder | None = None
        self._gradient: voice_refine.Gradient | None = None
        self._prepared: PreparedClip | None = None

    @classmethod
    def load(cls, models: Path, threads: int = 1) -> KokoroEngine:
        """Load the model folder that `assets.prepare` built; MissingPart when it is not there."""
        return cls(Network(models, threads), models, threads)

    def warm(self) -> None:
        """Load the encoder and run each cut once on a few frames, so that a damaged model fails at the start."""
        # Speaking a whole utterance took twenty times as long and made the first request no faster
        voice = self.neutral_voice()
        features = self._network.read(token_ids(_WARM_UP), voice.style)
        frames = np.ones(features.durations.size, np.int64)
        curves = self._network.intone(features, frames, voice.style)
        samples = self._network.decode(features.text, curves, layer_styles(voice.style, voice.offsets))
        if not np.isfinite(samples).all():
            raise SynthesisError("speech_not_finite", "The model returned samples that are not numbers.")
        _ = self.voice_encoder

    @property
    def stock_names(self) -> tuple[str, ...]:
        """Names of the model's own voices, e.g. af_heart: language, sex, name."""
        with np.load(self._models / assets.VOICES) as packs:
            return tuple(sorted(packs.files))

    def stock_voice(self, name: str, phonemes: int = _STOCK_LENGTH) -> Voice:
        """Return one of the model's own voices, in its style for so many phonemes; KeyError for another name."""
        with np.load(self._models / assets.VOICES) as packs:
            style = np.array(packs[name][min(phonemes, len(packs[name])) - 1], np.float32)
        return Voice(style, np.zeros((DECODER_LAYERS, 128), np.float32), 0.0, 0.0, 1.0, STOCK_VERSION)

    def neutral_voice(self) -> Voice:
        """Return a voice of ordinary speed, to plan lengths when no speaker is named."""
        return self.stock_voice(_NEUTRAL)

    @property
    def encoder_version(self) -> str:
        """Version of the voices that `encode` returns."""
        return self.voice_encoder.version

    def encode(self, clip: Floats, rate: int) -> Voice:
        """Return the voice of the speaker in a mono clip; ClipError when it holds no usable speech."""
        return self.voice_encoder.encode(clip, rate)

    def refine(self, clip: Floats, rate: int, so_far: Refinement | None) -> tuple[Refinement, Voice]:
        """Run one round of refinement, some ten seconds of work; the prepared clip is kept for the next round."""
        from voicechanger.tts.cloning.prepared import PreparedClip, clip_key

        if self._prepared is None or self._prepared.key != clip_key(clip, rate):
            self._prepared = PreparedClip(self.voice_encoder, clip, rate)
        return self._round(self._prepared, so_far)

    def refine_prepared(self, clip_sha256: str, so_far: Refinement | None) -> tuple[Refinement, Voice] | None:
        """Run one round for the clip of the last `refine`; None when that was another one or its rounds are done."""
        if self._prepared is None or self._prepared.key != (clip_sha256, SAMPLE_RATE):
            return None
        return self._round(self._prepared, so_far)

    def _round(self, clip: PreparedClip, so_far: Refinement | None) -> tuple[Refinement, Voice]:
        from voicechanger.tts.cloning import refine as voice_refine

        if self._gradient is None:
            self._gradient = voice_refine.Gradient(self._models, self._threads)
        tools = voice_refine.Tools(
            self._network,
            self.voice_encoder,
            self.refinement_speech,
            self._recogniser(),
            quality.overall,
            self._gradient,
        )
        found, voice = voice_refine.refine(tools, clip, so_far)
        if found.done:
            self._gradient.release()
            self._prepared = None
        return found, voice

    def _recogniser(self) -> Callable[[], Recogniser] | None:
        from voicechanger.tts import recogniser

        installed = recogniser.is_installed() and quality.is_installed()
        return (lambda: recogniser.Whisper(self._models, self._threads)) if installed else None

    def refinement_speech(self, voice: Voice) -> Floats:
        """Return about five seconds of a fixed text, at 24 kHz."""
        script = Script(tuple(Utterance("", "en-us", phonemes, (), 0) for phonemes in _REFERENCE))
        return np.concatenate([chunk.samples for chunk in self._chunks(self.plan(script, voice, SpeedTarget()))])

    @property
    def voice_encoder(self) -> VoiceEncoder:
        """The encoder of clips, loaded at the first use: speaking with a saved voice needs none."""
        if self._encoder is None:
            from voicechanger.tts.cloning.encoder import VoiceEncoder

            self._encoder = VoiceEncoder(self._models, self._threads)
        return self._encoder

    def plan(self, script: Script, voice: Voice, target: SpeedTarget, going: Callable[[], None] | None = None) -> Plan:
        """Decide every duration with cut A alone."""
        readings: list[Reading] = []
        for index in range(len(script.utterances)):
            if going is not None:
                going()
            readings.append(self._reading(index, script, voice))
        timing, samples, natural = decide(readings, target.speed, target.duration)
        return Plan(script, voice, timing.frames, timing.pauses, samples, natural, timing.stretch)

    def _reading(self, index: int, script: Script, voice: Voice) -> Reading:
        utterance = script.utterances[index]
        durations = self._read(index, script, voice).features.durations
        if not np.isfinite(durations).all():
            raise SynthesisError(
                "durations_not_finite", f"The model returned no durations for {utterance.text!r}.", index
            )
        frames = np.maximum(1, durations / (voice.rate * utterance.rate))
        return Reading(utterance.phonemes, frames.astype(np.float32), utterance.pause_after, utterance.fixed_pause)

    def _read(self, index: int, script: Script, voice: Voice) -> InPlace:
        try:
            return read_in_place(self._network, script.utterances, index, voice.style)
        except TextError as error:
            sentence = script.utterances[index].sentence + 1
            raise TextError(error.code, f"Sentence {sentence}: {error.message}") from error

    def speak(self, plan: Plan, first: int = 0, gain: float | None = None) -> Iterator[SpeechChunk]:
        """Speak utterance after utterance from index `first`; closing the generator stops the work."""
        if self._gradient is not None:
            self._gradient.release()
        yield from self._chunks(plan, first, gain)

    def _chunks(self, plan: Plan, first: int = 0, gain: float | None = None) -> Iterator[SpeechChunk]:
        leveller = Leveller(rate=SAMPLE_RATE, target=LOUDNESS, gain=gain)
        pitch = self._pitch_map(plan.voice)
        lengths = Timing(plan.frames, plan.pauses, plan.stretch).lengths([u.phonemes for u in plan.script.utterances])
        position = sum(lengths[:first]) + sum(plan.pauses[:first])
        for index in range(first, len(lengths)):
            samples = leveller.level(self._spoken(plan, index, lengths[index], pitch))
            words = self._words(plan, index, position / SAMPLE_RATE)
            whole = np.concatenate([samples, np.zeros(plan.pauses[index], np.float32)])
            _check_length(whole, lengths[index] + plan.pauses[index], index)
            position += whole.size
            yield SpeechChunk(index, whole, words, leveller.gain)

    def _spoken(self, plan: Plan, index: int, length: int, pitch: PitchMap) -> Floats:
        utterance, frames = plan.script.utterances[index], plan.frames[index]
        read = self._read(index, plan.script, plan.voice)
        curves = pitch.apply(read.curves(self._network, frames, plan.voice.style), utterance.pitch)
        styles = layer_styles(plan.voice.style, plan.voice.offsets)
        span = kept_span(frames, utterance.phonemes)
        carrier = self._carrier(plan.voice, pitch) if frames.sum() <= SHORT else None
        samples = decode(self._network, read.features, frames, curves, styles, span, carrier=carrier)
        samples = apply_spectral_eq(samples, plan.voice.spectral_eq)
        if not np.isfinite(samples).all():
            raise SynthesisError(
                "speech_not_finite", f"The model returned samples that are not numbers for {utterance.text!r}.", index
            )
        if float(np.sqrt(np.mean(samples**2))) < _SILENCE:
            raise SynthesisError("speech_silent", f"The model returned silence for {utterance.text!r}.", index)
        if plan.stretch != 1:
            samples = faded(stretch(samples, length / samples.size))
        _check_length(samples, length, index)
        return samples

    def _words(self, plan: Plan, index: int, start: float) -> tuple[TimedWord, ...]:
        utterance, frames = plan.script.utterances[index], plan.frames[index]
        return timed_words(utterance, frames, kept_span(frames, utterance.phonemes), plan.stretch, start)

    def _pitch_map(self, voice: Voice) -> PitchMap:
        """Return the map from the model's pitch to the speaker's; the model's own pitch for a voice is cached."""
        if voice.pitch_median <= 0 and voice.pitch_range <= 0:
            return pitch_map((0.0, 0.0), 0.0, 0.0)
        key = voice.style.tobytes()
        if key not in self._own_pitch:
            curves = [self._reference(phonemes, voice).curves for phonemes in _REFERENCE]
            self._own_pitch[key] = pitch_statistics(curves)
            if len(self._own_pitch) > _CACHED_PITCHES:
                self._own_pitch.popitem(last=False)
        return pitch_map(self._own_pitch[key], voice.pitch_median, voice.pitch_range)

    def _carrier(self, voice: Voice, pitch: PitchMap) -> Carrier:
        """Return the first reference sentence in the voice; that of the last voice is cached."""
        key = voice.to_bytes()
        if self._carried is None or self._carried[0] != key:
            plain = self._reference(_REFERENCE[0], voice)
            self._carried = key, Carrier(plain.text, pitch.apply(plain.curves))
        return self._carried[1]

    def _reference(self, phonemes: str, voice: Voice) -> Carrier:
        features = self._network.read(token_ids(phonemes), voice.style)
        frames = features.frames
        return Carrier.of(features, frames, self._network.intone(features, frames, voice.style))


def _check_length(samples: NDArray[np.float32], wanted: int, index: int) -> None:
    if samples.size != wanted:
        raise SynthesisError(
            "length_not_as_planned", f"The model returned {samples.size} samples; {wanted} were planned.", index
        )
