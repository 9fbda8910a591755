"""The tab that measures many micrographs in one run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

from nanozoo.app.job import Runs, State
from nanozoo.app.limits import Limits
from nanozoo.app.many import ARCHIVE, RESULTS, measure_many
from nanozoo.app.many_page import TABLES, DoneImages, pooled_html
from nanozoo.app.names import lay_in, safe_names
from nanozoo.app.pixel_size_part import unknown
from nanozoo.app.results import downloads_html
from nanozoo.app.run_part import LONG_RUN, run_part
from nanozoo.app.session import Folders
from nanozoo.app.tools import NO_SHAPES, finder_arguments, finder_choices, shape_choices
from nanozoo.app.uploads_part import uploads_part
from nanozoo.app.words import in_words
from nanozoo.io.micrograph import IMAGE_SUFFIXES


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
        with gr.Column(scale=1, min_width=290):
            upload = uploads_part(
                folders,
                f"### 1 Micrographs\nUp to {limits.files} files at once, of "
                f"{limits.upload_mb} MB each; of a file with several images all are measured.",
                "Micrographs",
                IMAGE_SUFFIXES,
                "many-files",
            )
            gr.Markdown("### 2 What finds the particles", elem_classes="step")
            finder = gr.Dropdown(
                finders, value=finders[0][1], show_label=False, elem_id="many-finder"
            )
            with gr.Accordion("Shapes and cores", open=False):
                shapes = gr.Dropdown(
                    shape_choices(),
                    value=NO_SHAPES,
                    label="Name the shape of each particle",
                    elem_id="many-shapes",
                )
                cores = gr.Checkbox(label="Tell cores from shells", elem_id="many-cores")
            gr.Markdown(
                "### 3 Pixel size\nIn nm, for all images. Left empty: what each file states, "
                "or its scale bar.",
                elem_classes="step",
            )
            size = gr.Number(
                unknown, minimum=0, placeholder="?", show_label=False, elem_id="many-size"
            )
            part = run_part(runs, "many", "Measure all", "files")
        with gr.Column(scale=3, min_width=440):
            gr.Markdown("### 4 Results", elem_classes="step")
            part.bar.render()
            table = gr.HTML(elem_id="many-table")
            with gr.Row():
                with gr.Column(scale=2, min_width=360):
                    numbers = gr.HTML(elem_id="many-numbers")
                with gr.Column(scale=1, min_width=240):
                    files = gr.HTML(elem_id="many-results")

    @in_words
    def measure_all(
        paths: list[str] | None,
        chosen: str,
        named: str,
        nm: float | None,
        core_shell: bool,
        request: gr.Request,
    ):
        if not paths:
            raise gr.Error("Choose micrographs first (step 1).", print_exception=False)
        uploads = [Path(path) for path in paths]
        limits.check_files(uploads)
        folder = folders.new(request)
        names = safe_names([path.name for path in uploads])
        lay_in(uploads, folder, names)
        options = {
            "files": names,
            **finder_arguments(chosen),
            "pixel_size_nm": nm or None,
            "shapes": None if named == NO_SHAPES else named,
            "core_shell": core_shell,
        }
        done = DoneImages(folder / RESULTS)

        def show(state: State) -> dict[Any, Any]:
            changed: dict[Any, Any] = {}
            if done.look():
                changed[table] = done.html()
            if state.ended:
                offered = {
                    name: words for name, words in TABLES.items() if (folder / name).exists()
                }
                changed |= {
                    numbers: pooled_html(done.folder),
                    files: downloads_html(offered, ARCHIVE, folder),
                }
            return changed

        yield {table: "", numbers: "", files: ""}
        run = runs.add(request.session_hash, folder, measure_many, options, "many")
        yield from part.follow(run, show)

    part.start.click(
        measure_all,
        [upload, finder, shapes, size, cores],
        [part.start, part.stop, part.bar, table, numbers, files],
        **LONG_RUN,
    )
    return finder
