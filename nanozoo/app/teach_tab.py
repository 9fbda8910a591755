"""The tab that teaches a network a user's own material."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr

from nanozoo.app.intake import ANNOTATION_SUFFIXES, lay_out, look_over
from nanozoo.app.job import Runs, State
from nanozoo.app.limits import Limits
from nanozoo.app.measure_tab import COMPUTE
from nanozoo.app.results import downloads_html
from nanozoo.app.run_part import LONG_RUN, run_part
from nanozoo.app.session import KEEP_S, Folders
from nanozoo.app.taught_page import taught_html
from nanozoo.app.teaching import TRAINING, network_name, teach
from nanozoo.app.tools import finder_choices, network_choices
from nanozoo.app.uploads_part import uploads_part
from nanozoo.app.words import in_words, without_folders
from nanozoo.io.micrograph import IMAGE_SUFFIXES
from nanozoo.workflows.pages import notes, paragraph, picture, table

_STEPS = 300


def teach_tab(
    limits: Limits, folders: Folders, runs: Runs, finders: Sequence[gr.Dropdown]
) -> None:
    """Build the tab.

    Args:
        limits: What the page takes.
        folders: Where files to download are written.
        runs: The line of all long runs.
        finders: What chooses networks on other tabs; those that are taught here join them.
    """
    networks = network_choices()
    own = gr.State([], time_to_live=KEEP_S)
    with gr.Row():
        with gr.Column(scale=1, min_width=290):
            images = uploads_part(
                folders,
                "### 1 Micrographs of your material\nThree or more where you can: a quarter is "
                "kept to judge the network on.",
                "Micrographs",
                IMAGE_SUFFIXES,
                "teach-images",
            )
            annotations = uploads_part(
                folders,
                "### 2 Their annotation\nA mask for each (PNG or TIFF of the same name; 0 is "
                "background, and each particle has a number, or all are white), or regions of "
                "ImageJ, or files of LabelMe, or a COCO file for all.",
                "Annotation",
                ANNOTATION_SUFFIXES,
                "teach-annotations",
            )
            gr.Markdown("### 3 Network to start from", elem_classes="step")
            start = gr.Dropdown(
                networks, value=networks[0][1], show_label=False, elem_id="teach-start"
            )
            name = gr.Textbox("my-network", label="Name of the new one", elem_id="teach-name")
            steps = gr.Number(
                min(_STEPS, limits.train_steps),
                label="Most steps",
                info=f"1 to {limits.train_steps}; it ends sooner when it gets no better",
                precision=0,
                elem_id="teach-steps",
            )
            part = run_part(runs, "teach", "Teach", "steps")
        with gr.Column(scale=3, min_width=440):
            gr.Markdown("### 4 What it learns", elem_classes="step")
            checked = gr.HTML(elem_id="teach-checked")
            part.bar.render()
            learned = gr.HTML(elem_id="teach-learned")
            files = gr.HTML(elem_id="teach-results")

    def take_in(image_files: list[str], truths: list[str], folder: Path) -> list[str]:
        uploads = [[Path(path) for path in paths] for paths in (image_files, truths)]
        for paths in uploads:
            limits.check_files(paths)
        return lay_out(*uploads, folder)

    @in_words
    def check(image_files: list[str] | None, truths: list[str] | None, request: gr.Request):
        if not image_files or not truths:
            return ""
        folder = folders.new(request) / TRAINING
        errors = take_in(image_files, truths, folder)
        found = look_over(folder)
        sentences = [without_folders(one) for one in (*errors, *found.errors)]
        sights = "".join(picture(png, escape(name), 1000) for png, name in found.previews)
        head = ("image", "particles", "to know")
        rows = table(head, found.rows) if found.rows else paragraph("No image can be used.")
        parts = rows, notes(sentences), f'<div class="sights">{sights}</div>'
        return f'<div class="results">{"".join(parts)}</div>'

    @in_words
    def learn(
        image_files: list[str] | None,
        truths: list[str] | None,
        chosen: str,
        wanted: str,
        most: float | None,
        taught: list[Path],
        request: gr.Request,
    ):
        if not image_files or not truths:
            raise gr.Error("Choose micrographs and their annotation first.", print_exception=False)
        limits.check_steps(most or 0)
        offered = [Path(value).name for _, value in network_choices(taught)]
        called = network_name(wanted, offered)
        folder = folders.new(request)
        take_in(image_files, truths, folder / TRAINING)

        def show(state: State) -> dict[Any, Any]:
            if not state.ended:
                return {}
            every = [*taught, folder / called]
            return {
                learned: taught_html(folder, called, state.result),
                files: downloads_html({}, f"{called}.zip", folder, "Download the network (ZIP)"),
                own: every,
                start: gr.Dropdown(network_choices(every)),
                **{finder: gr.Dropdown(finder_choices(every)) for finder in finders},
            }

        yield {learned: "", files: ""}
        arguments = {"checkpoint": chosen, "name": called, "steps": int(most)}
        run = runs.add(request.session_hash, folder, teach, arguments, "teach")
        yield from part.follow(run, show)

    for upload in (images, annotations):
        upload.change(check, [images, annotations], checked, **COMPUTE)
    part.start.click(
        learn,
        [images, annotations, start, name, steps, own],
        [part.start, part.stop, part.bar, learned, files, own, start, *finders],
        **LONG_RUN,
    )
