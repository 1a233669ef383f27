"""Names of queues, tasks and channels, shared by the code that enqueues tasks and the code that runs them."""

from __future__ import annotations

from typing import Final

SPEECH_QUEUE: Final = "speech"
"""Heavy work: one job at a time in each worker."""
LIGHT_QUEUE: Final = "light"
"""Short work: quotes and the deletion of files."""

WEBHOOK_QUEUE: Final = "webhooks"
"""Deliveries of webhooks, in a queue of their own: a slow receiver delays only deliveries."""

RUN_SPEECH: Final = "speech.run"
"""Argument `job_id`: synthesize one job."""

ENROL_VOICE: Final = "voices.enrol"
"""Arguments `account_id`, `voice_id`, `clip_sha256`: encode the clip of a saved voice."""

REFINE_VOICE: Final = "voices.refine"
"""Arguments `account_id`, `voice_id`, `clip_sha256`: run one round of refinement of a saved voice."""

DELETE_FILES: Final = "files.delete"
"""Arguments `keys` and `prefixes`: delete files that no row names any more."""

JOB_CHANNEL: Final = "voicechanger_jobs"
"""NOTIFY channel; the payload is the ID of a job that has changed."""

QUOTE_SPEECH: Final = "speech.quote"
"""Arguments `call_id`, `account_id`, `deadline` and the request: plan a text and answer with its length."""

RUN_ONCE: Final = frozenset({QUOTE_SPEECH})
"""Tasks that the sweeper deletes when their worker died: what killed one worker must not kill the next."""

DELIVER_WEBHOOK: Final = "webhooks.deliver"
"""Argument `delivery_id`: attempt one delivery once."""

ANSWER_CHANNEL: Final = "voicechanger_answers"
"""NOTIFY channel; the payload is JSON: the ID of a call and the answer of a worker, less than 8,000 bytes."""
