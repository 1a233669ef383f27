"""Setup on a machine whose pip knows two indexes, one of which offers a build without the native library."""

from __future__ import annotations

import base64
import hashlib
import subprocess
import sys
import zipfile
from pathlib import Path

import pip
import pytest
from packaging.tags import platform_tags

from tests.support.scripts import load_script

ROOT = Path(__file__).parents[2]
PURE = "raise OSError('cannot load library libsndfile.so')"
NATIVE = "def available_formats():\n    return {'WAV', 'FLAC', 'OGG', 'MP3'}"


python_packages = load_script("python_packages")


def make_index(folder: Path, tag: str, code: str) -> Path:
    """A package index that offers one build of soundfile 9.9."""
    page = folder / "soundfile"
    page.mkdir(parents=True)
    info = "soundfile-9.9.dist-info"
    files = {
        "soundfile.py": code,
        f"{info}/METADATA": "Metadata-Version: 2.1\nName: soundfile\nVersion: 9.9\n",
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-{tag}\n",
    }
    record = [f"{name},sha256={record_hash(text)},{len(text)}" for name, text in files.items()]
    files[f"{info}/RECORD"] = "\n".join([*record, f"{info}/RECORD,,", ""])
    wheel = page / f"soundfile-9.9-py3-none-{tag}.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    (page / "index.html").write_text(f'<a href="{wheel.name}">{wheel.name}</a>')
    return wheel


def record_hash(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


class Machine:
    """An empty environment, and a lock file that allows the wheels of the given indexes."""

    def __init__(self, folder: Path, *indexes: tuple[str, str]) -> None:
        self.wheels = [make_index(folder / f"index-{n}", tag, code) for n, (tag, code) in enumerate(indexes)]
        self.python = folder / "venv" / "bin" / "python"
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder / "venv")], check=True)
        site = next((folder / "venv" / "lib").glob("python3*")) / "site-packages"
        (site / "pip").symlink_to(Path(pip.__file__).parent)  # ensurepip takes seconds
        self.lock = folder / "lock.txt"
        hashes = [hashlib.sha256(wheel.read_bytes()).hexdigest() for wheel in self.wheels]
        self.lock.write_text(" \\\n    ".join(["soundfile==9.9", *(f"--hash=sha256:{each}" for each in hashes)]) + "\n")

    def install(self) -> None:
        python_packages.install(self.python, self.lock, ["soundfile"])

    def imports(self) -> bool:
        return subprocess.run([self.python, "-c", "import soundfile"], capture_output=True).returncode == 0


@pytest.fixture
def indexes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """pip knows the two indexes of this test and no other; uv is told nothing."""
    for name in ("PIP_FIND_LINKS", "UV_INDEX", "UV_DEFAULT_INDEX", "UV_FIND_LINKS", "UV_INDEX_STRATEGY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_CACHE_DIR", "1")
    monkeypatch.setenv("UV_NO_CACHE", "1")
    monkeypatch.setenv("PIP_INDEX_URL", (tmp_path / "index-0").as_uri())
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", (tmp_path / "index-1").as_uri())


@pytest.mark.usefixtures("indexes")
def test_a_build_without_its_library_is_replaced_by_the_one_of_another_index(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    machine = Machine(tmp_path, (next(iter(platform_tags())), NATIVE), ("any", PURE))
    machine.install()
    assert machine.imports()
    assert "installing again with pip what does not load: soundfile" in capfd.readouterr().out


@pytest.mark.usefixtures("indexes")
def test_a_library_that_no_index_offers_is_reported_in_one_sentence(tmp_path: Path) -> None:
    machine = Machine(tmp_path, ("any", PURE), ("any", PURE + "  # the same"))
    with pytest.raises(SystemExit) as stopped:
        machine.install()
    message = str(stopped.value)
    assert "soundfile does not load (OSError: cannot load library libsndfile.so)" in message
    assert "No index that pip is configured with offers a build that works on this machine" in message
    assert "\n" not in message


def test_every_package_that_is_checked_is_locked() -> None:
    names = {name for name, _ in python_packages.entries((ROOT / "requirements" / "runtime.txt").read_text())}
    assert set(load_script("check_install").PROBES) <= names


def test_an_entry_of_a_lock_goes_to_its_last_hash() -> None:
    first = "a-b==1 ; python_version > '3' \\\n    --hash=sha256:00 \\\n    --hash=sha256:01\n"
    second = "c[d]==2 \\\n    --hash=sha256:02\n"
    assert python_packages.entries(first + second) == [("a-b", first), ("c", second)]


def test_the_later_section_of_pip_wins() -> None:
    listing = ":env:.index-url='https://b.invalid'\nglobal.index-url='https://a.invalid'\nuser.cert='/c'\nglobal.no='x'"
    assert python_packages.pip_options(listing) == {"index-url": "https://b.invalid", "cert": "/c"}
