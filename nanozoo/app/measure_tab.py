"""The tab that measures one micrograph."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

import gradio as gr

from nanozoo.app.analysis import Analysis, analyse
from nanozoo.app.limits import Limits
from nanozoo.app.results import bundle, particle_table, results_html
from nanozoo.app.session import Folders
from nanozoo.app.tools import NO_SHAPES, finder_choices, shape_choices
from nanozoo.app.viewer import viewer_html
from nanozoo.app.viewer_part import viewer
from nanozoo.app.words import in_words
from nanozoo.io.micrograph import IMAGE_SUFFIXES

COMPUTE: dict[str, Any] = {"concurrency_id": "compute", "concurrency_limit": 1}
"""Options of events that compute: one at a time, whoever asks."""


def measure_tab(limits: Limits, folders: Folders) -> gr.Dropdown:
    """Build the tab.

    Args:
        limits: What the page takes.
        folders: Where files to download are written.

    Returns:
        What chooses the network or method.
    """
    finders = finder_choices()
    state = gr.State(None)
    shown = gr.State("")
    with gr.Row():
        with gr.Column(scale=1, min_width=300):
            upload = gr.File(
                label="Micrograph", file_types=list(IMAGE_SUFFIXES), elem_id="measure-file"
            )
            frame = gr.Number(1, label="Image number in the file", precision=0, minimum=1)
            finder = gr.Dropdown(
                finders, value=finders[0][1], label="Find particles with", elem_id="measure-finder"
            )
            shapes = gr.Dropdown(shape_choices(), value=NO_SHAPES, label="Name shapes with")
            run = gr.Button("Find particles", variant="primary", elem_id="measure-run")
            size = gr.Number(label="Pixel size, nm", elem_id="measure-size")
            with gr.Row():
                bar_nm = gr.Number(label="Scale bar, nm", min_width=100)
                bar_px = gr.Number(label="Scale bar, px", min_width=100)
            correct = gr.Button("Use this pixel size", elem_id="measure-correct")
            files = gr.File(label="Results", file_count="multiple", elem_id="measure-results")
        with gr.Column(scale=3):
            picture = viewer("measure-viewer")
            numbers = gr.HTML(elem_id="measure-numbers")
            table = gr.Dataframe(label="Particles", show_search="filter", elem_id="measure-table")
    parts = [state, shown, picture, numbers, table, files, size, bar_nm, bar_px]

    @in_words
    def find(path: str | None, number: int, chosen: str, named: str, request: gr.Request):
        if not path:
            raise gr.Error("Choose a micrograph first.", print_exception=False)
        micrograph, _ = limits.read(Path(path), int(number))
        return show(analyse(micrograph, chosen, named), secrets.token_hex(8), request)

    @in_words
    def change(found: Analysis | None, name: str, request: gr.Request, event: gr.EventData):
        data = event._data
        if found is None or data["shown"] != name:
            return [gr.skip()] * len(parts)
        places = frozenset(map(int, data["removed"]))
        if places == found.removed:
            return [gr.skip()] * len(parts)
        return show(found.without(places), name, request)

    @in_words
    def calibrate(found: Analysis | None, name: str, nm: float | None, request: gr.Request):
        if found is None or nm is None:
            raise gr.Error("Find particles, then say the pixel size.", print_exception=False)
        return show(found.with_pixel_size(float(nm)), name, request)

    def show(found: Analysis, name: str, request: gr.Request) -> list[Any]:
        sizes = found.subject.pixel_size
        seen = sizes.seen
        label, bar = (None, None) if seen is None else (seen.label, seen.bar)
        return [
            found,
            name,
            viewer_html(found, name),
            results_html(found),
            particle_table(found),
            bundle(found, folders.new(request)),
            sizes.nm,
            None if label is None else label.nm,
            None if bar is None else round(bar.length_px, 2),
        ]

    run.click(find, [upload, frame, finder, shapes], parts, **COMPUTE)
    picture.input(change, [state, shown], parts, trigger_mode="multiple", **COMPUTE)
    correct.click(calibrate, [state, shown, size], parts, **COMPUTE)
    for field in (bar_nm, bar_px):
        field.input(lambda nm, px: nm / px if nm and px else gr.skip(), [bar_nm, bar_px], size)
    return finder
