"""Names shared by those who enqueue and those who run, so that neither imports the other."""

from __future__ import annotations

from typing import Final

SPEECH_QUEUE: Final = "speech"
"""Heavy work: one job at a time in each worker."""
LIGHT_QUEUE: Final = "light"
"""Short work that mostly waits: deliveries, cleaning up."""

WEBHOOK_QUEUE: Final = "webhooks"
"""Deliveries, apart from other light work: a slow receiver holds up nothing but deliveries."""

RUN_SPEECH: Final = "speech.run"
"""Argument `job_id`: speak one job."""

ENROL_VOICE: Final = "voices.enrol"
"""Arguments `account_id`, `voice_id`, `clip_sha256`: learn a saved voice from its clip."""

REFINE_VOICE: Final = "voices.refine"
"""Arguments `account_id`, `voice_id`, `clip_sha256`: one round of bettering a saved voice."""

TIDY_VOICE: Final = "voices.tidy"
"""Arguments `account_id`, `keys`, `clip_key`, `clip_sha256`: remove what a voice no longer uses."""

JOB_CHANNEL: Final = "voicechanger_jobs"
"""NOTIFY channel; the payload is the id of a job that has changed."""

QUOTE_SPEECH: Final = "speech.quote"
"""Arguments `call_id` and the request: tell the length of a speech without speaking it."""

DELIVER_WEBHOOK: Final = "webhooks.deliver"
"""Argument `delivery_id`: try to deliver one message once."""

ANSWER_CHANNEL: Final = "voicechanger_answers"
"""NOTIFY channel; the payload is JSON: the id of a call and a worker's answer, under 8,000 bytes."""
