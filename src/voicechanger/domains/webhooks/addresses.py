"""Which addresses a webhook may reach: public ones only, judged by the numbers that DNS gave, not by the name."""

from __future__ import annotations

import ipaddress
from typing import Final
from urllib.parse import SplitResult, urlsplit

from voicechanger.kit.errors import FieldProblem, InvalidRequest

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

PORTS: Final = (80, 443, 8080, 8443)
"""Other ports are mail, databases and the like, to which a request could be made to speak."""
_MAX_URL: Final = 2_000
_LOCAL_NAMES: Final = ("localhost", ".localhost", ".local", ".internal", ".lan", ".home.arpa", ".intranet", ".corp")

_UNICAST_V6: Final = ipaddress.ip_network("2000::/3")
_REFUSED_V6: Final = tuple(
    ipaddress.ip_network(network)
    for network in (
        "2001::/23",  # protocol assignments; Teredo, which carries an IPv4 address, is among them
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4 carries an IPv4 address
        "3fff::/20",  # documentation
        "64:ff9b::/96",  # NAT64 carries an IPv4 address
        "64:ff9b:1::/48",
    )
)
_REFUSED_V4: Final = tuple(
    ipaddress.ip_network(network)
    for network in (
        "100.64.0.0/10",  # shared by carriers' networks
        "192.0.0.0/24",
        "192.88.99.0/24",  # 6to4 relays
        "198.18.0.0/15",  # benchmarks
    )
)


def is_public(address: IpAddress) -> bool:
    """Whether an address belongs to the open Internet; IPv6 addresses that stand for IPv4 ones never count."""
    if isinstance(address, ipaddress.IPv4Address):
        return (
            address.is_global
            and not address.is_multicast
            and not address.is_reserved
            and not any(address in network for network in _REFUSED_V4)
        )
    return (
        address in _UNICAST_V6
        and address.is_global
        and address.scope_id is None
        and not any(address in network for network in _REFUSED_V6)
    )


def may_reach(address: IpAddress, *, allow_private: bool) -> bool:
    """Whether a request may go to an address.

    With `allow_private` machines of the own network may be reached, but never link-local ones, where clouds keep
    their machines' credentials.
    """
    if is_public(address):
        return True
    if not allow_private:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    if mapped is not None:
        return may_reach(mapped, allow_private=True)
    # ::1 lies in a reserved block
    return address.is_loopback or not (
        address.is_link_local or address.is_multicast or address.is_unspecified or address.is_reserved
    )


def check_url(url: str, *, allow_http: bool, allow_private: bool) -> str:
    """The address of an endpoint, trimmed; InvalidRequest says what is wrong with it.

    What its name resolves to is looked at when something is delivered, each time.
    """
    trimmed = url.strip()
    problem = _problem(trimmed, allow_http=allow_http, allow_private=allow_private)
    if problem is not None:
        raise InvalidRequest(FieldProblem("url", *problem))
    return trimmed


def _problem(url: str, *, allow_http: bool, allow_private: bool) -> tuple[str, str] | None:
    invalid = "invalid_webhook_url"
    if len(url) > _MAX_URL or not url.isascii() or any(c.isspace() or not c.isprintable() for c in url):
        return invalid, f"url must be an ASCII address of at most {_MAX_URL} characters."
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return invalid, "url is not a well-formed address."
    schemes = ("https", "http") if allow_http else ("https",)
    if parts.scheme not in schemes or not parts.hostname:
        return invalid, f"url must be an absolute address that begins with {' or '.join(s + '://' for s in schemes)}."
    if parts.username is not None or parts.password is not None or parts.fragment:
        return invalid, "url must hold neither a user name nor a fragment."
    if not allow_private:
        return _not_public(parts, port)
    return None


def _not_public(parts: SplitResult, port: int | None) -> tuple[str, str] | None:
    if port is not None and port not in PORTS:
        return "webhook_port_refused", f"url must use one of the ports {', '.join(map(str, PORTS))}."
    host = (parts.hostname or "").rstrip(".")
    try:
        public = is_public(ipaddress.ip_address(host))
    except ValueError:
        public = "." in host and not host.endswith(_LOCAL_NAMES)
    if not public:
        return "webhook_address_refused", "url must name a machine on the open Internet."
    return None
