"""Average precision as the COCO benchmark defines it, counted by pycocotools."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Sequence

import numpy as np

from nanozoo.evaluate.groups import matching_groups

LOWEST_IOU = 0.5
"""No pair below this IoU counts at any threshold."""


def average_precision(iou: np.ndarray, scores: np.ndarray) -> float:
    """AP of one image and one class, averaged over IoU 0.50, 0.55 .. 0.95.

    Unlike the COCO default the number of predictions is not cut at 100, because
    micrographs hold more particles than that. Particles that cannot be matched with
    each other are handed over as separate images and scores as ranks, which changes
    nothing but the time: pycocotools compares all pairs of an image.

    Args:
        iou: `(N, M)` IoU of true and predicted particles, in [0, 1].
        scores: `(M,)` confidence of the predictions.

    Returns:
        AP in [0, 1]; 1.0 without any particle, 0.0 with particles on one side only.

    References:
        Lin et al., ECCV 2014, doi:10.1007/978-3-319-10602-1_48.
    """
    if not iou.size:
        return float(iou.shape == (0, 0))
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    groups = matching_groups(iou, LOWEST_IOU)
    ranks = np.empty(len(scores))
    ranks[np.argsort(-scores, kind="mergesort")] = -np.arange(len(scores))

    class MatrixEval(COCOeval):
        """COCOeval over overlaps that are known already."""

        def computeIoU(self, imgId: int, catId: int) -> np.ndarray:
            """Overlaps of the predictions, in falling order of score, with the truth."""
            rows, columns = groups[imgId]
            return iou[np.ix_(rows, columns[np.argsort(-ranks[columns])])].T

    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO()
        truth.dataset = _dataset([rows for rows, _ in groups], np.ones(len(iou)))
        truth.createIndex()
        predicted = COCO()
        predicted.dataset = _dataset([columns for _, columns in groups], ranks)
        predicted.createIndex()
        evaluation = MatrixEval(truth, predicted, "bbox")
        evaluation.params.maxDets = [iou.shape[1]]
        evaluation.params.areaRng = [[0, float("inf")]]
        evaluation.params.areaRngLbl = ["all"]
        evaluation.evaluate()
        evaluation.accumulate()
    return float(evaluation.eval["precision"].mean())


def _dataset(members: Sequence[np.ndarray], scores: np.ndarray) -> dict[str, list[dict]]:
    """COCO dict of an image a group; masks are left out because the overlaps are known."""
    annotations = [
        {"id": int(index) + 1, "image_id": image, "category_id": 1, "iscrowd": 0}
        | {"area": 1, "score": float(scores[index])}
        for image, group in enumerate(members)
        for index in group
    ]
    return {
        "images": [{"id": image} for image in range(len(members))],
        "categories": [{"id": 1, "name": "particle"}],
        "annotations": annotations,
    }
