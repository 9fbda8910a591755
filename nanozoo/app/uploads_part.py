"""A part of a tab that takes several files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import gradio as gr

from nanozoo.app.session import Folders

_HEIGHT = 190


def uploads_part(
    folders: Folders, words: str, label: str, suffixes: Sequence[str], elem_id: str
) -> gr.File:
    """Build the part.

    Args:
        folders: Told who uploaded what.
        words: Which step it is and what to give, as Markdown.
        label: What the files are.
        suffixes: How their names may end.
        elem_id: Its name in the page.
    """
    gr.Markdown(words, elem_classes="step")
    files = gr.File(
        label=label,
        file_count="multiple",
        file_types=list(suffixes),
        height=_HEIGHT,
        elem_id=elem_id,
    )
    keep_uploads(files, folders)
    return files


def keep_uploads(files: gr.File, folders: Folders) -> None:
    """Note who uploads files as soon as they are there, not when they are first used.

    Until then another user who uploaded the same ones takes them along when leaving.
    """

    def keep(paths: str | list[str] | None, request: gr.Request) -> None:
        folders.keep(request, *map(Path, [paths] if isinstance(paths, str) else paths or ()))

    files.change(keep, files, queue=False)
