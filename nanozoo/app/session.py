"""A folder of its own for each user of the page, removed when the user leaves."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from threading import Lock

import gradio as gr


class Folders:
    """Folders by session; what one session writes, no other one is ever given."""

    def __init__(self):
        self._folders: dict[str, Path] = {}
        self._lock = Lock()

    def new(self, request: gr.Request) -> Path:
        """Make an empty folder for results of the session that asks."""
        with self._lock:
            if request.session_hash not in self._folders:
                own = Path(tempfile.mkdtemp(prefix="nanozoo-page-"))
                self._folders[request.session_hash] = own
            return Path(tempfile.mkdtemp(dir=self._folders[request.session_hash]))

    def leave(self, request: gr.Request) -> None:
        """Remove all that the session wrote."""
        with self._lock:
            folder = self._folders.pop(request.session_hash, None)
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)
