"""Panel of napari that finds the particles of an image layer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from magicgui.widgets import CheckBox, ComboBox, FileEdit, PushButton
from napari.components import ViewerModel
from napari.layers import Image

import nanozoo.baselines
import nanozoo.checkpoints  # noqa: F401  (with the line above: fill the registries)
from nanozoo.core.errors import UserError
from nanozoo.core.registry import BASELINES, CHECKPOINTS
from nanozoo.core.words import count_of
from nanozoo.napari.finding import find
from nanozoo.napari.layers import frames_of, placement
from nanozoo.napari.network import NETWORKS
from nanozoo.napari.panel import Panel

FIRST = "unet"
"""What is chosen at first: the newest of these checkpoints."""


@dataclass(frozen=True)
class Found:
    """What was found in a layer.

    Args:
        labels: `(H, W)`, or `(T, H, W)` of a stack, uint16, 0 is background.
        features: A column a property: "index" (the label) and "score" of one image, "class" too
            where there are several; none of a stack.
        count: Number of particles.
    """

    labels: np.ndarray
    features: dict[str, Any]
    count: int


def finders() -> list[str]:
    """Checkpoints that find particles, the newest UNet first, and the classical methods."""
    networks = sorted({*CHECKPOINTS.names("segmentation"), *CHECKPOINTS.names("detection")})
    return [FIRST, *networks, *BASELINES.names()]


def find_all(
    frames: Sequence[np.ndarray],
    name: str,
    pixel_size_nm: float | None,
    finder: str,
    flips: bool = False,
) -> Found:
    """Find the particles of one image or of the frames of a stack.

    Args:
        frames: `(H, W)` or `(H, W, C)` each.
        name: Of the layer, for messages.
        pixel_size_nm: Side of a pixel, nm, or None.
        finder: Name of a checkpoint, its folder, or a classical method. Networks run in a
            process of their own.
        flips: Whether a network's answers are averaged over turns and mirror images.

    Raises:
        UserError: As `nanozoo.napari.finding.find`.
    """
    run = find if finder in BASELINES else NETWORKS.find
    found = [run(np.asarray(frame), name, pixel_size_nm, finder, flips) for frame in frames]
    count = sum(len(one.scores) for one in found)
    if len(found) > 1:
        return Found(np.stack([one.labels for one in found]), {}, count)
    (only,) = found
    features: dict[str, Any] = {"index": np.arange(1, count + 1), "score": only.scores}
    if only.classes:
        features["class"] = list(only.classes)
    return Found(only.labels, features, count)


class SegmentWidget(Panel):
    """Choose an image and what finds its particles; they become a labels layer.

    Args:
        napari_viewer: The viewer.
    """

    def __init__(self, napari_viewer: ViewerModel):
        super().__init__(napari_viewer)
        self.image = self.layer_box(Image, "image")
        self.finder = ComboBox(label="find with", choices=finders(), value=FIRST)
        self.own = FileEdit(label="own checkpoint", mode="d", nullable=True, value=None)
        self.pixel_size = self.pixel_size_box()
        self.flips = CheckBox(label="average over turns", value=False)
        self.start = PushButton(text="Segment")
        self.extend(
            [self.image, self.finder, self.own, self.pixel_size, self.flips]
            + [self.start, self.status]
        )
        self.image.changed.connect(lambda layer: self.show_pixel_size(self.pixel_size, layer))
        self.start.changed.connect(self.segment)
        self._layers_changed()

    def segment(self, *_: object) -> None:
        """Find the particles of the chosen layer, beside the viewer."""
        layer = self.image.value
        if layer is None:
            self.status.value = "Open an image first, then choose it above."
            return
        try:
            size = self.agreed_pixel_size(self.pixel_size, layer)
            frames = frames_of(layer)
        except UserError as error:
            self.fail(error)
            return
        own = self.own.value
        finder = self.finder.value if own in (None, Path()) else str(own)
        flips, name = self.flips.value, layer.name

        def task() -> tuple[Image, Found]:
            return layer, find_all(frames, name, size, finder, flips)

        self.work(task, self._show)

    def _show(self, result: tuple[Image, Found]) -> None:
        layer, found = result
        self.viewer.add_labels(
            found.labels,
            name=f"{layer.name} particles",
            features=found.features or None,
            opacity=0.5,
            **placement(layer),
        )
        self.viewer.scale_bar.visible = True
        self.status.value = f"{count_of(found.count, 'particle')}. Correct them, then measure."
