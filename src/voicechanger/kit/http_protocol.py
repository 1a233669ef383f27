"""HTTP connections under limits: uvicorn's protocol with deadlines and caps that uvicorn does not have.

uvicorn waits for ever for the rest of a head or of a body and keeps heads of any size.  Here a connection that does
not finish its request in time is answered 408 and closed, too large a head is answered 431, and connections above a
limit, of one network or of all, are answered 503.  A response in progress is never cut by a limit on requests.
"""

from __future__ import annotations

import asyncio
import ipaddress
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from voicechanger.kit.rate_limits.limiter import network_of

_MAX_PIPELINED = 8
"""Requests that a client may send ahead of their answers; browsers send none."""


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """What one connection, one network and all clients together may use."""

    connections: int = 500
    connections_per_network: int = 100
    exempt: str = ""
    """Addresses or networks of reverse proxies, comma-separated, which no limit per network counts; `*`: all."""
    head_seconds: float = 10.0
    """From the connection, or the first byte of a further request, to the end of the head."""
    head_bytes: int = 32_768
    headers: int = 100
    body_seconds: float = 130.0
    """From the end of the head to the end of the body."""
    stall_seconds: float = 30.0
    """Longest pause within a body."""
    send_seconds: float = 300.0
    """Longest time in which a client takes nothing of an answer; a paused player is such a client."""

    def is_exempt(self, address: str) -> bool:
        """Whether the address is one of `exempt`."""
        if self.exempt.strip() == "*":
            return True
        try:
            given = ipaddress.ip_address(address)
            networks = [ipaddress.ip_network(item.strip(), strict=False) for item in self.exempt.split(",") if item]
        except ValueError:
            return False
        return any(given in network for network in networks)


class _Refused(Exception):
    """Stops the parser; the connection is closed already."""


class LimitedProtocol(HttpToolsProtocol):
    """One connection.  Use `limited_protocol` to set the limits."""

    limits: ClassVar[ConnectionLimits] = ConnectionLimits()
    by_network: ClassVar[Counter[str]] = Counter()

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._in_head = True
        """Whether the next byte belongs to a head or comes before one."""
        self._head_bytes = 0
        self._network: str | None = None
        """Set while the connection counts in `by_network`."""

    # the connection

    def connection_made(self, transport: asyncio.Transport) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]  # as uvicorn has it
        """Count the connection and start its first deadline."""
        super().connection_made(transport)
        address = self.client[0] if self.client else ""
        if address and not self.limits.is_exempt(address):
            self._network = network_of(address)
            self.by_network[self._network] += 1
        of_network = self.by_network[self._network] if self._network else 0
        if len(self.connections) > self.limits.connections or of_network > self.limits.connections_per_network:
            self._refuse(HTTPStatus.SERVICE_UNAVAILABLE, "Too many connections; try again soon.")
            return
        self._start("head", self.limits.head_seconds, self._head_late)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop every deadline."""
        for name in list(self._timers):
            self._stop(name)
        if self._network is not None:
            self.by_network[self._network] -= 1
            if self.by_network[self._network] <= 0:
                del self.by_network[self._network]
            self._network = None
        super().connection_lost(exc)

    # requests

    def data_received(self, data: bytes) -> None:
        """Parse, and count what belongs to a head."""
        if self._in_head:
            self._head_bytes += len(data)
            self._begin_head()
        elif "stall" in self._timers:
            self._start("stall", self.limits.stall_seconds, self._body_stalled)
        super().data_received(data)
        if self._in_head and self._head_bytes > self.limits.head_bytes:
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, self._head_too_large())

    def on_message_begin(self) -> None:
        """Start a head, which may follow another request in the same piece of data."""
        super().on_message_begin()
        self._begin_head()

    def on_headers_complete(self) -> None:
        """Refuse a head that is too large before the application sees it; start the deadlines of the body."""
        size = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
        if size > self.limits.head_bytes or len(self.headers) > self.limits.headers:
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, self._head_too_large())
            raise _Refused
        if len(self.pipeline) >= _MAX_PIPELINED:
            self.transport.abort()
            raise _Refused
        self._stop("head")
        self._in_head, self._head_bytes = False, 0
        self._start("body", self.limits.body_seconds, self._body_late)
        self._start("stall", self.limits.stall_seconds, self._body_stalled)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Stop the deadlines of the body."""
        self._stop("body")
        self._stop("stall")
        self._in_head = True
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """Answer what is not HTTP, unless the connection is refused already."""
        if not self.transport.is_closing():
            super().send_400_response(msg)

    # answers

    def pause_writing(self) -> None:
        """Give the client a while to take what is waiting for it."""
        super().pause_writing()
        self._start("send", self.limits.send_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        """Go on sending."""
        self._stop("send")
        super().resume_writing()

    # deadlines

    def _begin_head(self) -> None:
        if "head" not in self._timers:
            self._start("head", self.limits.head_seconds, self._head_late)

    def _head_late(self) -> None:
        if self._is_answering():
            self._start("head", self.limits.head_seconds, self._head_late)
            return
        self._refuse(
            HTTPStatus.REQUEST_TIMEOUT, f"The request head took longer than {self.limits.head_seconds:g} seconds."
        )

    def _body_late(self) -> None:
        self._refuse(HTTPStatus.REQUEST_TIMEOUT, f"The body took longer than {self.limits.body_seconds:g} seconds.")

    def _body_stalled(self) -> None:
        if self.flow.read_paused:
            # the application reads slower than the client sends
            self._start("stall", self.limits.stall_seconds, self._body_stalled)
            return
        self._refuse(HTTPStatus.REQUEST_TIMEOUT, f"Nothing of the body came for {self.limits.stall_seconds:g} seconds.")

    def _start(self, name: str, seconds: float, late: Callable[[], None]) -> None:
        self._stop(name)
        self._timers[name] = self.loop.call_later(seconds, self._expire, name, late)

    def _expire(self, name: str, late: Callable[[], None]) -> None:
        self._timers.pop(name, None)
        # a closing connection stays open until the client has taken what is waiting for it
        if name == "send" or not self.transport.is_closing():
            late()

    def _stop(self, name: str) -> None:
        timer = self._timers.pop(name, None)
        if timer is not None:
            timer.cancel()

    def _is_answering(self) -> bool:
        cycle: Any = self.cycle  # None before the first request, which uvicorn's annotation leaves out
        return cycle is not None and not cycle.response_complete

    def _head_too_large(self) -> str:
        return f"The request head may have {self.limits.head_bytes} bytes and {self.limits.headers} headers."

    def _refuse(self, status: HTTPStatus, message: str) -> None:
        """Answer, unless an answer has begun, and close the connection."""
        cycle: Any = self.cycle
        if cycle is None or cycle.response_complete or not cycle.response_started:
            body = message.encode()
            head = (
                f"HTTP/1.1 {status.value} {status.phrase}\r\nContent-Type: text/plain; charset=utf-8\r\n"
                f"Content-Length: {len(body)}\r\nRetry-After: 10\r\nConnection: close\r\n\r\n"
            )
            self.transport.write(head.encode() + body)
        self.transport.close()


def limited_protocol(limits: ConnectionLimits) -> type[LimitedProtocol]:
    """Return the protocol class for uvicorn's `http` option, with counters of its own."""
    return type("LimitedProtocol", (LimitedProtocol,), {"limits": limits, "by_network": Counter()})
