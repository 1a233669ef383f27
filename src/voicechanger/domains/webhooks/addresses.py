"""Decide which addresses webhooks may reach.

Only public IP addresses are allowed. The decision uses the resolved IP address, not the host name.
"""

from __future__ import annotations

import ipaddress
from typing import Final
from urllib.parse import SplitResult, urlsplit

from voicechanger.kit.errors import FieldProblem, InvalidRequest

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

PORTS: Final = (80, 443, 8080, 8443)
"""Other ports belong to mail, databases and other services that an HTTP request could attack."""
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
    """Return whether an address is on the public Internet; False for IPv6 addresses that contain an IPv4 address."""
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
    """Return whether webhooks may be sent to an address.

    With `allow_private`, addresses of the private network are allowed, but never link-local ones: cloud providers
    serve the credentials of a machine there.
    """
    if is_public(address):
        return True
    if not allow_private:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    if mapped is not None:
        return may_reach(mapped, allow_private=True)
    # ::1 is in a reserved block
    return address.is_loopback or not (
        address.is_link_local or address.is_multicast or address.is_unspecified or address.is_reserved
    )


def check_url(url: str, *, allow_http: bool, allow_private: bool) -> str:
    """Return the URL of an endpoint, trimmed; raise InvalidRequest when it is not allowed.

    The host name is not resolved here: the sender resolves it and checks the IP address at each delivery.
    """
    trimmed = url.strip()
    problem = _problem(trimmed, allow_http=allow_http, allow_private=allow_private)
    if problem is not None:
        raise InvalidRequest(FieldProblem("url", *problem))
    return trimmed


def _problem(url: str, *, allow_http: bool, allow_private: bool) -> tuple[str, str] | None:
    invalid = "invalid_webhook_url"
    if len(url) > _MAX_URL or not url.isascii() or any(c.isspace() or not c.isprintable() for c in url):
        return invalid, f"`url` must be an ASCII URL of at most {_MAX_URL:,} characters, without spaces."
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return invalid, "`url` is not a valid URL; send one such as https://example.com/hook."
    schemes = ("https", "http") if allow_http else ("https",)
    if parts.scheme not in schemes or not parts.hostname:
        return invalid, f"`url` must be an absolute URL that begins with {' or '.join(s + '://' for s in schemes)}."
    if parts.username is not None or parts.password is not None or parts.fragment:
        return invalid, "`url` must not contain a user name, a password or a fragment; remove them."
    if not allow_private:
        return _not_public(parts, port)
    return None


def _not_public(parts: SplitResult, port: int | None) -> tuple[str, str] | None:
    if port is not None and port not in PORTS:
        return "webhook_port_refused", f"`url` must use one of the ports {', '.join(map(str, PORTS))}; got {port}."
    host = (parts.hostname or "").rstrip(".")
    try:
        public = is_public(ipaddress.ip_address(host))
    except ValueError:
        public = "." in host and not host.endswith(_LOCAL_NAMES)
    if not public:
        return "webhook_address_refused", "`url` must name a host on the public Internet."
    return None
