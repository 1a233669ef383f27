"""Which addresses a webhook may reach."""

from __future__ import annotations

import ipaddress

import pytest

from voicechanger.domains.webhooks.addresses import check_url, is_public, may_reach
from voicechanger.kit.errors import InvalidRequest

PRIVATE = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "100.127.255.255",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "224.0.1.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "64:ff9b::7f00:1",
    "64:ff9b::808:808",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
]
PUBLIC = [
    "8.8.8.8",
    "1.1.1.1",
    "93.184.216.34",
    "172.32.0.1",
    "100.128.0.1",
    "2606:4700:4700::1111",
    "2a00:1450:4001::64",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_not_public(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))
    assert not may_reach(ipaddress.ip_address(address), allow_private=False)


@pytest.mark.parametrize("address", PUBLIC)
def test_public(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1", "::1", "fd12:3456::1", "::ffff:10.0.0.1", "8.8.8.8"])
def test_private_ones_when_allowed(address: str) -> None:
    assert may_reach(ipaddress.ip_address(address), allow_private=True)


@pytest.mark.parametrize("address", ["169.254.169.254", "fe80::1", "224.0.0.1", "0.0.0.0", "::ffff:169.254.169.254"])
def test_never(address: str) -> None:
    assert not may_reach(ipaddress.ip_address(address), allow_private=True)


REFUSED = [
    ("", "invalid_webhook_url"),
    ("example.com/hook", "invalid_webhook_url"),
    ("ftp://example.com/", "invalid_webhook_url"),
    ("http://example.com/", "invalid_webhook_url"),
    ("https:///hook", "invalid_webhook_url"),
    ("https://user:secret@example.com/", "invalid_webhook_url"),
    ("https://example.com/#part", "invalid_webhook_url"),
    ("https://example.com:70000/", "invalid_webhook_url"),
    ("https://[::1/", "invalid_webhook_url"),
    ("https://exa mple.com/", "invalid_webhook_url"),
    ("https://example.com/a\r\nX: y", "invalid_webhook_url"),
    ("https://bücher.example/", "invalid_webhook_url"),
    ("https://example.com/" + "a" * 2_000, "invalid_webhook_url"),
    ("https://example.com:22/", "webhook_port_refused"),
    ("https://example.com:6379/", "webhook_port_refused"),
    ("https://localhost/", "webhook_address_refused"),
    ("https://localhost./", "webhook_address_refused"),
    ("https://printer/", "webhook_address_refused"),
    ("https://db.internal/", "webhook_address_refused"),
    ("https://127.0.0.1/", "webhook_address_refused"),
    ("https://[::1]/", "webhook_address_refused"),
    ("https://[::ffff:10.0.0.1]/", "webhook_address_refused"),
    ("https://169.254.169.254/latest/meta-data", "webhook_address_refused"),
    ("https://2130706433/", "webhook_address_refused"),
]


@pytest.mark.parametrize(("url", "code"), REFUSED)
def test_refused_urls(url: str, code: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        check_url(url, allow_http=False, allow_private=False)
    assert caught.value.code == code


@pytest.mark.parametrize(
    "url", ["https://example.com", "https://example.com:8443/hook?a=b", "https://8.8.8.8/", " https://example.com/ "]
)
def test_taken_urls(url: str) -> None:
    assert check_url(url, allow_http=False, allow_private=False) == url.strip()


def test_settings_open_more() -> None:
    assert check_url("http://localhost:9000/", allow_http=True, allow_private=True)
    with pytest.raises(InvalidRequest):
        check_url("http://localhost:9000/", allow_http=True, allow_private=False)
    with pytest.raises(InvalidRequest):
        check_url("http://localhost:9000/", allow_http=False, allow_private=True)
