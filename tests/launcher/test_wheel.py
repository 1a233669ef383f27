"""The wheel that we build, alone in an empty environment: it builds its models and serves without the repository."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.support.scripts import load_script
from tests.support.serve import Serve

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
UV = ROOT / ".venv" / "bin" / "uv"


def run(*command: str | Path, folder: Path = ROOT, **environment: str) -> str:
    given = os.environ | environment
    done = subprocess.run([str(part) for part in command], cwd=folder, env=given, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """Python of an environment into which the wheel alone was installed, with what it declares."""
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path)
    wheel = next(tmp_path.glob("*.whl"))
    # the locked versions, so that files come from the cache of setup and no new release breaks this test
    lock = (ROOT / "requirements" / "runtime.txt").read_text()
    (tmp_path / "constraints.txt").write_text("\n".join(re.findall(r"^[^\s#-][^\\\n]*", lock, re.M)))
    python = tmp_path / "venv" / "bin" / "python"
    run(sys.executable, "-m", "venv", tmp_path / "venv")
    # uv reads the same metadata as pip, and has the files in its cache
    indexes = load_script("python_packages").uv_environment(python)
    options = ("--quiet", "--python", python, "--constraints", tmp_path / "constraints.txt")
    run(UV, "pip", "install", *options, wheel, **indexes)
    run(python, "-m", "pip", "check")
    return python


def test_the_wheel_alone_builds_its_models_and_serves(installed: Path, serve: Serve) -> None:
    models = serve.folder / "models"
    built = run(installed, "-m", "voicechanger", "models", folder=serve.folder, MODELS_DIR=str(models))
    assert "Models are ready" in built
    served = Serve(serve.folder, installed)
    served.environment |= {"MODELS_DIR": str(models), "HOME": str(serve.folder)}
    try:
        served.start()
        for page in ("/", "/docs", "/static/vendor/wavesurfer.js", "/static/vendor/scalar.js"):
            assert httpx.get(served.address + page).status_code == 200
    finally:
        assert served.end() == 0
