"""The part of a tab that takes a micrograph: a file and its frame, or a simulated one."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import cv2
import gradio as gr
from gradio.events import Dependency

from nanozoo.app.limits import Limits
from nanozoo.app.session import KEEP_S, Folders
from nanozoo.app.sight import Source
from nanozoo.app.words import in_words, without_folders
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


class Held(NamedTuple):
    """A micrograph that was read: the file with the number of the image in it, and the image."""

    source: Source
    micrograph: Micrograph


@dataclass(frozen=True)
class MicrographPart:
    """What a tab knows of its micrograph.

    Args:
        file: The upload.
        frame: Number of the image in the file, from 1.
        held: What was read last, a state.
        taken: The event that reads what is chosen.
        limits: What the page takes.
    """

    file: gr.File
    frame: gr.Number
    held: gr.State
    taken: Dependency
    limits: Limits

    @property
    def inputs(self) -> list[gr.components.Component]:
        """Inputs of events, whose values `read` takes."""
        return [self.file, self.frame, self.held]

    def read(self, path: str | None, frame: float | None, held: Held | None) -> Held:
        """The micrograph that is chosen; it is read if it is not held.

        Raises:
            gr.Error: If none is chosen.
            UserError: If it cannot be read.
        """
        if not path:
            raise gr.Error("Choose a micrograph first (step 1).", print_exception=False)
        return _read(self.limits, (path, int(frame or 1)), held)


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

    held = gr.State(None, time_to_live=KEEP_S)

    @in_words
    def take(path: str | None, number: float | None, before: Held | None, request: gr.Request):
        same = path is not None and before is not None and before.source[0] == path
        yield gr.skip() if same else gr.Number(1, visible=False), None
        if path:
            folders.keep(request, Path(path))
            found = _read(limits, (path, int(number or 1) if same else 1), before)
            yield gr.Number(visible=found.micrograph.frame is not None), found

    @in_words
    def make(number: float | None, request: gr.Request):
        number = int(number or 0)
        scene = simulate(SceneConfig(**_EXAMPLE), number)
        path = folders.new(request) / f"simulated_{number}.png"
        write_bytes(path, cv2.imencode(".png", scene.pixels)[1].tobytes())
        return str(path)

    taken = gr.on(
        [file.change, frame.input],
        take,
        [file, frame, held],
        [frame, held],
        trigger_mode="always_last",
        show_progress="hidden",
    )
    example.click(make, seed, file, show_progress="hidden")
    return MicrographPart(file, frame, held, taken, limits)


def _read(limits: Limits, source: Source, held: Held | None) -> Held:
    """Read an image of an upload unless it is held; what its reader warns of is shown."""
    if held is not None and held.source == source:
        return held
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        image = limits.read(Path(source[0]), source[1])
    for warning in caught:
        gr.Warning(without_folders(str(warning.message)))
    return Held(source, image)
