"""Panel of napari that adds an image and its corrected labels to a folder to train on."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import cv2
import numpy as np
from magicgui.widgets import FileEdit, LineEdit, PushButton
from napari.components import ViewerModel
from napari.layers import Image, Labels

from nanozoo.core.errors import UserError
from nanozoo.core.files import write_bytes, write_text
from nanozoo.io.formats.base import write_mask
from nanozoo.napari.layers import frames_of, labels_of, pixel_size_of
from nanozoo.napari.panel import Panel
from nanozoo.napari.write import sixteen_bits


def add_to_training(image: Image, labels: Labels, folder: str | Path, name: str) -> Path:
    """Write `images/<name>.tif` and `masks/<name>.png`, and the pixel size to `images.csv`.

    A mask of this name is replaced, if it is of the same image.

    Args:
        image: An image layer of one frame.
        labels: Labels of the same size.
        folder: The folder to train on.
        name: Name of the image in it.

    Returns:
        The mask.

    Raises:
        UserError: If sizes differ, the name belongs to another image, or a file cannot be
            written.
    """
    folder = Path(folder)
    frames, numbers = frames_of(image), labels_of(labels)
    if len(frames) > 1 or frames[0].shape[:2] != numbers.shape:
        raise UserError(
            f"Expected one image and labels of its size. Received: {len(frames)} of "
            f"{frames[0].shape[:2]} and labels of {numbers.shape}"
        )
    if not name or Path(name).name != name or name[0] == ".":
        raise UserError(f"Expected a name for the files without folders. Received: {name!r}")
    file, mask = folder / "images" / f"{name}.tif", folder / "masks" / f"{name}.png"
    taken = [path for path in (folder / "images").glob("*") if path.stem == name]
    content = _tiff(frames[0])
    if any(path != file or path.read_bytes() != content for path in taken):
        raise UserError(
            f"The folder {folder} holds another image of the name {name}: choose another name."
        )
    write_mask(mask, sixteen_bits(numbers, mask))
    write_bytes(file, content)
    size = pixel_size_of(image)
    if size is not None:
        _note_size(folder / "images.csv", name, size)
    return mask


def _tiff(pixels: np.ndarray) -> bytes:
    if pixels.dtype not in (np.uint8, np.uint16):
        pixels = pixels.astype(np.float32)
    ordered = pixels if pixels.ndim == 2 else pixels[..., [2, 1, 0, 3][: pixels.shape[-1]]]
    return cv2.imencode(".tif", ordered)[1].tobytes()


def _note_size(table: Path, name: str, pixel_size_nm: float) -> None:
    """Add a row, or change that of this name."""
    rows = []
    if table.is_file():
        with open(table, encoding="utf-8", newline="") as stream:
            rows = [row for row in csv.DictReader(stream) if row.get("stem") != name]
    rows.append({"stem": name, "pixel_size_nm": f"{pixel_size_nm:.9g}"})
    columns = list(dict.fromkeys(column for row in rows for column in row))
    stream = io.StringIO()
    writer = csv.DictWriter(stream, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_text(table, stream.getvalue())


class TrainingWidget(Panel):
    """Choose an image, its labels and a folder that `nanozoo finetune` reads.

    Args:
        napari_viewer: The viewer.
    """

    def __init__(self, napari_viewer: ViewerModel):
        super().__init__(napari_viewer)
        self.image = self.layer_box(Image, "image")
        self.labels = self.layer_box(Labels, "labels")
        self.folder = FileEdit(label="folder", mode="d", value="training")
        self.stem = LineEdit(label="name", value="")
        self.start = PushButton(text="Save for training")
        self.extend([self.image, self.labels, self.folder, self.stem, self.start, self.status])
        self.image.changed.connect(self._chosen)
        self.start.changed.connect(self.save)
        self._layers_changed()

    def save(self, *_: object) -> None:
        """Write the files."""
        image, labels = self.image.value, self.labels.value
        if image is None or labels is None:
            self.status.value = "Choose an image and its labels."
            return
        try:
            mask = add_to_training(image, labels, self.folder.value, self.stem.value.strip())
        except UserError as error:
            self.fail(error)
            return
        self.status.value = f"Wrote {mask} and the image. Train with nanozoo finetune --data."

    def _chosen(self, image: Image | None) -> None:
        self.stem.value = "" if image is None else image.name
