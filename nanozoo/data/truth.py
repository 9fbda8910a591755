"""True instances as arrays of a fixed size, for the training of detectors."""

from __future__ import annotations

import warnings
from collections.abc import Iterable

import numpy as np

from nanozoo.core.checks import check_int
from nanozoo.core.errors import UserError
from nanozoo.core.instances import Instance, Instances


def encode_truth(
    instances: Instances,
    limit: int,
    num_classes: int = 2,
    side: int = 56,
    *,
    name: str = "",
) -> dict[str, np.ndarray]:
    """Pad the instances of an image to a fixed number.

    A mask is cropped to its box and brought to `side` x `side`, twice as fine as what the mask
    head predicts. 600 instances so take 7.5 MB, whatever the size of the image; as full masks
    of 1024 x 1024 px they would take 600 MB. Instances may overlap.

    Args:
        instances: Of one image.
        limit: Places, G.
        num_classes: Classes with background.
        side: Side of a mask, M.
        name: Of the image, for messages.

    Returns:
        Dict of "boxes" `(G, 4)` float32 xyxy px, "labels" `(G,)` int32, "masks" `(G, M, M)`
        float32, the covered share of each cell, and "valid" `(G,)` bool. More instances than
        places raise a warning, and the largest ones are kept.

    Raises:
        UserError: If a class is not below `num_classes`, or an instance leaves the image.
    """
    check_int("limit", limit, 1)
    items = list(instances)
    for item in items:
        _check(item, instances.shape, num_classes)
    if len(items) > limit:
        warnings.warn(
            f"{_the_image(name)} has {len(items)} instances, but there is room for {limit}: "
            f"the smallest {len(items) - limit} were left out. Raise `limit`.",
            stacklevel=2,
        )
        order = np.argsort([-item.area for item in items], kind="stable")[:limit]
        items = [items[index] for index in sorted(order)]
    truth = {
        "boxes": np.zeros((limit, 4), np.float32),
        "labels": np.zeros(limit, np.int32),
        "masks": np.zeros((limit, side, side), np.float32),
        "valid": np.arange(limit) < len(items),
    }
    for place, item in enumerate(items):
        top, left, bottom, right = item.box
        truth["boxes"][place] = left, top, right, bottom
        truth["labels"][place] = item.class_id
        truth["masks"][place] = resize_mask(item.mask, side)
    return truth


def stack_truth(truths: Iterable[dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """Join the dicts of several images to a batch, `(B, G, ...)`."""
    truths = list(truths)
    return {name: np.stack([truth[name] for truth in truths]) for name in truths[0]}


def resize_mask(mask: np.ndarray, side: int) -> np.ndarray:
    """Covered share of each cell of a `side` x `side` grid over `mask` `(h, w)`, float32."""
    rows, columns = (_shares(length, side) for length in mask.shape)
    return rows @ mask.astype(np.float32) @ columns.T


def _shares(length: int, side: int) -> np.ndarray:
    """`(side, length)`: share of each cell that each of `length` pixels takes, in a row."""
    edges = np.linspace(0, length, side + 1)
    pixels = np.arange(length)
    shared = np.minimum(edges[1:, None], pixels + 1) - np.maximum(edges[:-1, None], pixels)
    return (np.maximum(shared, 0) * side / length).astype(np.float32)


def _the_image(name: str) -> str:
    return f"The image {name}" if name else "The image"


def _check(item: Instance, shape: tuple[int, int], num_classes: int) -> None:
    top, left, bottom, right = item.box
    if not 1 <= item.class_id < num_classes:
        raise UserError(
            f"Expected classes from 1 to {num_classes - 1}. Received: class_id={item.class_id}"
        )
    if top < 0 or left < 0 or bottom > shape[0] or right > shape[1]:
        raise UserError(
            f"Expected instances inside the image of {shape[0]} x {shape[1]} px. "
            f"Received: box={item.box} (top, left, bottom, right)"
        )
