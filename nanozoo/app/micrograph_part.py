"""The part of a tab that takes a micrograph: a file and its frame, or a simulated one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import gradio as gr

from nanozoo.app.limits import Limits
from nanozoo.app.session import Folders
from nanozoo.app.words import in_words
from nanozoo.core.files import write_bytes
from nanozoo.io.micrograph import IMAGE_SUFFIXES, Micrograph
from nanozoo.synth import SceneConfig, simulate

_EXAMPLE = {
    "shape": (512, 640),
    "mean_diameter": 44.0,
    "size_distribution": "poly",
    "coverage": 0.22,
    "shapes": ("sphere", "sphere", "cube", "rod"),
    "scale_bar": "box",
    "pixel_size_nm": 0.8,
}


@dataclass(frozen=True)
class MicrographPart:
    """What a tab knows of its micrograph.

    Args:
        file: The upload.
        frame: Number of the image in the file, from 1.
        limits: What the page takes.
    """

    file: gr.File
    frame: gr.Number
    limits: Limits

    @property
    def inputs(self) -> list[gr.components.Component]:
        """Inputs of events, whose values `read` takes."""
        return [self.file, self.frame]

    def read(self, path: str | None, frame: float | None) -> Micrograph:
        """Read the micrograph that was chosen.

        Raises:
            gr.Error: If none was.
            UserError: If it cannot be read.
        """
        if not path:
            raise gr.Error("Choose a micrograph first (step 1).", print_exception=False)
        return self.limits.read(Path(path), int(frame or 1))[0]


def micrograph_part(limits: Limits, folders: Folders, name: str) -> MicrographPart:
    """Build the part.

    Args:
        limits: What the page takes.
        folders: Where a simulated micrograph is written.
        name: What the names of its elements begin with.
    """
    gr.Markdown(
        f"### 1 Micrograph\nPNG, JPEG, TIFF (8 or 16 bits), DM3, DM4, EMD, SER or MRC, up to "
        f"{limits.upload_mb} MB.",
        elem_classes="step",
    )
    file = gr.File(
        label="Micrograph",
        file_types=list(IMAGE_SUFFIXES),
        height=130,
        elem_id=f"{name}-file",
    )
    frame = gr.Number(
        1,
        label="Image in the file",
        info="This file holds several images.",
        precision=0,
        minimum=1,
        visible=False,
        elem_id=f"{name}-frame",
    )
    with gr.Row(equal_height=True):
        example = gr.Button(
            "Try a simulated one", size="sm", scale=2, min_width=150, elem_id=f"{name}-example"
        )
        seed = gr.Number(
            0,
            show_label=False,
            container=False,
            precision=0,
            minimum=0,
            min_width=70,
            elem_id=f"{name}-seed",
        )

    @in_words
    def look(path: str | None, request: gr.Request):
        several = False
        if path:
            folders.keep(request, Path(path))
            several = limits.read(Path(path))[1]
        return gr.Number(1, visible=several)

    @in_words
    def make(number: float | None, request: gr.Request):
        number = int(number or 0)
        scene = simulate(SceneConfig(**_EXAMPLE), number)
        path = folders.new(request) / f"simulated_{number}.png"
        write_bytes(path, cv2.imencode(".png", scene.pixels)[1].tobytes())
        return str(path)

    file.change(look, file, frame, show_progress="hidden")
    example.click(make, seed, file, show_progress="hidden")
    return MicrographPart(file, frame, limits)
