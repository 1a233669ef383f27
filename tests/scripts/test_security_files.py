"""The list of components, and the example of a reverse proxy."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.scripts import load_script

ROOT = Path(__file__).parents[2]
NGINX = ROOT / "deploy" / "nginx.conf"


def test_the_bill_of_materials_lists_every_locked_package() -> None:
    document = load_script("sbom").document()
    purls = [item["purl"] for item in document["components"]]
    locked = re.findall(r"^([\w.-]+)(?:\[.*?\])?==", (ROOT / "requirements" / "runtime.txt").read_text(), re.MULTILINE)
    bundled = json.loads((ROOT / "requirements" / "bundles.json").read_text())
    assert len(purls) == len(locked) + sum(len(entries) for entries in bundled.values())
    assert len(set(purls)) == len(purls)
    assert any(purl.startswith("pkg:npm/%40scalar/api-reference@") for purl in purls)
    assert (document["bomFormat"], document["specVersion"]) == ("CycloneDX", "1.6")


def directives(text: str) -> dict[str, list[str]]:
    """Values of each directive; fails on a brace or a semicolon that is missing."""
    plain = re.sub(r"#.*", "", text)
    assert plain.count("{") == plain.count("}")
    found: dict[str, list[str]] = {}
    for statement in re.split(r"[;{}]", plain):
        words = statement.split()
        if words:
            assert "\n" not in statement.strip(), statement
            found.setdefault(words[0], []).append(" ".join(words[1:]))
    return found


def test_the_proxy_has_every_limit_that_the_guide_names() -> None:
    found = directives(NGINX.read_text())
    for name in ("client_header_timeout", "client_body_timeout", "send_timeout", "limit_conn", "limit_req"):
        assert found[name], name
    assert found["proxy_buffering"] == ["off"]
    assert "X-Forwarded-For $remote_addr" in found["proxy_set_header"]


def test_nginx_accepts_the_example(tmp_path: Path) -> None:
    program = shutil.which("nginx")
    if program is None:
        pytest.skip("nginx is not installed; the test above has parsed the file")
    text = re.sub(r"^\s*ssl_certificate.*$", "", NGINX.read_text(), flags=re.MULTILINE)
    text = text.replace("listen 443 ssl", "listen 18443")
    whole = tmp_path / "nginx.conf"
    whole.write_text(f"pid {tmp_path}/pid; error_log stderr; events {{}} http {{ access_log off; {text} }}")
    done = subprocess.run([program, "-t", "-c", str(whole), "-p", str(tmp_path)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
