"""The page of the reference runs no script but files of this server."""

from __future__ import annotations

import json
import re

from tests.support.server import Server


async def test_the_reference_has_no_inline_script(server: Server) -> None:
    async with server.client() as client:
        page = await client.get("/docs")
        policy = dict(part.strip().split(" ", 1) for part in page.headers["content-security-policy"].split(";"))
        assert policy["script-src"] == "'self'"
        scripts = re.findall(r"<script([^>]*)>(.*?)</script>", page.text, re.DOTALL)
        assert scripts and all("src=" in attributes and not text for attributes, text in scripts)
        start = await client.get("/docs/start.js")
    assert start.headers["content-type"].startswith("text/javascript")
    given = json.loads(start.text[start.text.index("{") : start.text.rindex("}") + 1])
    assert given["url"] == "/openapi.json" and given["telemetry"] is False
