"""What the pronunciation routes take and answer, as the OpenAPI document shows it."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from voicechanger.domains.pronunciations.tables import Pronunciation
from voicechanger.kit.validation import StoredText
from voicechanger.tts.text.lexicon import ANY


class NewPronunciation(BaseModel):
    """A word and how to say it."""

    model_config = ConfigDict(extra="forbid")

    word: Annotated[
        StoredText,
        Field(
            min_length=1,
            max_length=200,
            description="One word as it is written, in any case, without the marks around it; 60 characters at most.",
            examples=["Nguyen", "C++", "5G"],
        ),
    ]
    phonemes: Annotated[
        StoredText,
        Field(
            min_length=1,
            max_length=100,
            description="How it is said, 1 to 100 symbols.",
            examples=["wˈɪn"],
        ),
    ]
    alphabet: Literal["model", "ipa"] = Field(
        "model",
        description="model: the symbols of the model, as in [word](/phonemes/); what they cannot be is read as IPA. "
        "ipa: the International Phonetic Alphabet, turned into the symbols of the model.",
    )
    language: Annotated[
        StoredText, Field(max_length=30, description="A language's tag, or any.", examples=[ANY, "fr"])
    ] = ANY


class PronunciationView(BaseModel):
    """An entry of the dictionary."""

    id: uuid.UUID = Field(description="Id of the entry.")
    word: str = Field(description="The word; found in a text in any case.")
    phonemes: str = Field(description="How it is said, in the symbols of the model.")
    language: str = Field(description="The language in which it holds, or any.")
    created_at: datetime = Field(description="When it was made.")
    updated_at: datetime = Field(description="When it was last changed.")

    @classmethod
    def of(cls, entry: Pronunciation) -> PronunciationView:
        """The view of an entry."""
        return cls(**{name: getattr(entry, name) for name in cls.model_fields})


class PronunciationPage(BaseModel):
    """A page of entries, the newest first."""

    items: list[PronunciationView] = Field(description="The entries of this page.")
    next_cursor: str | None = Field(description="Give it as cursor for the next page; null on the last.")
