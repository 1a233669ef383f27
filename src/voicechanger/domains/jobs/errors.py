"""Error codes of jobs."""

from __future__ import annotations

from typing import Final

from voicechanger.domains.clips import errors as clips
from voicechanger.kit.errors import ErrorCode, ErrorCodes

ERRORS: Final[ErrorCodes] = {
    "quote_failed": ErrorCode(503, "The quote could not be made; try again soon."),
    "too_many_jobs": ErrorCode(429, "Too many open jobs; see Retry-After."),
    "text_missing": ErrorCode(422, "text is required."),
    "text_empty": ErrorCode(422, "text is empty."),
    "text_too_long": ErrorCode(422, "text is longer than MAX_TEXT_CHARACTERS."),
    "text_control_characters": ErrorCode(422, "text contains control characters."),
    "text_not_speakable": ErrorCode(422, "text contains nothing that can be spoken."),
    "unsupported_script": ErrorCode(422, "text contains letters of a script that no supported language uses."),
    "unspeakable_text": ErrorCode(422, "A part of text cannot be spoken in its language."),
    "nothing_to_speak": ErrorCode(422, "A part of text leaves nothing to speak."),
    "unknown_phoneme": ErrorCode(422, "text contains phonemes that the model does not support."),
    "utterance_too_long": ErrorCode(422, "A part of text cannot be split into pieces that the model accepts."),
    "espeak_failed": ErrorCode(422, "A part of text could not be turned into phonemes."),
    "unknown_markup": ErrorCode(422, "text contains a tag that is not supported."),
    "bad_markup": ErrorCode(422, "A tag in text is not well formed."),
    "unsupported_format": ErrorCode(422, "The format is not supported."),
    "invalid_speed": ErrorCode(422, "speed is not a number from 0.25 to 4."),
    "invalid_duration": ErrorCode(422, "duration is not a number above 0 and up to 600."),
    "speed_out_of_range": ErrorCode(422, "The model cannot reach the speed; the range that it reaches is given."),
    "duration_out_of_reach": ErrorCode(422, "The text cannot be spoken in that time; the possible range is given."),
    "invalid_async_mode": ErrorCode(422, "async_mode is neither true nor false."),
    "invalid_custom_voice_id": ErrorCode(422, "custom_voice_id is not a UUID."),
    "voice_missing": ErrorCode(422, "Neither audio_ref nor custom_voice_id is given."),
    "voice_ambiguous": ErrorCode(422, "Both audio_ref and custom_voice_id are given."),
    "voice_deleted": ErrorCode(422, "The voice was deleted before the job started."),
    "job_not_found": ErrorCode(404, "There is no such job."),
    "job_not_completed": ErrorCode(409, "The job has no result yet; see Retry-After."),
    "job_already_ended": ErrorCode(409, "The job has ended."),
    "job_canceled": ErrorCode(409, "The job was canceled."),
    "synthesis_failed": ErrorCode(500, "The speech could not be synthesized; nothing is charged."),
    "durations_not_finite": ErrorCode(500, "The model returned no usable durations; nothing is charged."),
    "length_not_as_planned": ErrorCode(500, "The model returned speech of an unplanned length; nothing is charged."),
    "speech_not_finite": ErrorCode(500, "The model returned no usable audio; nothing is charged."),
    "speech_silent": ErrorCode(500, "The model returned silence; nothing is charged."),
    "espeak_missing": ErrorCode(500, "This server lacks eSpeak NG, which the language needs; nothing is charged."),
    "espeak_broken": ErrorCode(500, "eSpeak NG does not start on this server; nothing is charged."),
    "chinese_missing": ErrorCode(500, "This server lacks the component for Chinese; nothing is charged."),
    "japanese_missing": ErrorCode(500, "This server lacks the component for Japanese; nothing is charged."),
    "job_too_long": ErrorCode(500, "The job took longer than this server allows; nothing is charged."),
    "worker_lost": ErrorCode(500, "The job was started several times and never finished; nothing is charged."),
    "stream_interrupted": ErrorCode(500, "The worker of the stream was lost; nothing is charged."),
    "disk_full": ErrorCode(500, "The server could not write the recording; nothing is charged."),
    "result_expired": ErrorCode(410, "The result was deleted at the end of its retention."),
    "no_worker_free": ErrorCode(503, "No worker started the work in time; nothing is charged."),
}

TEXT_FIELD: Final = ("text_missing", "text_empty", "text_too_long", "text_control_characters", "text_not_speakable")
"""What may be wrong with a text before its language is known."""
FIELDS: Final = (
    "unsupported_language",
    "unsupported_format",
    "invalid_speed",
    "invalid_duration",
    "invalid_async_mode",
)
VOICE_FIELD: Final = ("invalid_custom_voice_id", "voice_not_found", "voice_failed")
PAYMENT: Final = ("insufficient_credits", "key_cap_reached", "too_many_jobs", "storage_unavailable")
TEXT_REFUSED: Final = (
    "unsupported_script",
    "unspeakable_text",
    "nothing_to_speak",
    "unknown_phoneme",
    "unknown_phonemes",
    "utterance_too_long",
    "espeak_failed",
    "unknown_markup",
    "bad_markup",
)
LANGUAGE_MISSING: Final = ("espeak_missing", "espeak_broken", "chinese_missing", "japanese_missing")
MODEL_FAILED: Final = (
    "synthesis_failed",
    "durations_not_finite",
    "length_not_as_planned",
    "speech_not_finite",
    "speech_silent",
)
JOB_FAILED: Final = (
    *TEXT_REFUSED,
    *clips.REFUSED,
    "duration_out_of_reach",
    "speed_out_of_range",
    "voice_deleted",
    *LANGUAGE_MISSING,
    *MODEL_FAILED,
    "job_too_long",
    "worker_lost",
    "disk_full",
    "storage_unavailable",
)
"""What a job may have failed with, as a waiting caller and its result report it."""
STREAM_FAILED: Final = (
    "voice_not_found",
    "voice_failed",
    *PAYMENT,
    *JOB_FAILED,
    "job_canceled",
    "stream_interrupted",
    "no_worker_free",
)
"""What may go wrong before the first byte of a stream."""
