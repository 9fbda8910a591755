"""Average precision as the COCO benchmark defines it, counted by pycocotools."""

from __future__ import annotations

import contextlib
import io

import numpy as np


def average_precision(iou: np.ndarray, scores: np.ndarray) -> float:
    """AP of one image and one class, averaged over IoU 0.50, 0.55 .. 0.95.

    Unlike the COCO default the number of predictions is not cut at 100, because
    micrographs hold more particles than that.

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

    class MatrixEval(COCOeval):
        """COCOeval over overlaps that are known already."""

        def computeIoU(self, imgId: int, catId: int) -> np.ndarray:
            """Overlaps `(M, N)` of predictions in falling order of score."""
            return iou[:, np.argsort(-scores, kind="mergesort")].T

    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO()
        truth.dataset = _dataset(np.ones(iou.shape[0]))
        truth.createIndex()
        predicted = COCO()
        predicted.dataset = _dataset(scores)
        predicted.createIndex()
        evaluation = MatrixEval(truth, predicted, "bbox")
        evaluation.params.maxDets = [iou.shape[1]]
        evaluation.params.areaRng = [[0, float("inf")]]
        evaluation.params.areaRngLbl = ["all"]
        evaluation.evaluate()
        evaluation.accumulate()
    return float(evaluation.eval["precision"].mean())


def _dataset(scores: np.ndarray) -> dict[str, list[dict]]:
    """COCO dict of one image; masks are left out because the overlaps are known."""
    annotations = [
        {"id": number, "image_id": 1, "category_id": 1, "iscrowd": 0, "area": 1, "score": score}
        for number, score in enumerate(map(float, scores), 1)
    ]
    return {
        "images": [{"id": 1}],
        "categories": [{"id": 1, "name": "particle"}],
        "annotations": annotations,
    }
