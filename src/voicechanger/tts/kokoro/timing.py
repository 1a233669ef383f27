"""Decide every duration, to the sample, before anything is decoded.

    natural ─▶ one time scale for all: pauses change most, vowels less, consonants least ─▶ frames, pauses
                 └─ beyond what durations do well, the rest becomes a time stretch of the decoded samples

Needs no model.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from voicechanger.tts.engine import SAMPLE_RATE
from voicechanger.tts.errors import PaceError
from voicechanger.tts.kokoro.layout import LAST_LEAST, kept_span, last_sound, silence_inside
from voicechanger.tts.kokoro.network import SAMPLES_PER_FRAME
from voicechanger.tts.kokoro.vocabulary import Kind, kinds

SLOWEST, FASTEST = 0.25, 4.0
"""Bounds of the speed, and of a target length over the natural one."""
LONGEST = 600.0
"""Seconds that may be asked for."""
_LEAST_STRETCH = 0.02
"""Less than any reachable duration needs, even with all symbols at their shortest."""
_SCALES = (0.6, 2.2)
"""Time scales reached by durations alone; beyond them there are too few frames, or too long vowels, for a word."""

_POWER = {Kind.PAUSE: 1.3, Kind.VOWEL: 1.1, Kind.CONSONANT: 0.8}
_BOUNDS = {Kind.PAUSE: (0.25, 3.5), Kind.VOWEL: (0.45, 3.0), Kind.CONSONANT: (0.5, 1.9)}
_STEPS = 50


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """One utterance with the durations that the model gave it."""

    phonemes: str
    frames: NDArray[np.float32]
    """[n + 2] frames of each symbol at speed 1, both edges included; at least 1 each."""
    pause: float
    """Seconds of silence wanted after it at speed 1."""
    fixed: bool
    """Whether that silence is not to be scaled."""


@dataclass(frozen=True, slots=True, eq=False)
class Timing:
    """Every duration, decided."""

    frames: tuple[NDArray[np.int64], ...]
    pauses: tuple[int, ...]
    """Samples of silence after each utterance, in the final result."""
    stretch: float

    def lengths(self, phonemes: Sequence[str]) -> list[int]:
        """Return the samples of each utterance in the final result, without its pause."""
        return [
            round(kept_span(f, p).frames * SAMPLES_PER_FRAME * self.stretch)
            for f, p in zip(self.frames, phonemes, strict=True)
        ]


def decide(readings: Sequence[Reading], speed: float, duration: float | None) -> tuple[Timing, int, float]:
    """Return the timing, its length in samples and the natural length in seconds; PaceError when out of reach."""
    timing = _natural(readings)
    natural = _total(readings, timing)
    kept = _fixed_silence(readings)
    bounds = [(kept + (natural - kept) * factor) / SAMPLE_RATE for factor in (1 / FASTEST, 1 / SLOWEST)]
    _check(speed, duration, bounds[0], min(bounds[1], LONGEST) if duration is not None else bounds[1])
    if duration is not None:
        wanted = round(duration * SAMPLE_RATE)
    else:
        wanted = natural if speed == 1 else round(kept + (natural - kept) / speed)
    if wanted != natural:
        timing = _fit(readings, wanted)
    return timing, wanted, natural / SAMPLE_RATE


def _check(speed: float, duration: float | None, shortest: float, longest: float) -> None:
    if duration is None:
        if not SLOWEST <= speed <= FASTEST:
            message = f"`speed` must be between {SLOWEST} and {FASTEST}; got {speed:g}."
            raise PaceError("speed_out_of_range", message, shortest, longest)
        return
    # Half a sample of slack, so that the bounds in the error message are themselves allowed
    slack = 0.5 / SAMPLE_RATE
    if not shortest - slack <= duration <= longest + slack:
        raise PaceError(
            "duration_out_of_reach",
            f"`duration` must be between {shortest:.2f} and {longest:.2f} seconds for this text; got {duration:g}.",
            shortest,
            longest,
        )


def _natural(readings: Sequence[Reading]) -> Timing:
    frames = tuple(np.maximum(1, np.round(r.frames)).astype(np.int64) for r in readings)
    return Timing(frames, _pauses(readings, frames, 1.0, 1.0), 1.0)


def _total(readings: Sequence[Reading], timing: Timing) -> int:
    return sum(timing.lengths([r.phonemes for r in readings])) + sum(timing.pauses)


def _fixed_silence(readings: Sequence[Reading]) -> int:
    """Return the samples of silence that no speed changes, the silence inside the utterance before a pause included."""
    return sum(round(r.pause * SAMPLE_RATE) for r in readings if r.fixed)


def _pauses(
    readings: Sequence[Reading], frames: Sequence[NDArray[np.int64]], scale: float, stretch: float
) -> tuple[int, ...]:
    pauses: list[int] = []
    for reading, counts in zip(readings, frames, strict=True):
        wanted = reading.pause * SAMPLE_RATE * (1.0 if reading.fixed else scale * stretch)
        inside = silence_inside(counts, reading.phonemes) * SAMPLES_PER_FRAME * stretch
        pauses.append(max(0, round(wanted - inside)))
    return tuple(pauses)


@dataclass(frozen=True, slots=True, eq=False)
class _Flat:
    """All utterances concatenated, so that a whole book is scaled in one step."""

    natural: NDArray[np.float64]
    kinds: NDArray[np.uint8]
    inside: NDArray[np.bool_]
    """Where one more frame makes the kept part one frame longer."""
    floor: NDArray[np.float64]
    """Fewest frames of each symbol."""
    splits: NDArray[np.int64]

    @classmethod
    def of(cls, readings: Sequence[Reading]) -> _Flat:
        inside = [_inside(r) for r in readings]
        return cls(
            np.concatenate([r.frames for r in readings]).astype(np.float64),
            np.concatenate([kinds(r.phonemes) for r in readings]),
            np.concatenate(inside),
            np.concatenate([_floor(r) for r in readings]),
            np.cumsum([r.frames.size for r in readings])[:-1],
        )

    def scaled(self, scale: float) -> NDArray[np.float64]:
        factors = np.ones(len(Kind))
        for kind in Kind:
            factors[kind] = np.clip(scale ** _POWER[kind], *_BOUNDS[kind])
        return np.maximum(self.floor, self.natural * factors[self.kinds])

    def split(self, values: NDArray[np.int64]) -> tuple[NDArray[np.int64], ...]:
        return tuple(np.split(values, self.splits))


def _inside(reading: Reading) -> NDArray[np.bool_]:
    mask = np.zeros(reading.frames.size, np.bool_)
    mask[1 : last_sound(reading.phonemes)] = True
    return mask


def _floor(reading: Reading) -> NDArray[np.float64]:
    floor = np.ones(reading.frames.size)
    # The first sound begins in the leading edge and the last one needs its time to decay: shortened, both are cut off
    last = last_sound(reading.phonemes)
    floor[0] = max(1.0, float(reading.frames[0]))
    floor[last] = max(1.0, min(float(reading.frames[last]), LAST_LEAST))
    return floor


def _fit(readings: Sequence[Reading], wanted: int) -> Timing:
    """Scale everything until the whole lasts `wanted` samples, then distribute what rounding left."""
    flat = _Flat.of(readings)

    def draft(scale: float, stretch: float) -> Timing:
        frames = flat.split(np.round(flat.scaled(scale)).astype(np.int64))
        return Timing(frames, _pauses(readings, frames, scale ** _POWER[Kind.PAUSE], stretch), stretch)

    def length(scale: float, stretch: float) -> int:
        return _total(readings, draft(scale, stretch))

    slow, fast = max(_SCALES), min(_SCALES)
    if length(slow, 1.0) < wanted:
        timing = draft(slow, _solve(lambda s: length(slow, s), wanted, 1.0, 2 * FASTEST))
    elif length(fast, 1.0) > wanted:
        timing = draft(fast, _solve(lambda s: length(fast, s), wanted, _LEAST_STRETCH, 1.0))
    else:
        timing = draft(_solve(lambda x: length(x, 1.0), wanted, fast, slow), 1.0)
    return _distribute(readings, flat, timing, wanted)


def _solve(length: Callable[[float], int], wanted: int, low: float, high: float) -> float:
    """Return the largest value within the bounds whose length is at most `wanted`, to one part in 10^9."""
    for _ in range(_STEPS):
        middle = (low * high) ** 0.5
        if length(middle) > wanted:
            high = middle
        else:
            low = middle
        if high / low < 1 + 1e-9:
            break
    return low


def _distribute(readings: Sequence[Reading], flat: _Flat, timing: Timing, wanted: int) -> Timing:
    """Add the missing samples: whole frames to symbols, long vowels first, the rest to a pause."""
    missing = wanted - _total(readings, timing)
    frames = np.concatenate(timing.frames)
    worth = np.where(flat.inside, frames - 100.0 * (flat.kinds == Kind.CONSONANT), -np.inf)
    order = np.argsort(-worth, kind="stable")[: int(flat.inside.sum())]
    whole = max(0, min(int(missing // (SAMPLES_PER_FRAME * timing.stretch)), order.size))
    while True:
        longer = frames.copy()
        longer[order[:whole]] += 1
        longer_timing = Timing(flat.split(longer), timing.pauses, timing.stretch)
        missing = wanted - _total(readings, longer_timing)
        # Stretched lengths are rounded one by one: a thousand of them may add up to a frame
        if missing >= 0 or whole == 0:
            break
        whole -= 1
    return Timing(longer_timing.frames, _with_rest(readings, longer_timing.pauses, missing), longer_timing.stretch)


def _with_rest(readings: Sequence[Reading], pauses: Sequence[int], rest: int) -> tuple[int, ...]:
    loose = [i for i, r in enumerate(readings) if not r.fixed]
    place = loose[-1] if loose else len(readings) - 1
    return tuple(p + rest if i == place else p for i, p in enumerate(pauses))
