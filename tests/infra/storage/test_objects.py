"""Storage when the object store fails: every call ends in an error of ours, never in one of the client library."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Awaitable, Callable, Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from voicechanger.infra.storage.links import LinkSigner
from voicechanger.infra.storage.objects import Storage
from voicechanger.kit.errors import NotFound, Unavailable

KEY = "results/one.wav"


class Failing(BaseHTTPRequestHandler):
    """An S3 endpoint that fails in the way that its server names."""

    def answer(self) -> None:
        """Fail."""
        mode = self.server.mode  # type: ignore[attr-defined]
        if mode == "503":
            self.send_error(503)
        elif mode == "no bucket":
            body = b"<Error><Code>NoSuchBucket</Code></Error>"
            self.send_response(404)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        elif mode == "reset":
            self.close_connection = True
        else:  # half of the body
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.send_header("Last-Modified", "Thu, 01 Jan 2026 00:00:00 GMT")
            self.send_header("ETag", '"1"')
            self.end_headers()
            self.wfile.write(b"x" * 500)
            self.close_connection = True

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = answer

    def log_message(self, format: str, *args: object) -> None:
        """Stay quiet."""


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Storage]]:
    """Storage on an S3 endpoint that fails in a given way."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Failing) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("AWS_ENDPOINT", f"http://127.0.0.1:{server.server_address[1]}")
        monkeypatch.setenv("AWS_ALLOW_HTTP", "true")
        monkeypatch.setenv("AWS_REGION", "nowhere")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")

        def storage(mode: str) -> Storage:
            server.mode = mode  # type: ignore[attr-defined]
            return Storage("s3://bucket/prefix", LinkSigner(b"secret", "http://test"), 60, retry={"max_retries": 0})

        yield storage
        server.shutdown()


@pytest.fixture
def local(tmp_path: Path) -> Storage:
    """Storage in a folder."""
    return Storage((tmp_path / "objects").as_uri(), LinkSigner(b"secret", "http://test"), 60)


async def _list(storage: Storage) -> list[str]:
    return [key async for key in storage.keys_under("results")]


def calls(folder: Path) -> dict[str, Callable[[Storage], Awaitable[object]]]:
    """Every call that reaches the object store."""
    file = folder / "upload"
    file.write_bytes(b"data")
    return {
        "put_file": lambda storage: storage.put_file(KEY, file, "audio/wav", "one.wav"),
        "put_bytes": lambda storage: storage.put_bytes(KEY, b"data"),
        "get_bytes": lambda storage: storage.get_bytes(KEY),
        "get_to": lambda storage: storage.get_to(KEY, folder / "download"),
        "keys_under": _list,
        "delete": lambda storage: storage.delete(KEY),
        "delete_under": lambda storage: storage.delete_under("results"),
        "ping": lambda storage: storage.ping(),
    }


@pytest.mark.parametrize("mode", ["503", "reset"])
@pytest.mark.parametrize("call", list(calls(Path("/tmp"))))
async def test_a_store_that_does_not_answer(
    broken: Callable[[str], Storage], tmp_path: Path, mode: str, call: str
) -> None:
    with pytest.raises(Unavailable) as caught:
        await calls(tmp_path)[call](broken(mode))
    assert caught.value.code == "storage_unavailable"


@pytest.mark.parametrize("call", ["get_bytes", "get_to"])
async def test_a_store_that_stops_in_the_middle(broken: Callable[[str], Storage], tmp_path: Path, call: str) -> None:
    with pytest.raises(Unavailable):
        await calls(tmp_path)[call](broken("half"))


@pytest.mark.parametrize("call", ["put_bytes", "put_file", "keys_under"])
async def test_a_bucket_that_is_gone_is_not_a_missing_file(
    broken: Callable[[str], Storage], tmp_path: Path, call: str
) -> None:
    """A missing file ends a job for good; a missing bucket is the operator's mistake and passes."""
    with pytest.raises(Unavailable):
        await calls(tmp_path)[call](broken("no bucket"))


async def test_a_link_needs_no_answer_of_the_store(broken: Callable[[str], Storage]) -> None:
    assert (await broken("503").link(KEY, "audio/wav", "one.wav")).url.startswith("http://127.0.0.1:")


@pytest.mark.parametrize("call", ["get_bytes", "get_to"])
async def test_a_missing_file(local: Storage, tmp_path: Path, call: str) -> None:
    with pytest.raises(NotFound) as caught:
        await calls(tmp_path)[call](local)
    assert caught.value.code == "file_not_found"
    assert not (tmp_path / "download").exists()
    await local.delete(KEY)


async def test_what_was_stored_is_read_listed_and_deleted(local: Storage, tmp_path: Path) -> None:
    data = bytes(range(256)) * 50_000  # more than one chunk
    await local.put_bytes(KEY, data)
    await local.put_bytes("other/two.wav", b"")
    await local.get_to(KEY, tmp_path / "download")
    assert (tmp_path / "download").read_bytes() == data == await local.get_bytes(KEY)
    await local.get_to("other/two.wav", tmp_path / "empty")
    assert (tmp_path / "empty").read_bytes() == b""
    assert await _list(local) == [KEY]
    await local.delete_under("results")
    assert await _list(local) == []
    assert await local.get_bytes("other/two.wav") == b""


async def test_a_full_disk_is_no_error_of_the_store(local: Storage, tmp_path: Path) -> None:
    await local.put_bytes(KEY, b"data")
    with pytest.raises(OSError, match="No space left"):
        await local.get_to(KEY, Path("/dev/full"))
