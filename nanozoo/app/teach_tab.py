"""The tab that teaches a network a user's own material."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import gradio as gr

from nanozoo.app.intake import ANNOTATION_SUFFIXES, lay_out, look_over
from nanozoo.app.job import Runs, State
from nanozoo.app.limits import Limits
from nanozoo.app.measure_tab import COMPUTE
from nanozoo.app.run_part import LONG_RUN, run_part
from nanozoo.app.session import Folders
from nanozoo.app.teaching import TRAINING, network_name, taught_html, teach
from nanozoo.app.tools import finder_choices, network_choices
from nanozoo.app.words import in_words, without_folders
from nanozoo.io.micrograph import IMAGE_SUFFIXES
from nanozoo.workflows.pages import notes, table

_STEPS = 300
_HINT = (
    "Give some micrographs of your material, three or more where you can, and for each a mask "
    "(PNG or TIFF of the same name; 0 is background, and a number for each particle or white for "
    "all), or a COCO file for all. A quarter of the images is kept to judge the network on."
)


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
    own = gr.State([])
    gr.Markdown(_HINT)
    with gr.Row():
        with gr.Column(scale=1, min_width=300):
            images = gr.File(
                label="Micrographs",
                file_count="multiple",
                file_types=list(IMAGE_SUFFIXES),
                elem_id="teach-images",
            )
            annotations = gr.File(
                label="Their annotation",
                file_count="multiple",
                file_types=list(ANNOTATION_SUFFIXES),
                elem_id="teach-annotations",
            )
            start = gr.Dropdown(
                networks, value=networks[0][1], label="Start from", elem_id="teach-start"
            )
            name = gr.Textbox("my-network", label="Name of the new network", elem_id="teach-name")
            steps = gr.Number(
                min(_STEPS, limits.train_steps),
                label="Most steps",
                info=f"1 to {limits.train_steps}; it ends sooner when it gets no better",
                precision=0,
                elem_id="teach-steps",
            )
            part = run_part(runs, "teach", "Teach")
            archive = gr.File(label="The new network (zip)", elem_id="teach-results")
        with gr.Column(scale=3):
            checked = gr.HTML(elem_id="teach-checked")
            preview = gr.Gallery(
                label="Annotation", columns=2, visible=False, elem_id="teach-preview"
            )
            learned = gr.HTML(elem_id="teach-learned")

    def take_in(image_files: list[str] | None, truths: list[str] | None, folder: Path):
        files = [[Path(path) for path in paths or []] for paths in (image_files, truths)]
        limits.check_files([path for paths in files for path in paths])
        return lay_out(*files, folder)

    @in_words
    def check(image_files: list[str] | None, truths: list[str] | None, request: gr.Request):
        if not image_files or not truths:
            return "", gr.Gallery([], visible=False)
        folder = folders.new(request) / TRAINING
        errors = take_in(image_files, truths, folder)
        found = look_over(folder)
        sentences = [without_folders(one) for one in (*errors, *found.errors)]
        shown = table(("image", "particles", "to know"), found.rows) + notes(sentences)
        return shown, gr.Gallery(found.previews, visible=bool(found.previews))

    @in_words
    def learn(
        image_files: list[str] | None,
        truths: list[str] | None,
        chosen: str,
        wanted: str,
        most: float,
        taught: list[Path],
        request: gr.Request,
    ):
        if not image_files or not truths:
            raise gr.Error("Choose micrographs and their annotation.", print_exception=False)
        limits.check_steps(most)
        called = network_name(wanted)
        folder = folders.new(request)
        take_in(image_files, truths, folder / TRAINING)

        def show(state: State) -> dict[Any, Any]:
            if not state.ended:
                return {}
            every = [*taught, folder / called]
            return {
                learned: taught_html(folder, called, state.result),
                archive: str(folder / f"{called}.zip"),
                own: every,
                start: gr.Dropdown(network_choices(every)),
                **{finder: gr.Dropdown(finder_choices(every)) for finder in finders},
            }

        yield {learned: "", archive: None}
        arguments = {"checkpoint": chosen, "name": called, "steps": int(most)}
        run = runs.add(request.session_hash, folder, teach, arguments, "teach")
        yield from part.follow(run, show)

    for upload in (images, annotations):
        upload.change(check, [images, annotations], [checked, preview], **COMPUTE)
    part.start.click(
        learn,
        [images, annotations, start, name, steps, own],
        [part.start, part.stop, part.bar, learned, archive, own, start, *finders],
        **LONG_RUN,
    )
