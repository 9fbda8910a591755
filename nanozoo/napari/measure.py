"""Panel of napari that measures the particles of a labels layer in nanometres."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from magicgui.widgets import FileEdit, Label, PushButton, Table
from napari.components import ViewerModel
from napari.layers import Image, Labels

from nanozoo.core.errors import UserError
from nanozoo.core.files import write_text
from nanozoo.core.instances import Instances
from nanozoo.core.words import count_of
from nanozoo.io.micrograph import grey_of
from nanozoo.measure.distribution import SizeDistribution, size_distribution
from nanozoo.measure.particles import measure_particles
from nanozoo.napari.layers import frames_of, labels_of
from nanozoo.napari.panel import Panel
from nanozoo.workflows.particle_table import table_rows, table_text

COLUMNS = (
    "index", "area_px", "area_nm2", "diameter_px", "diameter_nm", "feret_max_nm", "feret_min_nm",
    "perimeter_nm", "aspect_ratio", "circularity", "solidity", "mean_intensity", "centroid_x",
    "centroid_y", "touches_border", "edge_weight",
)  # fmt: skip
_TOLD = {
    "mean": "mean", "std": "standard deviation", "d10_number": "D10", "d50_number": "D50",
    "d90_number": "D90",
}  # fmt: skip


@dataclass(frozen=True)
class Measured:
    """The particles of a labels layer, measured.

    Args:
        columns: Arrays `(N,)` by the names of `COLUMNS`; "index" is the number in the layer.
        distribution: Their diameters, those that the border cuts left out and corrected for.
    """

    columns: dict[str, np.ndarray]
    distribution: SizeDistribution

    def table(self) -> str:
        """A row a particle, as CSV."""
        return table_text(table_rows(self.columns, COLUMNS), columns=COLUMNS)

    def statistics(self) -> str:
        """A row a quantity with its 95% interval, as CSV."""
        stream = io.StringIO()
        writer = csv.DictWriter(stream, ("quantity", "value", "low", "high"), lineterminator="\n")
        writer.writeheader()
        writer.writerows(self.distribution.rows())
        return stream.getvalue()

    def summary(self) -> str:
        """The count and the main statistics, a line each."""
        found, total = self.distribution, len(self.columns["index"])
        lines = [f"{count_of(total, 'particle')}, {total - found.count} of them cut by the border"]
        for name, word in _TOLD.items():
            one = found.statistics.get(name)
            if one is not None and np.isfinite(one.value):
                interval = f" [{one.low:.4g}, {one.high:.4g}]" if np.isfinite(one.low) else ""
                lines.append(f"{word}: {one.value:.4g} {found.unit}{interval}")
        return "\n".join([*lines, *found.warnings])


def measure_labels(
    labels: np.ndarray,
    grey: np.ndarray | None = None,
    pixel_size_nm: float | None = None,
    seed: int = 0,
) -> Measured:
    """Measure the particles of a label image.

    Args:
        labels: `(H, W)` whole numbers, 0 is background; they may have gaps.
        grey: `(H, W)` grey values of the image, or None.
        pixel_size_nm: Side of a pixel, nm, above 0; None leaves the columns in nm empty.
        seed: Seed of the bootstrap, 0 or more.

    Raises:
        UserError: If there is no particle, or the image has another size.
    """
    instances = Instances.from_labels(labels)
    if not len(instances):
        raise UserError("The labels hold no particle: segment an image, or paint some.")
    columns = measure_particles(instances, pixel_size_nm, grey)
    columns["index"] = np.unique(labels[labels != 0])
    unit = "px" if pixel_size_nm is None else "nm"
    diameters, weights = columns[f"diameter_{unit}"], columns["edge_weight"]
    found = size_distribution(diameters, weights, unit=unit, seed=seed)
    return Measured({name: columns[name] for name in COLUMNS}, found)


class MeasureWidget(Panel):
    """Choose labels and their image; a table in nanometres appears and can be saved.

    Args:
        napari_viewer: The viewer.
    """

    def __init__(self, napari_viewer: ViewerModel):
        super().__init__(napari_viewer)
        self.labels = self.layer_box(Labels, "labels")
        self.image = self.layer_box(Image, "image")
        self.pixel_size = self.pixel_size_box()
        self.start = PushButton(text="Measure")
        self.summary = Label(value="")
        self.table = Table()
        self.file = FileEdit(label="save as", mode="w", filter="*.csv", value="particles.csv")
        self.save_button = PushButton(text="Save CSV")
        self.measured: Measured | None = None
        self.extend(
            [self.labels, self.image, self.pixel_size, self.start, self.summary]
            + [self.table, self.file, self.save_button, self.status]
        )
        for box in (self.labels, self.image):
            box.changed.connect(self._chosen)
        self.start.changed.connect(self.measure)
        self.save_button.changed.connect(self.save)
        self._layers_changed()

    def measure(self, *_: object) -> None:
        """Measure the chosen labels, beside the viewer."""
        layer, image = self.labels.value, self.image.value
        if layer is None:
            self.status.value = "Segment an image first, or add labels, then choose them above."
            return
        try:
            labels = labels_of(layer)
            grey = None if image is None else grey_of(_single(image))
            layers = [one for one in (layer, image) if one is not None]
            size = self.agreed_pixel_size(self.pixel_size, *layers)
        except UserError as error:
            self.fail(error)
            return
        self.work(
            lambda: (layer, measure_labels(labels.copy(), grey, size)),
            self._show,
        )

    def save(self, *_: object) -> None:
        """Write the table, and `<name>_statistics.csv` beside it."""
        if self.measured is None:
            self.status.value = "Measure first."
            return
        path = Path(self.file.value).with_suffix(".csv")
        beside = path.with_name(f"{path.stem}_statistics.csv")
        try:
            write_text(path, self.measured.table())
            write_text(beside, self.measured.statistics())
        except UserError as error:
            self.fail(error)
            return
        self.status.value = f"Wrote {path} and {beside.name}."

    def _show(self, result: tuple[Labels, Measured]) -> None:
        layer, self.measured = result
        layer.features = self.measured.columns
        self.table.value = {
            name: column.tolist() for name, column in self.measured.columns.items()
        }
        self.summary.value = self.measured.summary()
        self.status.value = "Point at a particle to read its row."

    def _chosen(self, _: object) -> None:
        self.show_pixel_size(self.pixel_size, self.labels.value, self.image.value)


def _single(image: Image) -> np.ndarray:
    frames = frames_of(image)
    if len(frames) > 1:
        raise UserError(
            f"Expected one image in the layer {image.name!r}: split the stack, or choose none. "
            f"Received: {len(frames)} frames"
        )
    return frames[0]
