"""Figures of a reference clip, as the API shows them."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class VoiceClip(BaseModel):
    """Figures of the reference recording: a view of `tts/audio/clip_report.py`."""

    model_config = ConfigDict(extra="ignore")

    seconds: float = Field(ge=0, description="Duration of the recording, in seconds.")
    rate: int = Field(gt=0, description="Sample rate of the upload, in hertz.")
    channels: int = Field(ge=1, description="Channels of the upload; they are mixed to one.")
    speech_seconds: float = Field(ge=0, description="Duration of the speech, in seconds.")
    speech_share: float = Field(ge=0, le=1, description="Share of the recording that contains speech, 0 to 1.")
    snr_db: float | None = Field(None, description="Speech over background noise, in decibels; null if unknown.")
    clipped_share: float = Field(ge=0, le=1, description="Share of samples at full scale, 0 to 1.")
    loudness_lufs: float | None = Field(None, description="Loudness by ITU-R BS.1770, in LUFS; null if unknown.")
    warnings: list[str] = Field(default_factory=list, description="Possible problems, e.g. narrowband.")
