"""The tab that compares what two methods find in one micrograph."""

from __future__ import annotations

from pathlib import Path

import gradio as gr

from nanozoo.app.analysis import analyse
from nanozoo.app.comparison import Comparison, read_truth
from nanozoo.app.comparison_page import compared_html, tables_html
from nanozoo.app.limits import Limits
from nanozoo.app.measure_tab import COMPUTE
from nanozoo.app.micrograph_part import Held, micrograph_part
from nanozoo.app.names import zipped
from nanozoo.app.results import downloads_html
from nanozoo.app.results_part import results_part
from nanozoo.app.session import Folders
from nanozoo.app.sight import look_at
from nanozoo.app.tools import NO_SHAPES, finder_choices
from nanozoo.app.uploads_part import keep_uploads
from nanozoo.app.viewer_part import viewer
from nanozoo.app.words import in_words
from nanozoo.core.files import write_bytes
from nanozoo.io.annotations import MASK_SUFFIXES


def compare_tab(limits: Limits, folders: Folders) -> list[gr.Dropdown]:
    """Build the tab.

    Args:
        limits: What the page takes.
        folders: Where files to download are written.

    Returns:
        What chooses the two networks or methods.
    """
    finders = finder_choices()
    with gr.Row():
        with gr.Column(scale=1, min_width=290):
            micrograph = micrograph_part(limits, folders, "compare")
            gr.Markdown(
                "### 2 What is compared\nThe first run takes longer: it loads the networks.",
                elem_classes="step",
            )
            chosen = [
                gr.Dropdown(finders, value=finders[place][1], label=label, elem_id=name)
                for place, label, name in (
                    (0, "Left", "compare-first"),
                    (1, "Right", "compare-second"),
                )
            ]
            with gr.Accordion("You have a mask?", open=False, elem_id="compare-more"):
                gr.Markdown(
                    "PNG or TIFF of the micrograph's size: a number a particle, or black and "
                    "white. Both answers are scored against it.",
                    elem_classes="step",
                )
                mask = gr.File(
                    label="Mask",
                    file_types=list(MASK_SUFFIXES),
                    height=130,
                    elem_id="compare-mask",
                )
                keep_uploads(mask, folders)
            run = gr.Button("Compare", variant="primary", elem_id="compare-run")
        with gr.Column(scale=3, min_width=440):
            with gr.Row():
                pictures = []
                for side in ("left", "right"):
                    with gr.Column(min_width=300):
                        pictures.append(viewer(f"compare-{side}", editable=False))
            numbers, files = results_part("compare", 3)

    @in_words
    def compare(
        path: str | None,
        frame: float | None,
        held: Held | None,
        first: str,
        second: str,
        marked: str | None,
        request: gr.Request,
    ):
        if first == second:
            raise gr.Error("Choose two different ones (step 2).", print_exception=False)
        seen = look_at(micrograph.read(path, frame, held).micrograph)
        truth = None
        if marked:
            limits.check_files([Path(marked)])
            truth = read_truth(Path(marked), seen.micrograph.pixels.shape[:2])
        one, other = (analyse(seen, choice, NO_SHAPES) for choice in (first, second))
        compared = Comparison(one, other, (name_of(first), name_of(second)), truth)
        return [
            *compared_html(compared),
            tables_html(compared),
            _write(compared, folders.new(request, "compared")),
        ]

    run.click(
        compare,
        [*micrograph.inputs, *chosen, mask],
        [*pictures, numbers, files],
        show_progress_on=pictures,
        **COMPUTE,
    )
    return chosen


def name_of(choice: str) -> str:
    """What a choice is called in tables."""
    shown = {value: words for words, value in finder_choices()}.get(choice, Path(choice).name)
    return shown.split(",")[0]


def _write(compared: Comparison, folder: Path) -> str:
    """Write the comparison and the results of both, and list them as links."""
    stem = compared.first.subject.stem
    table, together = f"{stem}_comparison.csv", f"{stem}_comparison.zip"
    content = {table: compared.csv().encode()}
    for side, one in (("left", compared.first), ("right", compared.second)):
        content |= {f"{side}/{name}": data for name, data in one.files.items()}
    write_bytes(folder / table, content[table])
    write_bytes(folder / together, zipped(content))
    return downloads_html({table: "Table of both (CSV)"}, together, folder)
