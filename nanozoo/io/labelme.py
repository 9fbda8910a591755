"""LabelMe: shapes of a JSON file to particles, and particles to shapes.

LabelMe draws a pixel in row r and column c as the square from (c, r) to (c + 1, r + 1), so a
polygon holds the pixels whose centre lies inside of it, as it is seen on the screen. (LabelMe's
own export also counts the pixels under the line, which makes particles up to a pixel wider.)

References:
    K. Wada, LabelMe, doi:10.5281/zenodo.5711226, https://github.com/wkentaro/labelme.
"""

from __future__ import annotations

import base64
import binascii
import json
import struct
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from nanozoo.core.errors import UserError
from nanozoo.core.instances import Instance, Instances, instance_of
from nanozoo.io.outlines import (
    FARTHEST,
    fill_ellipse,
    fill_outlines,
    short_outline,
    trace_outlines,
)
from nanozoo.io.stored import read_content

Shape = dict[str, Any]

_CORNERS = {"polygon": (3, None), "rectangle": (2, 4), "oriented_rectangle": (4, 4)}
"""Fewest and most points of the shapes that are outlines."""
VERSION = "5.5.0"
"""Version of LabelMe whose form is written."""
_KINDS = (*_CORNERS, "circle", "mask")


def read_labelme(path: str | Path) -> dict[str, Any]:
    """Read a file of LabelMe without the picture that it may hold.

    Args:
        path: A JSON file; it is parsed once and again when it changes.

    Raises:
        UserError: If it is no JSON, or not of LabelMe.
    """
    path = Path(path)
    try:
        return _parse(path, path.stat().st_mtime_ns)
    except OSError as error:
        raise UserError(f"Cannot read {path} ({error.strerror}): check the path.") from error


@lru_cache(maxsize=64)
def _parse(path: Path, modified: int) -> dict[str, Any]:
    del modified
    try:
        content = json.loads(read_content(path).decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise UserError(f"The file {path} is no valid JSON ({error}): save it again.") from error
    shapes = content.get("shapes") if isinstance(content, dict) else None
    if not isinstance(shapes, list) or not all(isinstance(one, dict) for one in shapes):
        raise UserError(
            f"The file {path} is not in LabelMe form (a list of shapes is missing): save it again "
            "in LabelMe."
        )
    content.pop("imageData", None)
    return content


def labels_of(content: dict[str, Any]) -> set[str]:
    """The labels of the shapes of a file."""
    return {str(shape.get("label")) for shape in content["shapes"]}


def draw_shapes(
    content: dict[str, Any], shape: tuple[int, int], classes: Sequence[str], path: str | Path
) -> Instances:
    """Find the particles of a file of LabelMe.

    Polygons, rectangles, circles and masks are known. Shapes of one label that share a group
    are parts of one particle.

    Args:
        content: From `read_labelme`.
        shape: `(height, width)` of the image, px.
        classes: Names of classes 1, 2, ...; the labels.
        path: The file, for messages.

    Returns:
        The particles in the order of the file, back to front.

    Raises:
        UserError: If the file is for an image of another size, or a shape is a line or a point,
            is damaged, has another label, or has no pixel in the image.
    """
    stated = content.get("imageHeight"), content.get("imageWidth")
    if None not in stated and stated != tuple(shape):
        raise UserError(
            f"The shapes of {path} are for {stated[1]} x {stated[0]} px but the image is "
            f"{shape[1]} x {shape[0]} px: export both in one size."
        )
    shapes = content["shapes"]
    wrong = Counter(kind for kind in map(_kind, shapes) if kind not in _KINDS)
    if wrong:
        held = ", ".join(f"{count} x {kind}" for kind, count in sorted(wrong.items()))
        raise UserError(
            f"The file {path} holds what outlines no particle ({held}): delete it in LabelMe and "
            "save the file again."
        )
    grouped: dict[Any, list[Instance]] = {}
    for number, one in enumerate(shapes):
        label, group = str(one.get("label")), one.get("group_id")
        if label not in classes:
            raise UserError(
                f"Expected labels of {list(classes)} in {path}: rename the shape, or name every "
                f"class in classes.txt. Received: {label!r}"
            )
        part = _draw(one, shape, classes.index(label) + 1, path)
        key = ("shape", number) if group is None else (label, str(group))
        grouped.setdefault(key, []).append(part)
    return Instances(shape, map(_joined, grouped.values()))


def _kind(shape: Shape) -> str:
    return str(shape.get("shape_type") or "polygon")


def _draw(one: Shape, shape: tuple[int, int], class_id: int, path: str | Path) -> Instance:
    kind = _kind(one)
    try:
        points = np.asarray(one["points"], np.float64)
        near = (np.abs(points) <= FARTHEST).all()
        if points.ndim != 2 or points.shape[1] != 2 or not near:
            raise ValueError(f"points are no pairs of numbers up to {FARTHEST:g}")
        if kind == "mask":
            found = _from_mask(one["mask"], points, shape, class_id)
        elif kind == "circle":
            (x, y), rim = points
            radius = np.hypot(*(rim - (x, y)))
            found = fill_ellipse((x - radius, y - radius, x + radius, y + radius), shape, class_id)
        else:
            fewest, most = _CORNERS[kind]
            if not fewest <= len(points) <= (most or len(points)):
                raise ValueError(f"a {kind} of {len(points)} points")
            if len(points) == 2:
                points = points[[[0, 1, 1, 0], [0, 0, 1, 1]], [[0], [1]]].T
            found = fill_outlines([points], shape, class_id)
    except (KeyError, TypeError, ValueError, binascii.Error, cv2.error) as error:
        raise UserError(
            f"A shape of {path} is damaged ({' '.join(str(error).split())[:120]}): draw it again. "
            f"Received: label={one.get('label')!r}"
        ) from error
    if found is None:
        raise UserError(
            f"A shape of {path} has no pixel in the image of {shape[1]} x {shape[0]} px: delete "
            f"it in LabelMe. Received: label={one.get('label')!r}"
        )
    return found


def _from_mask(
    coded: str, points: np.ndarray, shape: tuple[int, int], class_id: int
) -> Instance | None:
    """A mask in a PNG whose first pixel is the first of two points, rounded."""
    content = base64.b64decode(coded, validate=True)
    if content[:8] != b"\x89PNG\r\n\x1a\n" or len(content) < 24:
        raise ValueError("its mask is no PNG")
    width, height = struct.unpack(">II", content[16:24])
    if height > shape[0] or width > shape[1]:
        raise ValueError(f"its mask of {width} x {height} px is larger than the image")
    mask = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_GRAYSCALE)
    if mask is None:
        raise ValueError("its mask is a PNG that cannot be read")
    left, top = np.round(points[0]).astype(int).tolist()
    first = max(0, -top), max(0, -left)
    last = max(0, shape[0] - top), max(0, shape[1] - left)
    inside = mask[first[0] : last[0], first[1] : last[1]] > 0
    if not inside.any():
        return None
    return instance_of(inside, class_id, top=max(0, top), left=max(0, left))


def _joined(parts: Sequence[Instance]) -> Instance:
    """The union of masks of one class."""
    if len(parts) == 1:
        return parts[0]
    boxes = np.array([part.box for part in parts])
    (top, left), (bottom, right) = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
    mask = np.zeros((bottom - top, right - left), bool)
    for part in parts:
        rows, columns = part.top - top, part.left - left
        height, width = part.mask.shape
        mask[rows : rows + height, columns : columns + width] |= part.mask
    return instance_of(mask, parts[0].class_id, top=int(top), left=int(left))


def labelme_text(instances: Instances, classes: Sequence[str], image: str) -> str:
    """A file of LabelMe.

    Args:
        instances: The particles.
        classes: Names of classes 1, 2, ...
        image: Name of the image's file, which lies beside it.
    """
    height, width = instances.shape
    content = {
        "version": VERSION,
        "flags": {},
        "shapes": shapes_of(instances, classes),
        "imagePath": image,
        "imageData": None,
        "imageHeight": height,
        "imageWidth": width,
    }
    return json.dumps(content, indent=1) + "\n"


def shapes_of(instances: Instances, classes: Sequence[str]) -> list[Shape]:
    """Particles as shapes of LabelMe, exact to the pixel by `draw_shapes`.

    A part without holes is a polygon of few points, a part with holes a mask; parts of one
    particle share a group.

    Args:
        instances: The particles.
        classes: Names of classes 1, 2, ...
    """
    shapes = []
    for number, item in enumerate(instances, 1):
        count, parts = cv2.connectedComponents(item.mask.astype(np.uint8), connectivity=8)
        for part in range(1, count):
            place = instance_of(parts == part, top=item.top, left=item.left)
            shapes.append(
                {
                    "label": classes[item.class_id - 1],
                    **_outline(place),
                    "group_id": number if count > 2 else None,
                    "description": "",
                    "flags": {},
                }
            )
    return shapes


def _outline(part: Instance) -> Shape:
    if len(trace_outlines(part.mask)) == 1:
        points = short_outline(part.mask) + (part.left, part.top)
        return {"points": points.tolist(), "shape_type": "polygon", "mask": None}
    top, left, bottom, right = part.box
    content = cv2.imencode(".png", part.mask.astype(np.uint8))[1].tobytes()
    return {
        "points": [[float(left), float(top)], [float(right - 1), float(bottom - 1)]],
        "shape_type": "mask",
        "mask": base64.b64encode(content).decode("ascii"),
    }
