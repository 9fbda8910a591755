"""Particles as COCO has them: run-length masks, which may overlap."""

from __future__ import annotations

import json
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from nanozoo.core.instances import Instance, Instances


class CocoTable:
    """Images and their particles in the form of COCO, gathered image by image.

    Args:
        classes: Names of classes 1, 2, ...; they become the categories of these numbers.
    """

    def __init__(self, classes: Sequence[str] = ("particle",)):
        self.classes = tuple(classes)
        self.content: dict[str, list[dict[str, Any]]] = {
            "images": [],
            "annotations": [],
            "categories": [{"id": n, "name": name} for n, name in enumerate(self.classes, 1)],
        }

    def add(
        self,
        file_name: str,
        instances: Instances,
        *,
        scored: bool = False,
        pixel_size_nm: float | None = None,
    ) -> None:
        """Add an image.

        Args:
            file_name: Of the image, with its suffix.
            instances: Its particles, back to front.
            scored: Write the scores too; ground truth has none.
            pixel_size_nm: Pixel size, nm, if it is known.
        """
        height, width = instances.shape
        image = {"id": len(self.content["images"]) + 1, "file_name": file_name}
        image |= {"height": height, "width": width}
        if pixel_size_nm is not None:
            image["pixel_size_nm"] = pixel_size_nm
        self.content["images"].append(image)
        for item in instances:
            top, left, bottom, right = item.box
            annotation = {
                "id": len(self.content["annotations"]) + 1,
                "image_id": image["id"],
                "category_id": item.class_id,
                "segmentation": run_lengths(item, instances.shape),
                "area": item.area,
                "bbox": [left, top, right - left, bottom - top],
                "iscrowd": 0,
            }
            if scored:
                annotation["score"] = item.score
            self.content["annotations"].append(annotation)

    def text(self) -> str:
        """The table as JSON."""
        return json.dumps(self.content) + "\n"


def run_lengths(item: Instance, shape: tuple[int, int]) -> dict[str, Any]:
    """Encode a mask as COCO does, from its crop alone.

    Args:
        item: An instance that lies inside the image.
        shape: `(height, width)` of the image, px.

    Returns:
        Dict of "size" `[height, width]` and "counts", compressed run lengths down the columns.
    """
    from pycocotools import mask as coco_mask

    height, width = shape
    columns, rows = np.nonzero(item.mask.T)
    places = (item.left + columns) * height + item.top + rows
    gaps = np.flatnonzero(np.diff(places) > 1)
    first = places[np.concatenate([[0], gaps + 1])]
    after = places[np.concatenate([gaps, [len(places) - 1]])] + 1
    edges = np.stack([first, after], axis=1).ravel()
    counts = np.diff(np.concatenate([[0], edges, [height * width]])).tolist()
    if not counts[-1]:
        counts.pop()
    size = [int(height), int(width)]
    runs: Any = {"size": size, "counts": counts}
    coded: Any = coco_mask.frPyObjects(runs, *size)
    return {"size": size, "counts": coded["counts"].decode("ascii")}


def decode_runs(coded: dict[str, Any]) -> np.ndarray:
    """Mask `(H, W)` bool of run lengths, compressed or a list of numbers.

    Args:
        coded: Dict of "size" `[height, width]` and "counts".
    """
    from pycocotools import mask as coco_mask

    runs: Any = coded
    if isinstance(runs["counts"], list):
        runs = coco_mask.frPyObjects(runs, *runs["size"])
    with warnings.catch_warnings():
        # pycocotools makes an array in a way that numpy 2 deprecates.
        warnings.simplefilter("ignore", DeprecationWarning)
        return coco_mask.decode(runs).astype(bool)
