"""Files from the internet: fetched once, checked before every use.

`keras.utils.get_file` is not used: it writes to the final path while it downloads, has no time
limit, and cannot remember the hash of a file whose author publishes none.
"""

from __future__ import annotations

import hashlib
import http.client
import os
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from nanozoo.core.errors import UserError
from nanozoo.core.files import atomic_path, sha256_of, write_text
from nanozoo.core.quiet import say

TIMEOUT_S = 30
BLOCK = 1 << 20


@dataclass(frozen=True)
class Download:
    """A file that somebody else serves.

    Args:
        url: Where it is.
        sha256: Hash of the file. None if its author publishes none: then the hash of the first
            download is written beside the file, and the file must keep it ever after.
        md5: What an archive such as Zenodo publishes in place of a SHA-256; a file without a
            recorded SHA-256 is checked against it.
        name: Path of the file in the cache; the last part of the URL if None.
    """

    url: str
    sha256: str | None = None
    md5: str | None = None
    name: str | None = None

    @property
    def path(self) -> Path:
        """Where the file lies, or will lie, in the cache."""
        return cache_folder() / (self.name or self.url.rsplit("/", 1)[-1])

    @property
    def record(self) -> Path:
        """Where the hash of the first download is kept if none is registered."""
        return self.path.with_name(f"{self.path.name}.sha256")


def cache_folder() -> Path:
    """The folder in the environment variable NANOZOO_CACHE, else `~/.cache/nanozoo`."""
    chosen = os.environ.get("NANOZOO_CACHE")
    return Path(chosen) if chosen else Path.home() / ".cache" / "nanozoo"


def fetch(download: Download) -> Path:
    """Return the path of a file in the cache whose hash is right; download it if it is not there.

    Raises:
        UserError: If it cannot be downloaded or written, or is not the file that it should be.
    """
    path, record = download.path, download.record
    known = download.sha256
    if known is None and record.is_file():
        known = record.read_text("utf-8").strip()
    if path.is_file():
        found = _check(download, path, known)
    else:
        with atomic_path(path) as temporary:
            _download(download, temporary)
            found = _check(download, temporary, known)
    if known is None:
        write_text(record, f"{found}\n")
    return path


def forget(download: Download) -> None:
    """Remove a file from the cache, with its recorded hash, so that it is fetched anew."""
    download.path.unlink(missing_ok=True)
    download.record.unlink(missing_ok=True)


def _download(download: Download, target: Path) -> None:
    """Write what the URL serves; errors of the network are explained, those of the disk pass."""
    try:
        response = urllib.request.urlopen(download.url, timeout=TIMEOUT_S)
    except (OSError, http.client.HTTPException) as error:
        raise _cannot_download(download, getattr(error, "reason", error)) from error
    say(f"downloading {download.url} to {download.path}")
    with response, open(target, "wb") as stream:
        while block := _read(download, response):
            stream.write(block)
    length = response.headers.get("Content-Length")
    if length is not None and int(length) != target.stat().st_size:
        raise _cannot_download(download, "the connection broke off")


def _read(download: Download, response) -> bytes:
    try:
        return response.read(BLOCK)
    except (OSError, http.client.HTTPException) as error:
        raise _cannot_download(download, error) from error


def _cannot_download(download: Download, reason: object) -> UserError:
    return UserError(
        f"Cannot download {download.url} ({reason}): connect to the internet and try again, or "
        f"download it elsewhere and copy it to {download.path}"
    )


def _check(download: Download, path: Path, known: str | None) -> str:
    """Return the SHA-256 of a file whose hash is the known one, or any if none is known."""
    sha256 = sha256_of(path)
    if known is not None:
        kind, expected, found = "SHA-256", known, sha256
    elif download.md5 is not None:
        kind, expected, found = "MD5", download.md5, _md5_of(path)
    else:
        return sha256
    if found == expected:
        return sha256
    if path != download.path:
        problem, remedy = f"What {download.url} serves", "report it to the authors of nanozoo"
    else:
        problem, remedy = f"The file {path}", "delete it and try again"
    if download.sha256 is None and known is not None:
        remedy += f", or delete {download.record} if you trust the new file"
    raise UserError(
        f"{problem} has not the {kind} that it should have, so it was not read: {remedy}. "
        f"Expected {expected}. Received: {found}"
    )


def _md5_of(path: Path) -> str:
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "md5").hexdigest()
