"""Downloads: served from a folder or from this machine, checked, and kept."""

import hashlib
import http.server
import threading

import pytest

from nanozoo.core.downloads import Download, cache_folder, fetch, forget
from nanozoo.core.errors import UserError

CONTENT = bytes(range(256)) * 5000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("NANOZOO_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def served(tmp_path):
    """A file, and its URL on disk."""
    path = tmp_path / "served" / "weights.pth"
    path.parent.mkdir()
    path.write_bytes(CONTENT)
    return path, path.as_uri()


@pytest.fixture
def server():
    """URL of a server that sends `CONTENT`, at /cut only half of it, and at others nothing."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            if not self.path.startswith(("/whole", "/cut")):
                return self.send_error(404)
            self.send_response(200)
            self.send_header("Content-Length", str(len(CONTENT)))
            self.end_headers()
            self.wfile.write(CONTENT if "whole" in self.path else CONTENT[: len(CONTENT) // 2])

        def log_message(self, *arguments):
            pass

    running = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=running.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{running.server_port}"
    running.shutdown()
    running.server_close()


def test_the_cache_is_where_the_environment_says(cache, monkeypatch, tmp_path):
    assert cache_folder() == cache
    monkeypatch.delenv("NANOZOO_CACHE")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_folder() == tmp_path / ".cache" / "nanozoo"


def test_a_file_is_fetched_once_over_http(cache, server):
    path = fetch(Download(f"{server}/whole/weights.pth", SHA256))
    assert path == cache / "weights.pth" and path.read_bytes() == CONTENT
    assert [p.name for p in cache.iterdir()] == ["weights.pth"]
    assert fetch(Download("http://127.0.0.1:9/weights.pth", SHA256)) == path


def test_a_file_with_another_hash_is_not_kept(cache, served):
    with pytest.raises(UserError, match=f"not read.*Expected {'0' * 64}. Received: {SHA256}"):
        fetch(Download(served[1], "0" * 64))
    assert not list(cache.iterdir())


def test_damage_in_the_cache_is_found(cache, served):
    path = fetch(Download(served[1], SHA256))
    path.write_bytes(CONTENT[:-1])
    with pytest.raises(UserError, match="weights.pth.*delete it and try again"):
        fetch(Download(served[1], SHA256))
    path.unlink()
    assert fetch(Download(served[1], SHA256)).read_bytes() == CONTENT


def test_without_a_published_hash_the_first_one_holds(cache, served):
    download = Download(served[1])
    assert fetch(download).read_bytes() == CONTENT
    assert (cache / "weights.pth.sha256").read_text().strip() == SHA256
    download.path.unlink()
    served[0].write_bytes(b"something else")
    with pytest.raises(UserError, match="weights.pth.sha256 if you trust the new file"):
        fetch(download)
    assert not download.path.exists()
    download.record.unlink()
    assert fetch(download).read_bytes() == b"something else"
    download.path.write_bytes(CONTENT)
    with pytest.raises(UserError, match="weights.pth.*SHA-256"):
        fetch(download)


def test_a_published_md5_checks_the_first_download(cache, served):
    md5 = hashlib.md5(CONTENT).hexdigest()
    with pytest.raises(UserError, match=f"MD5.*not read.*Expected {'0' * 32}. Received: {md5}"):
        fetch(Download(served[1], md5="0" * 32, name="set/data.zip"))
    assert not [path for path in cache.rglob("*") if path.is_file()]
    download = Download(served[1], md5=md5, name="set/data.zip")
    assert fetch(download) == cache / "set" / "data.zip"
    assert download.record.read_text().strip() == SHA256
    download.path.write_bytes(CONTENT[1:])
    with pytest.raises(UserError, match="data.zip has not the SHA-256"):
        fetch(download)
    forget(download)
    assert not [path for path in cache.rglob("*") if path.is_file()]


def test_without_network_the_sentence_says_what_to_do(cache):
    """Port 9 of this machine answers nobody."""
    with pytest.raises(UserError, match="Cannot download .*connect to the internet.*weights.pth"):
        fetch(Download("http://127.0.0.1:9/weights.pth", SHA256))
    with pytest.raises(UserError, match="nowhere.invalid"):
        fetch(Download("https://nowhere.invalid/weights.pth", SHA256))
    assert not list(cache.iterdir())


@pytest.mark.parametrize("sha256", [SHA256, None])
@pytest.mark.parametrize(("place", "reason"), [("cut", "broke off"), ("none", "Not Found")])
def test_half_a_file_and_no_file_are_not_kept(cache, server, sha256, place, reason):
    with pytest.raises(UserError, match=f"Cannot download .*{reason}"):
        fetch(Download(f"{server}/{place}/weights.pth", sha256))
    assert not list(cache.iterdir())


def test_a_file_copied_by_hand_serves_without_network(cache):
    cache.mkdir()
    (cache / "weights.pth").write_bytes(CONTENT)
    assert fetch(Download("http://127.0.0.1:9/weights.pth", SHA256)).read_bytes() == CONTENT


def test_a_cache_that_cannot_be_written_is_named(served, tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("NANOZOO_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.raises(UserError, match="Cannot write .*cache"):
        fetch(Download(served[1], SHA256))
