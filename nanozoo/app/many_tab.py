"""The tab that measures many micrographs in one run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

from nanozoo.app.job import Runs, State
from nanozoo.app.limits import Limits
from nanozoo.app.many import ARCHIVE, RESULTS, DoneImages, measure_many, pooled_html
from nanozoo.app.names import lay_in, safe_names
from nanozoo.app.run_part import LONG_RUN, run_part
from nanozoo.app.session import Folders
from nanozoo.app.tools import NO_SHAPES, finder_arguments, finder_choices, shape_choices
from nanozoo.app.words import in_words
from nanozoo.io.micrograph import IMAGE_SUFFIXES
from nanozoo.workflows.measure_page import IMAGE_COLUMNS

_IMAGES = "images"


def many_tab(limits: Limits, folders: Folders, runs: Runs) -> gr.Dropdown:
    """Build the tab.

    Args:
        limits: What the page takes.
        folders: Where files to download are written.
        runs: The line of all long runs.

    Returns:
        What chooses the network or method.
    """
    finders = finder_choices()
    with gr.Row():
        with gr.Column(scale=1, min_width=300):
            upload = gr.File(
                label="Micrographs",
                file_count="multiple",
                file_types=list(IMAGE_SUFFIXES),
                elem_id="many-files",
            )
            finder = gr.Dropdown(
                finders, value=finders[0][1], label="Find particles with", elem_id="many-finder"
            )
            shapes = gr.Dropdown(shape_choices(), value=NO_SHAPES, label="Name shapes with")
            size = gr.Number(
                label="Pixel size of all images, nm",
                value=0,
                minimum=0,
                info="0: what each file states, or its scale bar",
                elem_id="many-size",
            )
            cores = gr.Checkbox(label="Tell cores from shells")
            part = run_part(runs, "many", "Measure all")
            archive = gr.File(label="All results (zip)", elem_id="many-results")
        with gr.Column(scale=3):
            table = gr.Dataframe(
                headers=list(IMAGE_COLUMNS),
                label="Images",
                interactive=False,
                wrap=True,
                show_search="filter",
                elem_id="many-table",
            )
            numbers = gr.HTML(elem_id="many-numbers")

    @in_words
    def measure_all(
        paths: list[str] | None,
        chosen: str,
        named: str,
        nm: float,
        core_shell: bool,
        request: gr.Request,
    ):
        if not paths:
            raise gr.Error("Choose micrographs first.", print_exception=False)
        files = [Path(path) for path in paths]
        limits.check_files(files)
        folder = folders.new(request)
        laid = lay_in(files, folder / _IMAGES, safe_names([path.name for path in files]))
        options = {
            "files": [str(path.relative_to(folder)) for path in laid],
            **finder_arguments(chosen),
            "pixel_size_nm": nm or None,
            "shapes": None if named == NO_SHAPES else named,
            "core_shell": core_shell,
        }
        done = DoneImages(folder / RESULTS)

        def show(state: State) -> dict[Any, Any]:
            changed: dict[Any, Any] = {}
            if done.look():
                changed[table] = {"headers": list(IMAGE_COLUMNS), "data": done.rows}
            if state.ended:
                changed |= {numbers: pooled_html(done.folder), archive: str(folder / ARCHIVE)}
            return changed

        yield {table: {"headers": list(IMAGE_COLUMNS), "data": []}, numbers: "", archive: None}
        run = runs.add(request.session_hash, folder, measure_many, options, "many")
        yield from part.follow(run, show)

    part.start.click(
        measure_all,
        [upload, finder, shapes, size, cores],
        [part.start, part.stop, part.bar, table, numbers, archive],
        **LONG_RUN,
    )
    return finder
