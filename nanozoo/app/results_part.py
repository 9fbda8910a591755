"""The part of a tab that shows results beside the files to download."""

from __future__ import annotations

import gradio as gr


def results_part(name: str, step: int) -> tuple[gr.HTML, gr.HTML]:
    """Build the part.

    Args:
        name: What the names of its elements begin with.
        step: Number of the step that it is.

    Returns:
        Where the results are shown, and where the files are listed.
    """
    gr.Markdown(f"### {step} Results", elem_classes="step")
    with gr.Row(elem_classes="outcome"):
        with gr.Column(scale=2, min_width=460):
            numbers = gr.HTML(elem_id=f"{name}-numbers")
        with gr.Column(scale=1, min_width=240):
            files = gr.HTML(elem_id=f"{name}-results")
    return numbers, files
