"""One POST to an address that somebody else chose: over real sockets, with real TLS."""

from __future__ import annotations

import ipaddress
import ssl
from pathlib import Path

import pytest

from tests.support.receiver import receiving
from voicechanger.domains.webhooks import sender as module
from voicechanger.domains.webhooks.addresses import IpAddress
from voicechanger.domains.webhooks.sender import Resolve, Sender

CERTIFICATES = Path(__file__).parent / "certificates"
HERE = ipaddress.ip_address("127.0.0.1")


def resolving(*answers: list[str]) -> tuple[Resolve, list[str]]:
    """A name service that answers differently each time it is asked, and what it was asked."""
    asked: list[str] = []

    async def resolve(host: str, port: int) -> list[IpAddress]:
        asked.append(host)
        return [ipaddress.ip_address(a) for a in answers[min(len(asked), len(answers)) - 1]]

    return resolve, asked


async def test_a_name_that_means_this_machine_is_refused() -> None:
    async with receiving() as receiver:
        for host in ("localhost", "127.0.0.1", "2130706433", "0x7f.1", "[::1]", "[::ffff:127.0.0.1]"):
            outcome = await Sender(allow_http=True).post(f"http://{host}:80/", {}, "{}")
            assert outcome.code is None and outcome.error is not None
            assert outcome.error.startswith("address_refused"), (host, outcome.error)
        assert receiver.received == []


async def test_one_private_address_among_public_ones_is_enough() -> None:
    resolve, _ = resolving(["8.8.8.8", "10.0.0.1"])
    outcome = await Sender(resolve=resolve).post("https://mixed.example/", {}, "{}")
    assert outcome.error is not None and outcome.error.startswith("address_refused: mixed.example resolves to 10.0.0.1")


async def test_a_name_that_changes_its_answer_gains_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Resolved once; the connection goes to the address that was checked, not to what the name means by then."""
    resolve, asked = resolving(["192.0.2.7"], ["127.0.0.1"])
    tried: list[str] = []

    def allowed(address: IpAddress, *, allow_private: bool) -> bool:
        tried.append(str(address))
        return True

    monkeypatch.setattr(module, "may_reach", allowed)
    monkeypatch.setattr(module, "SECONDS", 1.0)
    async with receiving() as receiver:
        url = f"http://rebind.example:{receiver.port}/"
        outcome = await Sender(allow_http=True, allow_private=True, resolve=resolve).post(url, {}, "{}")
        assert outcome.code is None
        assert receiver.received == []
    assert (asked, tried) == (["rebind.example"], ["192.0.2.7"])


async def test_the_request_goes_to_the_number_and_names_the_host() -> None:
    resolve, asked = resolving(["127.0.0.1"])
    async with receiving() as receiver:
        receiver.will("200 OK", "thanks")
        sender = Sender(allow_http=True, allow_private=True, resolve=resolve)
        outcome = await sender.post(f"http://hooks.test:{receiver.port}/in?x=1", {"webhook-id": "msg_1"}, '{"a":"ü"}')
    assert (outcome.code, outcome.excerpt, outcome.error, outcome.delivered) == (200, "thanks", None, True)
    got = receiver.received[0]
    assert (got.path, got.body) == ("/in?x=1", '{"a":"ü"}')
    assert got.headers["host"] == f"hooks.test:{receiver.port}"
    assert got.headers["webhook-id"] == "msg_1" and got.headers["content-type"] == "application/json"
    assert asked == ["hooks.test"]


async def test_the_certificate_must_be_the_names() -> None:
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(CERTIFICATES / "hooks.test.pem", CERTIFICATES / "key.pem")
    names: list[str | None] = []
    server.sni_callback = lambda _socket, name, _context: names.append(name)
    trusting = ssl.create_default_context(cafile=str(CERTIFICATES / "hooks.test.pem"))
    resolve, _ = resolving(["127.0.0.1"])
    async with receiving(server) as receiver:
        sender = Sender(allow_private=True, resolve=resolve, tls=trusting)
        assert (await sender.post(f"https://hooks.test:{receiver.port}/", {}, "{}")).delivered
        other = await sender.post(f"https://other.test:{receiver.port}/", {}, "{}")
        assert other.code is None and other.error is not None and "ertificate" in other.error
        unknown = await Sender(allow_private=True, resolve=resolve).post(
            f"https://hooks.test:{receiver.port}/", {}, "{}"
        )
        assert unknown.code is None and unknown.error is not None and "ertificate" in unknown.error
        assert len(receiver.received) == 1
    assert names[:2] == ["hooks.test", "other.test"]


async def test_redirects_are_not_followed() -> None:
    resolve, _ = resolving(["127.0.0.1"])
    async with receiving() as aim, receiving() as receiver:
        receiver.will("302 Found", Location=f"http://127.0.0.1:{aim.port}/secret")
        sender = Sender(allow_http=True, allow_private=True, resolve=resolve)
        outcome = await sender.post(f"http://hooks.test:{receiver.port}/", {}, "{}")
        assert outcome.code == 302 and outcome.error is not None and outcome.error.startswith("redirect")
        assert aim.received == []


async def test_a_receiver_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SECONDS", 0.3)
    resolve, _ = resolving(["127.0.0.1"])
    async with receiving() as receiver:
        receiver.hang = True
        sender = Sender(allow_http=True, allow_private=True, resolve=resolve)
        outcome = await sender.post(f"http://hooks.test:{receiver.port}/", {}, "{}")
    assert outcome.code is None and outcome.error is not None and outcome.error.startswith("timeout")


async def test_only_the_first_bytes_are_kept() -> None:
    resolve, _ = resolving(["127.0.0.1"])
    async with receiving() as receiver:
        receiver.will("500 Oops", "a\0" + "b" * 5_000_000)
        sender = Sender(allow_http=True, allow_private=True, resolve=resolve)
        outcome = await sender.post(f"http://hooks.test:{receiver.port}/", {}, "{}")
    assert (outcome.code, outcome.error) == (500, "status: the receiver responded with 500")
    assert outcome.excerpt == "a\ufffd" + "b" * (module.EXCERPT_BYTES - 2)


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("http://hooks.test/", "scheme_refused"),
        ("https://hooks.test:25/", "port_refused"),
        ("ftp://hooks.test/", "scheme_refused"),
    ],
)
async def test_what_is_refused_before_a_name_is_asked(url: str, error: str) -> None:
    resolve, asked = resolving(["8.8.8.8"])
    outcome = await Sender(resolve=resolve).post(url, {}, "{}")
    assert outcome.error is not None and outcome.error.startswith(error) and asked == []


async def test_an_unknown_name_is_told() -> None:
    outcome = await Sender().post("https://no-such-name.invalid/", {}, "{}")
    assert outcome.error is not None and outcome.error.startswith("name_not_found")


async def test_the_next_address_is_tried() -> None:
    resolve, _ = resolving(["127.0.0.2", "127.0.0.1"])
    async with receiving() as receiver:
        sender = Sender(allow_http=True, allow_private=True, resolve=resolve)
        assert (await sender.post(f"http://hooks.test:{receiver.port}/", {}, "{}")).delivered
