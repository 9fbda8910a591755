"""From the small masks of a detector to masks in the image."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import cv2
import numpy as np

from nanozoo.core.errors import UserError
from nanozoo.core.instances import Instances, instance_of


def paste_masks(
    masks: np.ndarray,
    boxes: np.ndarray,
    shape: tuple[int, int],
    threshold: float | None = None,
) -> np.ndarray:
    """Paste masks on the grids of their boxes into images of zeros, as torchvision does.

    torchvision counts the last row and column of a box twice, so that particles come out about
    a pixel too large: measure with `to_instances`.

    Args:
        masks: `(N, M, M)` probabilities, as "masks" of one image from `build_maskrcnn`.
        boxes: `(N, 4)` xyxy, px.
        shape: `(height, width)` of the image, px.
        threshold: From this probability on a pixel belongs to the particle; None keeps the
            probabilities.

    Returns:
        `(N, H, W)` float32 in [0, 1], or bool with a `threshold`.

    Raises:
        UserError: If masks and boxes do not go together.

    Example:
        >>> import numpy as np
        >>> full = paste_masks(np.ones((1, 28, 28)), np.array([[20, 10, 60, 40]]), (64, 64), 0.5)
        >>> int(full.sum())
        1340
    """
    masks, boxes = np.asarray(masks), np.asarray(boxes)
    if masks.ndim != 3 or boxes.shape != (len(masks), 4):
        raise UserError(
            "Expected `masks` (N, M, M) and `boxes` (N, 4). "
            f"Received: masks of {masks.shape}, boxes of {boxes.shape}"
        )
    full = np.zeros((len(masks), *shape), np.float32)
    for plane, (top, left, crop) in zip(full, _pasted(masks, boxes, shape)):
        plane[top : top + crop.shape[0], left : left + crop.shape[1]] = crop
    return full if threshold is None else full >= threshold


def to_instances(
    found: Mapping[str, np.ndarray],
    shape: tuple[int, int],
    threshold: float = 0.5,
) -> Instances:
    """Turn the detections of one image into instances, which may overlap.

    A pixel has the probability that is interpolated at its centre, so that a mask which fills
    its box covers as many pixels as the box. Hundreds of particles in a large image take a
    small part of the memory of full-size masks.

    Args:
        found: Dict of one image's "boxes" `(N, 4)`, "scores" `(N,)`, "labels" `(N,)`, "masks"
            `(N, M, M)` and "valid" `(N,)`.
        shape: `(height, width)` of the image, px.
        threshold: From this probability on a pixel belongs to the particle.

    Returns:
        The instances, the most certain one in front, with classes and scores; empty masks are
        left out.
    """
    valid = np.asarray(found["valid"], bool)
    masks, boxes, scores, labels = (
        np.asarray(found[name])[valid] for name in ("masks", "boxes", "scores", "labels")
    )
    items = []
    for place, (mask, box) in enumerate(zip(masks, boxes)):
        top, left, crop = _interpolated(mask, box, shape)
        inside = crop >= threshold
        if inside.any():
            class_id, score = int(labels[place]), float(scores[place])
            items.append(instance_of(inside, class_id, score, top=top, left=left))
    return Instances(shape, sorted(items, key=lambda item: item.score))


def mask_confidence(masks: np.ndarray, threshold: float = 0.5) -> np.ndarray:
    """Mean probability inside each mask.

    Args:
        masks: `(N, M, M)` probabilities.
        threshold: From this probability on a cell belongs to the mask.

    Returns:
        `(N,)` float32 in [0, 1], 0 where the mask is empty.
    """
    inside = masks >= threshold
    counts = np.maximum(inside.sum(axis=(1, 2)), 1)
    return (np.where(inside, masks, 0).sum(axis=(1, 2)) / counts).astype(np.float32)


def _pasted(
    masks: np.ndarray, boxes: np.ndarray, shape: tuple[int, int]
) -> Iterator[tuple[int, int, np.ndarray]]:
    """First row, first column and probabilities of every mask, cut off at the image's border.

    A ring of zeros is put around the mask, and its box grows as much, so that interpolation
    fades out; the corners are truncated to whole pixels.
    """
    side = masks.shape[-1]
    padded = np.pad(masks.astype(np.float32), ((0, 0), (1, 1), (1, 1)))
    centres = (boxes[:, :2] + boxes[:, 2:]) * 0.5
    halves = (boxes[:, 2:] - boxes[:, :2]) * 0.5 * ((side + 2) / side)
    corners = np.concatenate([centres - halves, centres + halves], axis=1).astype(np.int64)
    for mask, (x1, y1, x2, y2) in zip(padded, corners.tolist()):
        width, height = max(x2 - x1 + 1, 1), max(y2 - y1 + 1, 1)
        mask = cv2.resize(mask, (width, height), interpolation=cv2.INTER_LINEAR)
        top, left = max(y1, 0), max(x1, 0)
        bottom, right = max(min(y2 + 1, shape[0]), top), max(min(x2 + 1, shape[1]), left)
        yield top, left, mask[top - y1 : bottom - y1, left - x1 : right - x1]


def _interpolated(
    mask: np.ndarray, box: np.ndarray, shape: tuple[int, int]
) -> tuple[int, int, np.ndarray]:
    """First row, first column, and probabilities at the centres of the pixels of a box."""
    left, columns = _weights(box[0], box[2], shape[1], len(mask))
    top, rows = _weights(box[1], box[3], shape[0], len(mask))
    return top, left, rows @ mask @ columns.T


def _weights(low: float, high: float, limit: int, side: int) -> tuple[int, np.ndarray]:
    """First pixel of an interval, and for each of its pixels the weights of `side` cells."""
    margin = 0.5 * (high - low) / side
    first = max(int(np.floor(low - margin)), 0)
    last = max(min(int(np.ceil(high + margin)), limit), first)
    centres = np.arange(first, last) + 0.5
    places = (centres - low) / max(high - low, 1e-6) * side - 0.5
    return first, np.maximum(1 - np.abs(places[:, None] - np.arange(side)), 0).astype(np.float32)
