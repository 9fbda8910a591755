"""A part of a tab that takes several files."""

from __future__ import annotations

from collections.abc import Sequence

import gradio as gr

_HEIGHT = 190


def uploads_part(words: str, label: str, suffixes: Sequence[str], elem_id: str) -> gr.File:
    """Build the part.

    Args:
        words: Which step it is and what to give, as Markdown.
        label: What the files are.
        suffixes: How their names may end.
        elem_id: Its name in the page.
    """
    gr.Markdown(words, elem_classes="step")
    return gr.File(
        label=label,
        file_count="multiple",
        file_types=list(suffixes),
        height=_HEIGHT,
        elem_id=elem_id,
    )
