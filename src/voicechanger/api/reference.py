"""The API reference at /docs: Scalar, served from here, asking no other host for anything."""

from __future__ import annotations

import json

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response

router = APIRouter(include_in_schema=False)

_CONFIGURATION = {
    "url": "/openapi.json",
    "withDefaultFonts": False,
    "telemetry": False,
    "proxyUrl": "",
    "hideClientButton": True,
    "showDeveloperTools": "never",
    "agent": {"disabled": True},
    "mcp": {"disabled": True},
    "documentDownloadType": "json",
    "metaData": {"title": "VoiceChangerAPI reference"},
    "defaultHttpClient": {"targetKey": "shell", "clientKey": "curl"},
}
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>VoiceChangerAPI reference</title>
<link rel="icon" href="data:,">
</head>
<body>
<div id="reference"></div>
<script src="/static/vendor/scalar.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
"""
# Scalar writes styles into the page; nothing may come from or go to another host
_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; media-src 'self' blob:; "
    "frame-ancestors 'none'; base-uri 'self'; form-action 'self'"
)


@router.get("/docs")
async def reference() -> HTMLResponse:
    """The reference and playground."""
    return HTMLResponse(_PAGE, headers={"Content-Security-Policy": _POLICY, "X-Content-Type-Options": "nosniff"})


@router.get("/docs/start.js")
async def start() -> Response:
    """Start the reference; a file, because the page's policy allows no script inside of it."""
    script = f'Scalar.createApiReference("#reference", {json.dumps(_CONFIGURATION)});\n'
    return Response(script, media_type="text/javascript", headers={"X-Content-Type-Options": "nosniff"})


@router.get("/api/openapi")
async def openapi(request: Request) -> JSONResponse:
    """The same document as /openapi.json."""
    return JSONResponse(request.app.openapi())
