"""Schemas of speech and job responses, as the OpenAPI document shows them."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from voicechanger.domains.jobs.service import Result
from voicechanger.domains.jobs.tables import Job, JobKind, JobMode, JobStatus


class Accepted(BaseModel):
    """The job was accepted and runs in the background (async mode)."""

    mode: Literal["async"] = Field(default="async", description="Mode of the request.")
    job_id: uuid.UUID = Field(description="ID of the job; follow it with GET /v1/jobs/{job_id}.")
    status: Literal["queued"] = Field(default="queued", description="Status of the job at the time of this response.")
    queued: Literal[True] = Field(default=True, description="The status as a boolean.")
    credits_reserved: int = Field(description="Credits that are reserved until the job ends.")


class StillRunning(BaseModel):
    """The job did not end within the waiting time and continues (sync mode)."""

    mode: Literal["sync"] = Field(default="sync", description="Mode of the request.")
    status: Literal["timeout_waiting"] = Field(
        default="timeout_waiting", description="The wait ended; the job continues."
    )
    job_id: uuid.UUID = Field(description="ID of the job; follow it with GET /v1/jobs/{job_id}.")


class ResultView(BaseModel):
    """A link to the recording, and its properties."""

    download_url: str = Field(description="Signed link; it needs no API key and works until expires_at.")
    expires_at: datetime = Field(description="When the link stops working.")
    mime_type: str = Field(description="MIME type of the recording, e.g. audio/wav.")
    size_bytes: int = Field(description="Size of the recording, in bytes.")
    duration_seconds: float = Field(description="Length of the recording, in seconds.")

    @classmethod
    def of(cls, result: Result) -> ResultView:
        """Return the view of a result."""
        return cls(**_result_fields(result))


def _result_fields(result: Result) -> dict[str, Any]:
    job = result.job
    return {
        "download_url": result.link.url,
        "expires_at": result.link.expires_at,
        "mime_type": result.mime_type,
        "size_bytes": job.result_bytes or 0,
        "duration_seconds": round(job.duration_seconds or 0.0, 3),
    }


class Completed(ResultView):
    """The recording is ready (sync mode)."""

    mode: Literal["sync"] = Field(default="sync", description="Mode of the request.")
    status: Literal["completed"] = Field(default="completed", description="The job has completed.")
    job_id: uuid.UUID = Field(description="ID of the job, for new links and word times.")
    credits_charged: int = Field(description="Cost of the job, in credits.")

    @classmethod
    def of(cls, result: Result) -> Completed:
        """Return the view of a result that a sync request waited for."""
        return cls(job_id=result.job.id, credits_charged=result.job.credits_charged or 0, **_result_fields(result))


class JobError(BaseModel):
    """Why a job failed."""

    code: str = Field(description="Stable machine code.")
    message: str = Field(description="Explanation for people.")


class JobView(BaseModel):
    """A job with its status and progress."""

    id: uuid.UUID = Field(description="ID of the job.")
    kind: JobKind = Field(description="speech, or preview: the free preview of a saved voice.")
    status: JobStatus = Field(description="queued, processing, then completed, failed or canceled.")
    progress: float = Field(ge=0, le=1, description="Share of the speech that is synthesized, 0 to 1.")
    position: int | None = Field(description="Queue entries that workers take before this job; null unless queued.")
    mode: JobMode = Field(description="Mode of the request: sync, async or stream.")
    characters: int = Field(description="Code points of the text, which decide the price.")
    language: str = Field(description="Language of the request: auto or a language tag.")
    detected_languages: list[str] | None = Field(description="Languages of the speech; null until completed.")
    notices: list[str] | None = Field(description="Notes about the result, e.g. that a language was guessed.")
    speed: float = Field(description="Relative speed of the request; 1 is natural.")
    duration: float | None = Field(description="Target duration of the request, in seconds; null without one.")
    effective_speed: float | None = Field(
        description="Natural duration divided by real duration; null until completed."
    )
    format: str = Field(description="Format of the recording.")
    custom_voice_id: uuid.UUID | None = Field(description="ID of the saved voice; null when a recording was sent.")
    credits_reserved: int = Field(description="Credits that are reserved while the job is open.")
    credits_charged: int | None = Field(
        description="Cost in credits; null unless the job completed, or was streamed to a client that disconnected."
    )
    duration_seconds: float | None = Field(description="Length of the recording, in seconds.")
    error: JobError | None = Field(description="Why it failed; null unless status is failed.")
    attempt: int = Field(description="Number of starts of the job; more than 1 after a worker was lost.")
    created_at: datetime = Field(description="When the job was accepted.")
    started_at: datetime | None = Field(description="When a worker last started the job; null before.")
    finished_at: datetime | None = Field(description="When the job ended; null while it is open.")
    result_expires_at: datetime | None = Field(description="When the recording is deleted; null while there is none.")

    @classmethod
    def of(cls, job: Job, position: int | None = None) -> JobView:
        """Return the view of a job."""
        error = JobError(code=job.error_code, message=job.error_message or "") if job.error_code else None
        plain = {name: getattr(job, name) for name in cls.model_fields if name not in ("error", "position")}
        return cls(**plain, error=error, position=position)


class JobPage(BaseModel):
    """A page of jobs, newest first."""

    items: list[JobView] = Field(description="The jobs of this page.")
    next_cursor: str | None = Field(description="Send it as `cursor` to get the next page; null on the last page.")


class WordTime(BaseModel):
    """A word and the time at which it is spoken."""

    text: str = Field(description="The word as written in the request.")
    start: float = Field(description="Start of the word, in seconds from the start of the recording.")
    end: float = Field(description="End of the word, in seconds from the start of the recording.")
    sentence: int = Field(description="Index into `sentences`, from 0.")


class Timestamps(BaseModel):
    """The words of a recording with their times."""

    words: list[WordTime] = Field(description="All words in the order in which they are spoken.")
    sentences: list[str] = Field(description="The sentences of the text.")
    seconds: float = Field(description="Length of the recording, in seconds.")


class Quote(BaseModel):
    """Price and duration of a request; nothing is reserved."""

    characters: int = Field(description="Code points of the text.")
    credits: int = Field(description="Price, in credits.")
    natural_seconds: float = Field(description="Duration at speed 1, in seconds, as the model predicts it.")
    seconds: float = Field(description="Duration at the requested speed or target duration, in seconds.")
    effective_speed: float = Field(description="Natural duration divided by the requested one.")
    languages: list[str] = Field(description="Languages of the text.")
    notices: list[str] = Field(description="Notes about the text, e.g. that a language was guessed.")
