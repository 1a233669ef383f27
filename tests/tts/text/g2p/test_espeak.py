"""eSpeak NG in its own process: restarts, refusals, threads, and its symbols in ours."""

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from voicechanger.tts.errors import MissingPart, TextError
from voicechanger.tts.text.g2p import espeak
from voicechanger.tts.text.g2p.align import share_out
from voicechanger.tts.text.g2p.espeak import EspeakProcess
from voicechanger.tts.text.g2p.espeak_symbols import to_model


def test_it_starts_again_after_it_was_killed() -> None:
    process = EspeakProcess()
    assert process.phonemes("es", ["hola"]) == ["ˈola"]
    first = process.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    assert process.phonemes("es", ["mundo"]) == ["mˈundo"]
    assert process.pid != first
    process.close()
    assert process.pid is None


def test_a_text_that_ends_it_twice_is_told() -> None:
    process = EspeakProcess(answer_seconds=0.0)  # no answer comes in time, as from one that hangs
    with pytest.raises(TextError) as told:
        process.phonemes("es", ["hola " * 2000])
    assert told.value.code == "espeak_failed"


def test_an_unknown_voice_is_told_and_does_not_end_it() -> None:
    process = EspeakProcess()
    with pytest.raises(TextError):
        process.phonemes("xx", ["hola"])
    assert process.phonemes("it", ["ciao"]) == ["t^ʃˈao"]
    process.close()


def test_threads_get_their_own_answers() -> None:
    process = EspeakProcess()
    words = ["uno", "dos", "tres", "cuatro", "cinco"] * 20
    alone = {word: process.phonemes("es", [word])[0] for word in set(words)}
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda word: process.phonemes("es", [word])[0], words))
    assert answers == [alone[word] for word in words]
    process.close()


def test_it_ends_with_its_parent() -> None:
    source = (
        "import os, sys; from voicechanger.tts.text.g2p.espeak import shared;"
        "shared().phonemes('es', ['hola']); print(shared().pid, flush=True); os._exit(9)"
    )
    path = os.pathsep.join(entry for entry in sys.path if entry)
    done = subprocess.run(
        [sys.executable, "-c", source], capture_output=True, text=True, env={**os.environ, "PYTHONPATH": path}
    )
    child = int(done.stdout)
    end = time.monotonic() + 20
    while psutil.pid_exists(child) and time.monotonic() < end:
        time.sleep(0.05)
    assert not psutil.pid_exists(child) or psutil.Process(child).status() == psutil.STATUS_ZOMBIE


def test_nothing_of_it_is_imported_here() -> None:
    espeak.shared().phonemes("es", ["hola"])
    assert "espeakng_loader" not in sys.modules
    assert "espeak" not in Path("/proc/self/maps").read_text()


def test_without_the_package_the_command_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(MissingPart, match=r"voicechanger\[espeak\]"):
        EspeakProcess().phonemes("es", ["hola"])


@pytest.mark.parametrize(
    ("raw", "ours"),
    [
        ("t^ʃˈao", "ʧˈao"),
        ("d^ʒˈiæ", "ʤˈiæ"),
        ("le-z amˈi", "lez amˈi"),
        ("sˈɔft̪wer", "sˈɔftwer"),
        ("(^e^n)wˈiːkˈɛnd(^f^r) vizavˈi", "wˈiːkˈɛnd vizavˈi"),
        ("sɐ̃^ʊ̃", "sɐ̃ʊ̃"),
        ("ɡˈɬaç", "ɡˈlaç"),
    ],
)
def test_its_symbols_become_ours(raw: str, ours: str) -> None:
    assert to_model(raw) == ours


def test_a_sound_without_a_symbol_is_told() -> None:
    with pytest.raises(TextError):
        to_model("ǃa")


@pytest.mark.parametrize(
    ("words", "phonemes", "alone", "parts"),
    [
        (["hola", "mundo"], "ˈola mˈundo", [], ["ˈola", "mˈundo"]),
        (["veinte y uno", "años"], "bˈeinte i ˈuno ˈaɲos", [], ["bˈeinte i ˈuno", "ˈaɲos"]),
        (["qu'est-ce", "que", "c'est"], "kɛskˌə sˈɛ", ["kˈɛs", "kˈə", "sˈɛ"], ["kɛs", "kˌə", "sˈɛ"]),
        (["guion"], "ɡi ˈon", ["ɡiˈon"], ["ɡi ˈon"]),
    ],
)
def test_words_get_their_share(words: list[str], phonemes: str, alone: list[str], parts: list[str]) -> None:
    spans = share_out(words, phonemes, lambda _: alone)
    assert [phonemes[start:end] for start, end in spans] == parts
