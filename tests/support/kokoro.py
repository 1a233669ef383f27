"""The real model, built once and loaded once a test run."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from voicechanger.tts.kokoro import assets
from voicechanger.tts.kokoro.engine import KokoroEngine


def model_folder() -> Path:
    """The prepared model folder; built when it is not there."""
    folder = Path(os.environ.get("MODELS_DIR") or assets.default_folder())
    assets.prepare(folder)
    return folder


@pytest.fixture(scope="session")
def models() -> Path:
    """The prepared model folder."""
    return model_folder()


@pytest.fixture(scope="session")
def engine(models: Path) -> KokoroEngine:
    """The real engine on two threads."""
    return KokoroEngine.load(models, threads=2)
