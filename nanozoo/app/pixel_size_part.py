"""The part of a tab that shows the pixel size, what was read of a scale bar, and corrects both."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr

from nanozoo.app.sight import Sight
from nanozoo.app.words import for_the_page
from nanozoo.core.errors import UserError
from nanozoo.viz.scale_bar import draw_bar_alone
from nanozoo.workflows.pages import picture

_NOBODY_ASKED = '<div class="results"><p>It is read from the file or from the scale bar.</p></div>'
_READING = '<div class="results"><p>Reading the scale bar ...</p></div>'


@dataclass(frozen=True)
class PixelSizePart:
    """The elements of the part.

    Args:
        words: Says the pixel size and shows the scale bar.
        nm: Pixel size, nm.
        bar_nm: Length of the scale bar, nm.
        bar_px: Length of the scale bar, px.
        correct: Takes the pixel size that stands there.
        automatic: Goes back to what was read.
    """

    words: gr.HTML
    nm: gr.Number
    bar_nm: gr.Number
    bar_px: gr.Number
    correct: gr.Button
    automatic: gr.Button

    @property
    def outputs(self) -> list[gr.components.Component]:
        """Outputs of events, in the order of `values`."""
        return [self.words, self.nm, self.bar_nm, self.bar_px]

    @staticmethod
    def nothing(*, reading: bool = False) -> list[Any]:
        """What the outputs show before anything is known: it is being read, or it will be."""
        return [_READING if reading else _NOBODY_ASKED, None, None, None]

    @staticmethod
    def values(sight: Sight) -> list[Any]:
        """What the outputs show of a micrograph; the bar that a user wrote stays."""
        size = sight.pixel_size
        seen = size.seen
        label, bar = (None, None) if seen is None else (seen.label, seen.bar)
        read = [
            None if label is None else label.nm,
            None if bar is None else round(bar.length_px, 1),
        ]
        return [
            _shown(sight),
            None if size.nm is None else float(f"{size.nm:.6g}"),
            *(read if sight.given_nm is None else [gr.skip()] * 2),
        ]


def pixel_size_part(name: str) -> PixelSizePart:
    """Build the part.

    Args:
        name: What the names of its elements begin with.
    """
    gr.Markdown(
        "### 3 Pixel size\nLook whether it is right; all sizes hang on it.", elem_classes="step"
    )
    words = gr.HTML(_NOBODY_ASKED, elem_id=f"{name}-scale")
    with gr.Row(elem_classes="numbers"):
        bar_nm, bar_px, nm = (
            gr.Number(
                unknown,
                label=label,
                placeholder="?",
                scale=scale,
                min_width=60,
                elem_id=f"{name}-{end}",
            )
            for label, end, scale in (
                ("Bar, nm", "bar-nm", 4),
                ("Bar, px", "bar-px", 4),
                ("nm/px", "size", 5),
            )
        )
    with gr.Row():
        correct = gr.Button(
            "Use these numbers", size="sm", min_width=110, elem_id=f"{name}-correct"
        )
        automatic = gr.Button(
            "Back to automatic", size="sm", min_width=110, elem_id=f"{name}-automatic"
        )
    for field in (bar_nm, bar_px):
        field.input(_ratio, [bar_nm, bar_px], nm, show_progress="hidden")
    return PixelSizePart(words, nm, bar_nm, bar_px, correct, automatic)


def given_size(nm: float | None) -> float:
    """The pixel size that the user wrote.

    Raises:
        UserError: If there is none above 0.
    """
    if nm is None or not nm > 0:
        raise UserError(
            "Write the pixel size in nm, above 0, or the length of the bar in nm and in px."
        )
    return float(nm)


def unknown() -> None:
    """What a field of a number begins with: gradio makes it 0 unless a function says it."""


def _ratio(nm: float | None, px: float | None):
    return nm / px if nm and px and nm > 0 and px > 0 else gr.skip()


def _shown(sight: Sight) -> str:
    size = sight.pixel_size
    seen = size.seen
    if size.nm is None:
        sentence = "The pixel size is unknown: sizes are in pixels."
    else:
        who = {"argument": "you", "file": "the file", "scale bar": "the scale bar"}[size.source]
        sentence = f"{size.nm:.4g} nm a pixel, from {who}."
    note = "" if seen is None else for_the_page(seen.note)
    parts = [f"<p><b>{escape(sentence)}</b></p>", f"<p>{escape(note)}</p>"]
    if seen is not None and (seen.bar is not None or seen.label is not None):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "bar.png"
            draw_bar_alone(path, sight.micrograph.pixels, seen)
            parts.append(picture(path.read_bytes(), "The scale bar as it was read", 1000))
    return f'<div class="results">{"".join(parts)}</div>'
