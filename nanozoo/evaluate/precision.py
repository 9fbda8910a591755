"""Average precision as the COCO benchmark defines it, counted by pycocotools."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nanozoo.evaluate.groups import matching_groups

LOWEST_IOU = 0.5
"""No pair below this IoU counts at any threshold."""

ANY_AREA = (0.0, float("inf"))


@dataclass(frozen=True)
class Group:
    """True and predicted particles of one image and class that could be matched with each other.

    Args:
        iou: `(N, M)` IoU of true and predicted particles, in [0, 1].
        true_areas: `(N,)` areas, px.
        areas: `(M,)` areas of the predictions, px.
        scores: `(M,)` confidence of the predictions.
        places: `(M,)` numbers of the predictions in the dataset; of equal scores the lower
            number goes first.
    """

    iou: np.ndarray
    true_areas: np.ndarray
    areas: np.ndarray
    scores: np.ndarray
    places: np.ndarray


def split_groups(
    iou: np.ndarray,
    true_areas: np.ndarray,
    areas: np.ndarray,
    scores: np.ndarray,
    start: int = 0,
) -> list[Group]:
    """Cut the particles of an image into groups, in place of the whole matrix of overlaps.

    This changes no precision, only memory and time, because pycocotools compares all pairs
    of what it takes for an image. Predictions without a partner form one group, and so do
    true particles without one.

    Args:
        iou: `(N, M)` IoU of true and predicted particles, in [0, 1].
        true_areas: `(N,)` areas, px.
        areas: `(M,)` areas of the predictions, px.
        scores: `(M,)` confidence of the predictions.
        start: Number of predictions in the images before.
    """
    none = np.zeros(0, np.int64)
    members = matching_groups(iou, LOWEST_IOU)
    lonely = [pair for pair in members if not (len(pair[0]) and len(pair[1]))]
    members = [pair for pair in members if len(pair[0]) and len(pair[1])]
    for side in (0, 1):
        alone = np.sort(np.concatenate([none, *(pair[side] for pair in lonely)]))
        if len(alone):
            members.append((none, alone) if side else (alone, none))
    return [
        Group(
            iou[np.ix_(rows, columns)],
            true_areas[rows],
            areas[columns],
            scores[columns],
            start + columns,
        )
        for rows, columns in members
    ]


def coco_precision(
    groups: Sequence[Group], area_ranges: Sequence[tuple[float, float]] = (ANY_AREA,)
) -> np.ndarray:
    """Precision of one class over a dataset, by IoU threshold, recall and area.

    Unlike the COCO default the number of predictions is not cut at 100 an image, because
    micrographs hold more particles than that.

    Args:
        groups: Of all images.
        area_ranges: Smallest and largest area of a true particle that counts, px.

    Returns:
        `(10, 101, A)` float64 in [0, 1]: IoU 0.50, 0.55 .. 0.95, recall 0, 0.01 .. 1; NaN for
        areas of which there is no true particle.

    References:
        Lin et al., ECCV 2014, doi:10.1007/978-3-319-10602-1_48.
    """
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    scores = np.concatenate([np.zeros(0), *(group.scores for group in groups)])
    places = np.concatenate([np.zeros(0), *(group.places for group in groups)])
    ranks = np.empty(len(scores))
    ranks[np.lexsort((places, -scores))] = -np.arange(len(scores))
    ends = np.cumsum([len(group.scores) for group in groups])

    class MatrixEval(COCOeval):
        """COCOeval over overlaps that are known already; a group passes for an image."""

        def computeIoU(self, imgId: int, catId: int) -> np.ndarray:
            """Overlaps of the predictions, in falling order of score, with the truth."""
            group = groups[imgId]
            own = ranks[ends[imgId] - len(group.scores) : ends[imgId]]
            return group.iou[:, np.argsort(-own)].T

    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO()
        truth.dataset = _dataset([group.true_areas for group in groups], None)
        truth.createIndex()
        predicted = COCO()
        predicted.dataset = _dataset([group.areas for group in groups], ranks)
        predicted.createIndex()
        evaluation = MatrixEval(truth, predicted, "bbox")
        evaluation.params.maxDets = [max(1, len(scores))]
        evaluation.params.areaRng = [list(limits) for limits in area_ranges]
        evaluation.params.areaRngLbl = [str(number) for number in range(len(area_ranges))]
        evaluation.evaluate()
        evaluation.accumulate()
    precision = evaluation.eval["precision"][:, :, 0, :, 0]
    return np.where(precision < 0, np.nan, precision)


def average_precision(iou: np.ndarray, scores: np.ndarray) -> float:
    """AP of one image and one class, averaged over IoU 0.50, 0.55 .. 0.95.

    Args:
        iou: `(N, M)` IoU of true and predicted particles, in [0, 1].
        scores: `(M,)` confidence of the predictions.

    Returns:
        AP in [0, 1]; 1.0 without any particle, 0.0 with particles on one side only.
    """
    if not iou.size:
        return float(iou.shape == (0, 0))
    areas = (np.ones(length) for length in iou.shape)
    return float(coco_precision(split_groups(iou, *areas, scores)).mean())


def _dataset(areas: Sequence[np.ndarray], scores: np.ndarray | None) -> dict[str, list[dict]]:
    """COCO dict of an image a group; masks are left out because the overlaps are known."""
    annotations = [
        {"image_id": image, "category_id": 1, "iscrowd": 0, "area": float(area)}
        for image, group in enumerate(areas)
        for area in group
    ]
    for number, annotation in enumerate(annotations):
        annotation["id"] = number + 1
        annotation["score"] = 1.0 if scores is None else float(scores[number])
    return {
        "images": [{"id": image} for image in range(len(areas))],
        "categories": [{"id": 1, "name": "particle"}],
        "annotations": annotations,
    }
