"""Particles from JSON files: COCO, and run-length masks listed by image name."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np

from nanozoo.core.coco import decode_runs
from nanozoo.core.errors import UserError
from nanozoo.core.instances import Instance, Instances, instance_of
from nanozoo.io.polygons import draw_polygons


@dataclass(frozen=True)
class Outline:
    """One particle as the file has it.

    Args:
        segmentation: Polygons `[[x0, y0, x1, y1, ...], ...]` or a run-length mask
            `{"size": [height, width], "counts": ...}`.
        class_id: Class, 1 or more.
        area: Area that the file states, px.
        score: Confidence in [0, 1]; 1.0 where the file states none.
    """

    segmentation: list | dict
    class_id: int = 1
    area: float | None = None
    score: float = 1.0


@dataclass(frozen=True)
class AnnotationFile:
    """The particles of many images.

    Args:
        path: The file.
        classes: Names of classes 1, 2, ...
        outlines: Particles by the stem of the image's file name.
        sizes: `(height, width)` by the same stem, where the file states it.
        pixel_sizes: Side of a pixel, nm, by the same stem, where the file states it, as
            `nanozoo.core.coco.CocoTable` does.
    """

    path: Path
    classes: tuple[str, ...]
    outlines: dict[str, list[Outline]]
    sizes: dict[str, tuple[int, int]]
    pixel_sizes: dict[str, float] = field(default_factory=dict)

    def instances(self, stem: str, shape: tuple[int, int]) -> Instances:
        """Draw the particles of one image.

        Args:
            stem: File name of the image without its suffix.
            shape: `(height, width)` of the image, px.

        Returns:
            The particles in the order of the file, which is back to front.

        Raises:
            UserError: If the file is about an image of another size, or a mask is damaged.
        """
        stated = self.sizes.get(stem, tuple(shape))
        if stated != tuple(shape):
            raise UserError(
                f"The masks of {stem} in {self.path} are for {stated[1]} x {stated[0]} px but the "
                f"image is {shape[1]} x {shape[0]} px: export both in one size."
            )
        items = [self._draw(outline, stem, stated) for outline in self.outlines[stem]]
        return Instances(shape, [item for item in items if item is not None])

    def _draw(self, outline: Outline, stem: str, shape: tuple[int, int]) -> Instance | None:
        coded = outline.segmentation
        try:
            if isinstance(coded, list):
                mask = draw_polygons(coded, shape, outline.area)
            else:
                mask = decode_runs(coded)
        except Exception as error:
            raise UserError(
                f"A mask of {stem} in {self.path} is damaged ({error}): export the file again."
            ) from error
        if mask.shape != tuple(shape):
            raise UserError(
                f"A mask of {stem} in {self.path} is {mask.shape[1]} x {mask.shape[0]} px but the "
                f"image is {shape[1]} x {shape[0]} px: export both in one size."
            )
        return instance_of(mask, outline.class_id, outline.score) if mask.any() else None


def read_annotations(path: str | Path) -> AnnotationFile:
    """Read a COCO file, or `{"images": {stem: {"instances": [{"rle": ...}]}}}`.

    Groups that COCO marks `iscrowd` are no single particles and are left out.

    Args:
        path: A JSON file; it is parsed once and again when it changes.

    Returns:
        Its particles.

    Raises:
        UserError: If it is no JSON or its content is neither of the two forms.
    """
    path = Path(path)
    try:
        return _parse(path, path.stat().st_mtime_ns)
    except OSError as error:
        raise UserError(f"Cannot read {path} ({error.strerror}): check the path.") from error


@lru_cache(maxsize=8)
def _parse(path: Path, modified: int) -> AnnotationFile:
    del modified
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise UserError(f"The file {path} is no valid JSON ({error}): export it again.") from error
    try:
        if isinstance(content["images"], dict):
            return _from_runs(path, content)
        return _from_coco(path, content)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UserError(
            f"The file {path} is not in COCO form (missing or misplaced: {error}): "
            "export it again as COCO instances."
        ) from error


def _from_runs(path: Path, content: dict) -> AnnotationFile:
    outlines = {
        stem: [Outline(item["rle"]) for item in image["instances"]]
        for stem, image in content["images"].items()
    }
    return AnnotationFile(path, ("particle",), outlines, {})


def _from_coco(path: Path, content: dict) -> AnnotationFile:
    categories = sorted(content["categories"], key=lambda category: category["id"])
    class_ids = {category["id"]: number for number, category in enumerate(categories, 1)}
    stems = {image["id"]: Path(image["file_name"]).stem for image in content["images"]}
    outlines: dict[str, list[Outline]] = {stem: [] for stem in stems.values()}
    for item in content["annotations"]:
        if not item.get("iscrowd", 0) and item["segmentation"]:
            outlines[stems[item["image_id"]]].append(
                Outline(
                    item["segmentation"],
                    class_ids[item["category_id"]],
                    item.get("area"),
                    float(item.get("score", 1.0)),
                )
            )
    sizes = {
        stems[image["id"]]: (int(image["height"]), int(image["width"]))
        for image in content["images"]
        if "height" in image and "width" in image
    }
    pixel_sizes = {
        stems[image["id"]]: float(image["pixel_size_nm"])
        for image in content["images"]
        if image.get("pixel_size_nm") is not None and float(image["pixel_size_nm"]) > 0
    }
    names = tuple(str(category["name"]) for category in categories)
    return AnnotationFile(path, names, outlines, sizes, pixel_sizes)


def class_map(instances: Instances) -> np.ndarray:
    """`(H, W)` uint8 class of the topmost particle at each pixel, 0 is background."""
    classes = np.zeros(instances.shape, np.uint8)
    for item in instances:
        classes[item.window][item.mask] = item.class_id
    return classes
