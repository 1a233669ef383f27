"""The API process: our application under uvicorn."""

from __future__ import annotations

import uvicorn

from voicechanger.kit.logs import configure_logs
from voicechanger.launcher.errors import ServingError
from voicechanger.settings import Settings

GRACE_SECONDS = 20
"""How long answers under way may take once the API is asked to stop."""


def run_api(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT; ServingError when a needed setting is missing."""
    try:
        settings.require_database()
        settings.secret()
    except ValueError as error:
        raise ServingError(str(error)) from error
    configure_logs(settings.log_format)
    uvicorn.run(
        "voicechanger.api.app:create_app",
        factory=True,
        host=settings.host,
        port=settings.port,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies,
        server_header=False,
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
