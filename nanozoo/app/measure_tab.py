"""The tab that measures one micrograph."""

from __future__ import annotations

from typing import Any

import gradio as gr

from nanozoo.app.analysis import Analysis, analyse
from nanozoo.app.limits import Limits
from nanozoo.app.micrograph_part import Held, micrograph_part
from nanozoo.app.particle_part import particle_part
from nanozoo.app.particles import micrograph_html, particles_html
from nanozoo.app.pixel_size_part import given_size, pixel_size_part
from nanozoo.app.results import results_html, write_results
from nanozoo.app.results_part import results_part
from nanozoo.app.session import KEEP_S, Folders
from nanozoo.app.sight import Sight, look_at
from nanozoo.app.tools import NO_SHAPES, finder_choices, shape_choices
from nanozoo.app.viewer import picture_link
from nanozoo.app.viewer_part import EMPTY, viewer
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
    seen, found = (gr.State(None, time_to_live=KEEP_S) for _ in range(2))
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
            particle = particle_part("measure", picture, found, COMPUTE)
            numbers, files = results_part("measure", 4)
    outputs = [seen, found, *size.outputs, *particle.outputs, numbers, files, picture]

    def nothing() -> dict[Any, Any]:
        chosen = dict(zip(particle.outputs, particle.clear(found=False)))
        return {found: None, numbers: "", files: "", **chosen}

    def pixel_size(sight: Sight) -> dict[Any, Any]:
        return {seen: sight, **dict(zip(size.outputs, size.values(sight)))}

    def measured(result: Analysis, request: gr.Request) -> dict[Any, Any]:
        return {
            found: result,
            picture: particles_html(result),
            numbers: results_html(result),
            files: write_results(result, folders.new(request, "measured")),
        }

    @in_words
    def look(held: Held | None, before: Sight | None):
        if held is None:
            none = dict(zip(size.outputs, size.nothing()))
            yield {seen: None, picture: EMPTY, **nothing(), **none}
        elif before is not None and before.source == held.source:
            yield {}  # its particles were asked for before this event had its turn
        else:
            source, image = held
            drawn = picture_link(image.pixels)
            reading = dict(zip(size.outputs, size.nothing(reading=True)))
            yield {seen: None, picture: micrograph_html(image, drawn), **nothing(), **reading}
            yield pixel_size(look_at(image, drawn, source))

    @in_words
    def find(
        path: str | None,
        frame: float | None,
        held: Held | None,
        chosen: str,
        named: str,
        core_shell: bool,
        before: Sight | None,
        request: gr.Request,
    ):
        source, image = micrograph.read(path, frame, held)
        known = before is not None and before.source == source
        sight = before if known else look_at(image, source=source)
        result = analyse(sight, chosen, named, core_shell=core_shell)
        sized = {} if known else pixel_size(sight)
        chosen = dict(zip(particle.outputs, particle.clear(found=bool(result.rows))))
        return chosen | measured(result, request) | sized

    @in_words
    def change(before: Analysis | None, request: gr.Request, event: gr.EventData):
        data = event._data
        if before is None or data["shown"] != before.name:
            return {}
        places = frozenset(map(int, data["removed"]))
        return {} if places == before.removed else measured(before.without(places), request)

    def calibrated(
        sight: Sight | None, before: Analysis | None, nm: float | None, request: gr.Request
    ) -> dict[Any, Any]:
        if sight is None:
            raise gr.Error("Choose a micrograph first (step 1).", print_exception=False)
        sight = sight.with_pixel_size(nm)
        results = {} if before is None else measured(before.calibrated(sight), request)
        return pixel_size(sight) | results

    @in_words
    def correct(
        sight: Sight | None, before: Analysis | None, nm: float | None, request: gr.Request
    ):
        return calibrated(sight, before, given_size(nm), request)

    @in_words
    def automatic(sight: Sight | None, before: Analysis | None, request: gr.Request):
        return calibrated(sight, before, None, request)

    for ended in (micrograph.taken.success, micrograph.taken.failure):  # `then` is success alone
        taken = [micrograph.held, seen]
        ended(look, taken, outputs, show_progress_on=size.words, **COMPUTE)
    asked = [*micrograph.inputs, finder, shapes, cores, seen]
    run.click(find, asked, outputs, show_progress_on=picture, **COMPUTE)
    waiting = {"show_progress_on": [numbers, files], **COMPUTE}
    for changed in (
        picture.input(change, found, outputs, trigger_mode="multiple", **waiting),
        size.correct.click(correct, [seen, found, size.nm], outputs, **waiting),
        size.automatic.click(automatic, [seen, found], outputs, **waiting),
    ):
        about = [found, particle.chosen]
        changed.success(particle.again, about, particle.facts, show_progress="hidden")
    return finder
