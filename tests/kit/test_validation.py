"""What a caller reads about an invalid field: a plain sentence, on forms, JSON bodies and query parameters alike."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Annotated, Any, Literal

import pytest
from fastapi.exceptions import RequestValidationError
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from tests.support.server import Member
from tests.support.voices import CONSENT, VOICES
from voicechanger.kit.problems import as_product_error
from voicechanger.kit.validation import NO_NUL

TTS = "/v1/voice-cloning/tts"


class Everything(BaseModel):
    """A field of every kind that our bodies and queries have."""

    model_config = ConfigDict(extra="forbid")

    word: Annotated[str, Field(min_length=1, max_length=5, pattern=NO_NUL)] = "a"
    long: Annotated[str, Field(min_length=3)] = "abc"
    count: Annotated[int, Field(ge=1, le=100)] = 1
    above: Annotated[float, Field(gt=0, lt=10, allow_inf_nan=False)] = 1.0
    id: uuid.UUID | None = None
    kind: Literal["json", "srt", "vtt"] = "json"
    names: Annotated[list[str], Field(min_length=1, max_length=2)] = ["a"]
    at: datetime | None = None
    aware: AwareDatetime | None = None
    yes: bool = True
    must: int = 0


SENTENCES: list[tuple[dict[str, Any], str]] = [
    ({"word": ""}, "`word` must not be empty."),
    ({"word": "abcdef"}, "`word` must have at most 5 characters; got 6."),
    ({"word": "a\0"}, "`word` must not contain NUL characters."),
    ({"word": ["hunter2"]}, "`word` must be a string; got a list."),
    ({"word": {"hunter2": 1}}, "`word` must be a string; got an object."),
    ({"word": 7}, "`word` must be a string; got a number."),
    ({"word": None}, "`word` must be a string; got null."),
    ({"long": "a"}, "`long` must have at least 3 characters; got 1."),
    ({"count": 0}, "`count` must be at least 1; got 0."),
    ({"count": 101}, "`count` must be at most 100; got 101."),
    ({"count": 1.5}, "`count` must be a whole number; got 1.5."),
    ({"count": "many"}, '`count` must be a whole number; got "many".'),
    ({"above": 0}, "`above` must be greater than 0; got 0."),
    ({"above": 10.0}, "`above` must be less than 10; got 10."),
    ({"above": float("nan")}, "`above` must be a finite number; got nan."),
    ({"above": "x" * 100}, "`above` must be a number; got a string."),
    ({"id": "seven"}, '`id` must be a UUID; got "seven".'),
    ({"kind": "ass"}, '`kind` must be one of: json, srt, vtt; got "ass".'),
    ({"names": []}, "`names` must have at least 1 items; got 0."),
    ({"names": ["a", "b", "c"]}, "`names` must have at most 2 items; got 3."),
    ({"names": "a"}, "`names` must be a list; got a string."),
    ({"names": ["a", 1]}, "`names.1` must be a string; got a number."),
    ({"at": "yesterday"}, '`at` must be a date and time such as 2026-01-31T12:00:00Z; got "yesterday".'),
    ({"aware": "2026-01-31T12:00:00"}, "`aware` must have a time zone, such as 2026-01-31T12:00:00Z; got"),
    ({"yes": "perhaps"}, '`yes` must be true or false; got "perhaps".'),
    ({"colour": "red"}, "`colour` is not a field of this request."),
]


@pytest.mark.parametrize(("body", "sentence"), SENTENCES, ids=[sentence for _, sentence in SENTENCES])
def test_a_sentence_for_every_kind_of_error(body: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Everything.model_validate(body)
    raw = [{**item, "loc": ("body", *item["loc"])} for item in caught.value.errors()]
    problems = as_product_error(RequestValidationError(raw)).problems
    assert len(problems) == 1
    assert problems[0].message.startswith(sentence)
    # the sentences of the library, which begin with "Input should" and the like, are nowhere
    assert raw[0]["msg"] not in problems[0].message


async def sentences(answer: Any) -> dict[str, str]:
    """Field → message."""
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    return {error["field"]: error["message"] for error in answer.json()["errors"]}


async def test_json_query_and_path(member: Member) -> None:
    get, post = member.client.get, member.client.post
    assert await sentences(await get("/v1/jobs?limit=1000")) == {"limit": "`limit` must be at most 100; got 1000."}
    assert await sentences(await get("/v1/jobs/seven")) == {"job_id": '`job_id` must be a UUID; got "seven".'}
    assert await sentences(await post("/v1/webhooks", json={})) == {"url": "`url` is required."}
    assert await sentences(await post("/v1/account/keys", json={"name": " "})) == {"name": "`name` must not be blank."}
    broken = await post("/v1/webhooks", content=b"{", headers={"Content-Type": "application/json"})
    assert await sentences(broken) == {"body": "The body is not well-formed JSON."}
    listed = await post("/v1/webhooks", json=[1])
    assert await sentences(listed) == {"body": "`body` must be an object; got a list."}


async def test_a_speech_form(member: Member) -> None:
    form = {
        "text": " ",
        "speed": "9",
        "duration": "601",
        "language": "klingon",
        "format": "m4a",
        "async_mode": "maybe",
        "custom_voice_id": "seven",
    }
    found = await sentences(await member.client.post(TTS, data=form))
    assert "klingon" in found.pop("language")
    assert found == {
        "text": "`text` is empty; send at least one word.",
        "speed": "`speed` must be between 0.25 and 4; got 9.",
        "duration": "`duration` must be greater than 0 and at most 600; got 601.",
        "format": "`format` must be one of: wav, mp3, flac, opus, pcm.",
        "async_mode": "`async_mode` must be the string true or false.",
        "custom_voice_id": '`custom_voice_id` must be a UUID; got "seven".',
    }


async def test_blank_fields_of_a_speech_form_count_as_absent(member: Member) -> None:
    voice = str(await member.save_voice())
    blank = {"language": "", "speed": " ", "duration": "", "format": ""}
    answer = await member.client.post(TTS, data={"text": "Hello.", "custom_voice_id": voice, **blank})
    assert answer.status_code == 202, answer.text
    job = (await member.client.get(answer.headers["location"])).json()
    assert (job["language"], job["speed"], job["duration"], job["format"]) == ("auto", 1.0, None, "wav")
    found = await sentences(await member.client.post(TTS, data={"custom_voice_id": " "}))
    assert found == {
        "text": "`text` is required.",
        "audio_ref": "Send exactly one of `audio_ref` and `custom_voice_id`.",
        "custom_voice_id": "Send exactly one of `audio_ref` and `custom_voice_id`.",
    }


async def test_a_voice_form(member: Member) -> None:
    found = await sentences(await member.client.post(VOICES, data={"name": "x" * 101, "generate_preview": ""}))
    assert found.pop("consent").startswith("`consent` is required: send the statement of the speaker")
    assert found == {
        "name": "`name` must have at most 100 characters; got 101.",
        "ref_audio": "`ref_audio` is required.",
        "generate_preview": "`generate_preview` must be the string true or false.",
    }
    voice = await member.save_voice()
    found = await sentences(await member.client.patch(f"{VOICES}/{voice}", data={"consent": CONSENT}))
    assert set(found.values()) == {"Send at least one of `name`, `ref_audio` and `image`."}


async def test_fields_of_the_wrong_kind(member: Member) -> None:
    files = [("text", ("a.txt", b"Hello.")), ("colour", ("a.txt", b"red"))]
    found = await sentences(await member.client.post(TTS, data={"audio_ref": "a"}, files=files))
    assert found.pop("colour").startswith("`colour` is not a field of this form; its fields are: async_mode, audio_ref")
    assert found == {"text": "`text` must be a text field.", "audio_ref": "`audio_ref` must be a file upload."}
