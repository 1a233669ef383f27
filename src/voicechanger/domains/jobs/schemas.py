"""What the speech and job routes answer, as the OpenAPI document shows it."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from voicechanger.domains.jobs.service import Result
from voicechanger.domains.jobs.tables import Job, JobKind, JobMode, JobStatus


class Accepted(BaseModel):
    """A job was accepted; it runs on its own (async mode)."""

    mode: Literal["async"] = Field(default="async", description="As asked.")
    job_id: uuid.UUID = Field(description="Ask GET /v1/jobs/{job_id} how far it is.")
    status: Literal["queued"] = Field(default="queued", description="Its status when this was answered.")
    queued: Literal[True] = Field(default=True, description="The same as a boolean.")
    credits_reserved: int = Field(description="Held until the job ends, in credits.")


class StillRunning(BaseModel):
    """The job did not end within the waiting time; it goes on (sync mode)."""

    mode: Literal["sync"] = Field(default="sync", description="As asked.")
    status: Literal["timeout_waiting"] = Field(default="timeout_waiting", description="The wait ended, not the job.")
    job_id: uuid.UUID = Field(description="Ask GET /v1/jobs/{job_id} how far it is.")


class ResultView(BaseModel):
    """Where the recording is, and what it is."""

    download_url: str = Field(description="Presigned: needs no key, and works until expires_at.")
    expires_at: datetime = Field(description="When the link stops working.")
    mime_type: str = Field(description="Type of the recording, e.g. audio/wav.")
    size_bytes: int = Field(description="Size of the recording, in bytes.")
    duration_seconds: float = Field(description="Length of the recording, in seconds.")

    @classmethod
    def of(cls, result: Result) -> ResultView:
        """The view of a result."""
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

    mode: Literal["sync"] = Field(default="sync", description="As asked.")
    status: Literal["completed"] = Field(default="completed", description="The job has ended well.")
    job_id: uuid.UUID = Field(description="Id of the job, for fresh links and word times.")
    credits_charged: int = Field(description="What the job cost, in credits.")

    @classmethod
    def of(cls, result: Result) -> Completed:
        """The view of a result that a sync request waited for."""
        return cls(job_id=result.job.id, credits_charged=result.job.credits_charged or 0, **_result_fields(result))


class JobError(BaseModel):
    """Why a job failed."""

    code: str = Field(description="Stable, for programs.")
    message: str = Field(description="For people.")


class JobView(BaseModel):
    """One synthesis and how far it is."""

    id: uuid.UUID = Field(description="Id of the job.")
    kind: JobKind = Field(description="speech: asked for; preview: made for a saved voice, free.")
    status: JobStatus = Field(description="queued, processing, then completed, failed or canceled.")
    progress: float = Field(ge=0, le=1, description="Share of the speech that is made, 0 to 1.")
    position: int | None = Field(description="Queue entries that workers take before this job; null unless queued.")
    mode: JobMode = Field(description="How it was asked for.")
    characters: int = Field(description="Code points of the text: what is priced.")
    language: str = Field(description="As asked: auto or a tag.")
    detected_languages: list[str] | None = Field(description="Languages spoken, once completed.")
    notices: list[str] | None = Field(description="What to know about the result, e.g. a guessed language.")
    speed: float = Field(description="Relative speed as asked, 1 is natural.")
    duration: float | None = Field(description="Target length as asked, in seconds.")
    effective_speed: float | None = Field(description="Natural length over delivered length, once completed.")
    format: str = Field(description="Of the recording.")
    custom_voice_id: uuid.UUID | None = Field(description="The saved voice; null when a recording was sent.")
    credits_reserved: int = Field(description="Held while the job is open, in credits.")
    credits_charged: int | None = Field(
        description="Cost, in credits; null unless completed, or streamed to a listener who left and paid for a part."
    )
    duration_seconds: float | None = Field(description="Length of the recording, in seconds.")
    error: JobError | None = Field(description="Why it failed; null unless status is failed.")
    attempt: int = Field(description="How often the job was started; more than 1 after a lost worker.")
    created_at: datetime = Field(description="When it was accepted.")
    started_at: datetime | None = Field(description="When a worker last took it up; null before.")
    finished_at: datetime | None = Field(description="When it ended; null while it is open.")
    result_expires_at: datetime | None = Field(description="When the recording is removed.")

    @classmethod
    def of(cls, job: Job, position: int | None = None) -> JobView:
        """The view of a job."""
        error = JobError(code=job.error_code, message=job.error_message or "") if job.error_code else None
        plain = {name: getattr(job, name) for name in cls.model_fields if name not in ("error", "position")}
        return cls(**plain, error=error, position=position)


class JobPage(BaseModel):
    """A page of jobs, the newest first."""

    items: list[JobView] = Field(description="The jobs of this page.")
    next_cursor: str | None = Field(description="Give it as cursor for the next page; null on the last.")


class WordTime(BaseModel):
    """A word and when it is heard."""

    text: str = Field(description="As written in the request.")
    start: float = Field(description="Seconds from the start of the recording.")
    end: float = Field(description="Seconds from the start of the recording.")
    sentence: int = Field(description="Index into sentences, from 0.")


class Timestamps(BaseModel):
    """When everything is heard."""

    words: list[WordTime] = Field(description="Every word that is heard, in order.")
    sentences: list[str] = Field(description="Texts of the sentences.")
    seconds: float = Field(description="Length of the recording, in seconds.")


class Quote(BaseModel):
    """What a request would cost and how long it would be; nothing is reserved."""

    characters: int = Field(description="Code points of the text.")
    credits: int = Field(description="Price, in credits.")
    natural_seconds: float = Field(description="Length at speed 1, in seconds, from the model's own durations.")
    seconds: float = Field(description="Length as asked, in seconds.")
    effective_speed: float = Field(description="Natural length over the length as asked.")
    languages: list[str] = Field(description="Languages that would be spoken.")
    notices: list[str] = Field(description="What to know, e.g. a guessed language.")
