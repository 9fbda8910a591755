"""The tab that measures one micrograph."""

from __future__ import annotations

from typing import Any

import gradio as gr

from nanozoo.app.analysis import Analysis, analyse
from nanozoo.app.limits import Limits
from nanozoo.app.micrograph_part import micrograph_part
from nanozoo.app.particle_part import particle_part
from nanozoo.app.particles import particles_html
from nanozoo.app.pixel_size_part import given_size, pixel_size_part
from nanozoo.app.results import results_html, write_results
from nanozoo.app.results_part import results_part
from nanozoo.app.session import KEEP_S, Folders
from nanozoo.app.tools import NO_SHAPES, finder_choices, shape_choices
from nanozoo.app.viewer_part import viewer
from nanozoo.app.words import in_words

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
    state = gr.State(None, time_to_live=KEEP_S)
    with gr.Row():
        with gr.Column(scale=1, min_width=290):
            micrograph = micrograph_part(limits, folders, "measure")
            gr.Markdown(
                "### 2 What finds the particles\nA trained network, or a threshold or watershed "
                "without one. The first run takes longer: it loads the network.",
                elem_classes="step",
            )
            finder = gr.Dropdown(
                finders, value=finders[0][1], show_label=False, elem_id="measure-finder"
            )
            with gr.Accordion("Shapes and cores", open=False, elem_id="measure-more"):
                shapes = gr.Dropdown(
                    shape_choices(),
                    value=NO_SHAPES,
                    label="Name the shape of each particle",
                    elem_id="measure-shapes",
                )
                cores = gr.Checkbox(
                    label="Tell cores from shells",
                    info="Measures the core of each particle where one stands out.",
                    elem_id="measure-cores",
                )
            run = gr.Button("Find particles", variant="primary", elem_id="measure-run")
            size = pixel_size_part("measure")
        with gr.Column(scale=3, min_width=440):
            picture = viewer("measure-viewer")
            particle = particle_part("measure", picture, state, COMPUTE)
            numbers, files = results_part("measure", 4)
    parts = [state, picture, numbers, files, *size.outputs]

    def show(found: Analysis, request: gr.Request) -> list[Any]:
        return [
            found,
            particles_html(found),
            results_html(found),
            write_results(found, folders.new(request)),
            *size.values(found),
        ]

    @in_words
    def find(
        path: str | None,
        frame: float | None,
        chosen: str,
        named: str,
        core_shell: bool,
        before: Analysis | None,
        request: gr.Request,
    ):
        found = analyse(micrograph.read(path, frame), chosen, named, core_shell=core_shell)
        return show(found.calibrated_as(before), request)

    @in_words
    def change(found: Analysis | None, request: gr.Request, event: gr.EventData):
        data = event._data
        if found is None or data["shown"] != found.name:
            return [gr.skip()] * len(parts)
        places = frozenset(map(int, data["removed"]))
        if places == found.removed:
            return [gr.skip()] * len(parts)
        return show(found.without(places), request)

    @in_words
    def calibrate(found: Analysis | None, nm: float | None, request: gr.Request):
        return show(_there(found).with_pixel_size(given_size(nm)), request)

    @in_words
    def automatic(found: Analysis | None, request: gr.Request):
        return show(_there(found).with_pixel_size(None), request)

    waiting = {"show_progress_on": picture, **COMPUTE}
    started = run.click(find, [*micrograph.inputs, finder, shapes, cores, state], parts, **waiting)
    started.success(particle.clear, None, particle.outputs, show_progress="hidden")
    for changed in (
        picture.input(change, state, parts, trigger_mode="multiple", **waiting),
        size.correct.click(calibrate, [state, size.nm], parts, **waiting),
        size.automatic.click(automatic, state, parts, **waiting),
    ):
        about = [state, particle.chosen]
        changed.success(particle.again, about, particle.facts, show_progress="hidden")
    return finder


def _there(found: Analysis | None) -> Analysis:
    if found is None:
        raise gr.Error("Find particles first (step 2).", print_exception=False)
    return found
