"""A folder of its own for each user of the page, removed when the user leaves."""

from __future__ import annotations

import atexit
import os
import secrets
import shutil
import tempfile
from collections import deque
from contextlib import suppress
from pathlib import Path
from threading import Lock

import gradio as gr

from nanozoo.core.errors import UserError

KEEP_S = 12 * 3600
"""How long the page keeps what a user did last, seconds."""

_REMEMBERED = 1000


def private_folder() -> Path:
    """Make the folder of all that this program's page keeps, for this user of the machine alone.

    Uploads go there, too. It is removed when the program ends.

    Raises:
        UserError: If no temporary folder can be written.
    """
    try:
        folder = Path(tempfile.mkdtemp(prefix="nanozoo-app-")).resolve()
    except OSError as error:
        raise UserError(
            f"Cannot write to a temporary folder ({error.strerror or error}): free some space, or "
            "set TMPDIR to a folder that can be written."
        ) from error
    os.environ["GRADIO_TEMP_DIR"] = str(folder)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


class Folders:
    """Folders by session; what one session writes, no other one is ever given.

    Args:
        root: Where they are made; what is in there, the page can hand out to who knows its path.
    """

    def __init__(self, root: Path):
        self.root = root
        self._folders: dict[str, Path] = {}
        self._uploads: dict[str, set[Path]] = {}
        self._left: deque[str] = deque(maxlen=_REMEMBERED)
        self._lock = Lock()

    def new(self, request: gr.Request, kind: str = "") -> Path:
        """Make an empty folder for results of the session that asks; nobody can guess its path.

        Args:
            request: Asks for it.
            kind: Results that take the place of earlier ones of their kind, of which the last
                stay, since a download of them may still go on; all stay if empty.

        Raises:
            UserError: If it cannot be written, or the session has left.
        """
        with self._lock:
            if request.session_hash in self._left:
                raise UserError("This tab was closed or lost its connection: load the page again.")
            own = self._folders.setdefault(
                request.session_hash, self.root / f"session-{secrets.token_hex(16)}"
            )
        earlier = sorted(own.glob(f"{kind}-*"), key=lambda one: one.stat().st_mtime_ns)
        for folder in earlier[:-1] if kind else ():
            shutil.rmtree(folder, ignore_errors=True)
        folder = own / f"{kind}-{secrets.token_hex(8)}"
        try:
            folder.mkdir(parents=True, mode=0o700)
        except OSError as error:
            raise UserError(
                f"Cannot write the results ({error.strerror or error}): free some space where "
                "temporary files are, and start `nanozoo app` again."
            ) from error
        return folder

    def keep(self, request: gr.Request, *uploads: Path) -> None:
        """Note that a session uses uploaded files: when the last one leaves, they are removed."""
        with self._lock:
            self._uploads.setdefault(request.session_hash, set()).update(uploads)
            left = request.session_hash in self._left
        if left:
            self.leave(request)

    def leave(self, request: gr.Request) -> None:
        """Remove all that the session wrote and uploaded."""
        with self._lock:
            self._left.append(request.session_hash)
            folder = self._folders.pop(request.session_hash, None)
            gone = self._uploads.pop(request.session_hash, set())
            gone -= set().union(*self._uploads.values())
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)
        for path in gone:
            path.unlink(missing_ok=True)
            with suppress(OSError):
                path.parent.rmdir()
