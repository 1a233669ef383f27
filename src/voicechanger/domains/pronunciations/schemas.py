"""Schemas of pronunciation requests and responses, as the OpenAPI document shows them."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from voicechanger.domains.pronunciations.tables import Pronunciation
from voicechanger.kit.validation import StoredText
from voicechanger.tts.text.lexicon import ANY


class NewPronunciation(BaseModel):
    """A word and its pronunciation."""

    model_config = ConfigDict(extra="forbid")

    word: Annotated[
        StoredText,
        Field(
            min_length=1,
            max_length=200,
            description="One word in any case, without punctuation around it; at most 60 characters.",
            examples=["Nguyen", "C++", "5G"],
        ),
    ]
    phonemes: Annotated[
        StoredText,
        Field(
            min_length=1,
            max_length=100,
            description="Phonemes of the word, 1 to 100 symbols.",
            examples=["wˈɪn"],
        ),
    ]
    alphabet: Literal["model", "ipa"] = Field(
        "model",
        description="model: symbols of the model, as in [word](/phonemes/); other symbols are read as IPA. "
        "ipa: the International Phonetic Alphabet, converted to symbols of the model.",
    )
    language: Annotated[StoredText, Field(max_length=30, description="Language tag, or any.", examples=[ANY, "fr"])] = (
        ANY
    )


class PronunciationView(BaseModel):
    """A pronunciation of the account."""

    id: uuid.UUID = Field(description="ID of the pronunciation.")
    word: str = Field(description="The word; it matches in any case.")
    phonemes: str = Field(description="Phonemes, in symbols of the model.")
    language: str = Field(description="Language tag, or any for all languages.")
    created_at: datetime = Field(description="When it was created.")
    updated_at: datetime = Field(description="When it was last changed.")

    @classmethod
    def of(cls, entry: Pronunciation) -> PronunciationView:
        """Return the view of a pronunciation."""
        return cls(**{name: getattr(entry, name) for name in cls.model_fields})


class PronunciationPage(BaseModel):
    """A page of pronunciations, newest first."""

    items: list[PronunciationView] = Field(description="The pronunciations of this page.")
    next_cursor: str | None = Field(description="Send it as `cursor` to get the next page; null on the last page.")
