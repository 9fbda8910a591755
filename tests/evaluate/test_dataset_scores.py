"""Scores over a dataset: analytic answers, pycocotools itself, and nothing to score."""

import contextlib
import io
import time

import numpy as np
import pytest

from nanozoo.core.errors import UserError
from nanozoo.core.instances import Instance, Instances
from nanozoo.evaluate.coco import CocoScores
from nanozoo.evaluate.dataset import CLASS_COLUMNS, DatasetScores

SHAPE = (100, 100)
EMPTY = Instances(SHAPE)


def block(top, left, height, width, class_id=1, score=1.0) -> Instance:
    return Instance(top, left, np.ones((height, width), bool), class_id, score)


def image(*items) -> Instances:
    return Instances(SHAPE, items)


def rows_of(*pairs, **options) -> list[dict]:
    scores = DatasetScores(**options)
    for truth, predicted in pairs:
        scores.add(truth, predicted)
    return scores.rows()


def close(row: dict, **expected):
    assert {name: row[name] for name in expected} == pytest.approx(expected, nan_ok=True)


def random_images(number: int, classes: int, seed: int) -> list[tuple[Instances, Instances]]:
    """Overlapping rectangles, and predictions that are shifted, missed, invented, tied."""
    generator = np.random.default_rng(seed)
    pairs = []
    for _ in range(number):
        truth, predicted = [], []
        for _ in range(generator.integers(0, 25)):
            top, left = generator.integers(0, 70, 2)
            height, width = generator.integers(4, 26, 2)
            class_id = int(generator.integers(1, classes + 1))
            score = round(float(generator.uniform()), 1)
            kind = generator.uniform()
            if kind < 0.9:
                truth.append(block(top, left, height, width, class_id))
            if kind > 0.2:
                shift, grow = generator.integers(0, 4, 2), generator.integers(-1, 3, 2)
                size = (height + grow[0], width + grow[1])
                predicted.append(block(*((top, left) + shift), *size, class_id, score))
        pairs.append((image(*truth), image(*predicted)))
    return pairs


def of_pycocotools(pairs, classes: int, area_limits: tuple[float, float]) -> np.ndarray:
    """Precision `(T, R, K, A)` of pycocotools on run-length masks of whole images."""
    from pycocotools import mask as rle
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    cocos = []
    for side in (0, 1):
        annotations = [
            {
                "image_id": number,
                "category_id": item.class_id,
                "iscrowd": 0,
                "area": item.area,
                "score": item.score,
                "segmentation": rle.encode(np.asfortranarray(plane.astype(np.uint8))),
            }
            for number, pair in enumerate(pairs)
            for item, plane in zip(pair[side], pair[side].to_stack())
        ]
        for number, annotation in enumerate(annotations, 1):
            annotation["id"] = number
        coco = COCO()
        coco.dataset = {
            "images": [{"id": n, "height": 100, "width": 100} for n in range(len(pairs))],
            "categories": [{"id": number} for number in range(1, classes + 1)],
            "annotations": annotations,
        }
        cocos.append(coco)
    with contextlib.redirect_stdout(io.StringIO()):
        for coco in cocos:
            coco.createIndex()
        evaluation = COCOeval(*cocos, "segm")
        low, high = area_limits
        evaluation.params.maxDets = [1000]
        evaluation.params.areaRng = [[0, 1e9], [0, low], [low, high], [high, 1e9]]
        evaluation.params.areaRngLbl = ["all", "small", "medium", "large"]
        evaluation.evaluate()
        evaluation.accumulate()
    precision = evaluation.eval["precision"][..., 0]
    return np.where(precision < 0, np.nan, precision)


@pytest.mark.parametrize("seed", [0, 1])
def test_precision_equals_that_of_pycocotools_on_masks(seed):
    pairs = random_images(6, 2, seed)
    limits = (9.5, 17.5)
    expected = of_pycocotools(pairs, 2, tuple(np.pi / 4 * d**2 for d in limits))
    rows = rows_of(*pairs, classes=("a", "b"), limits_px=limits)
    for number, row in enumerate(rows[:2]):
        own = expected[:, :, number]
        close(
            row,
            ap=own[..., 0].mean(),
            ap_50=own[0, :, 0].mean(),
            ap_75=own[5, :, 0].mean(),
            ap_small=own[..., 1].mean(),
            ap_medium=own[..., 2].mean(),
            ap_large=own[..., 3].mean(),
        )
    close(rows[2], ap=expected[..., 0].mean(), instances=sum(len(truth) for truth, _ in pairs))


def test_perfect_predictions_score_one():
    pair = image(block(0, 0, 10, 10), block(5, 5, 40, 40, 2)), image()
    (first, second, mean) = rows_of((pair[0], pair[0]), classes=("a", "b"))
    for row in (first, second, mean):
        assert set(row) == set(CLASS_COLUMNS)
        close(row, ap=1, ap_50=1, ap_75=1, dice=1, sensitivity=1, precision=1, recall=1)
        close(row, specificity=1)
    close(first, ap_small=1, ap_medium=np.nan, ap_large=np.nan)
    close(second, ap_small=np.nan, ap_large=1)
    close(mean, ap_small=1, ap_medium=np.nan, ap_large=1)


def test_pixels_and_particles_of_a_known_case():
    # 200 true and 200 predicted pixels, 100 of them shared, of 10000.
    truth = image(block(0, 0, 10, 10), block(50, 50, 10, 10))
    predicted = image(block(0, 0, 10, 10), block(80, 80, 10, 10))
    (row,) = rows_of((truth, predicted))
    close(row, dice=0.5, sensitivity=0.5, specificity=9700 / 9800, precision=0.5, recall=0.5)
    close(row, instances=2, detections=2)
    # Counts are added up over images, not averaged: 3 of 4 predictions are hits.
    (both,) = rows_of((truth, predicted), (truth, truth))
    close(both, precision=0.75, recall=0.75, dice=0.75)


def test_overlapping_classes_do_not_hide_each_other():
    truth = image(block(0, 0, 20, 20, 1), block(5, 5, 8, 8, 2))
    hidden, behind = rows_of((truth, truth), classes=("a", "b"))[:2]
    close(hidden, sensitivity=1, dice=1)
    close(behind, sensitivity=1, dice=1)


def test_the_wrong_class_is_no_hit_unless_there_is_only_one():
    truth, predicted = image(block(0, 0, 10, 10, 1)), image(block(0, 0, 10, 10, 2))
    first, second, _ = rows_of((truth, predicted), classes=("a", "b"))
    close(first, ap=0, recall=0, precision=np.nan, dice=0)
    close(second, ap=np.nan, recall=np.nan, precision=0, dice=0)
    (row,) = rows_of((truth, predicted), single=True)
    close(row, ap=1, recall=1, precision=1, dice=1)


def test_nothing_to_score_is_nan_and_raises_no_mean():
    for row in rows_of((EMPTY, EMPTY), classes=("a", "b")):
        close(row, ap=np.nan, dice=np.nan, sensitivity=np.nan, precision=np.nan, recall=np.nan)
        close(row, specificity=1, instances=0, detections=0)
    close(rows_of()[0], ap=np.nan, specificity=np.nan)
    hit = image(block(0, 0, 10, 10))
    close(rows_of((hit, hit), (EMPTY, EMPTY), classes=("a", "b"))[-1], ap=1, dice=1)


def test_false_alarms_in_an_image_without_particles_cost_precision():
    hit = image(block(0, 0, 10, 10, score=0.5))
    alarm = image(block(0, 0, 10, 10, score=0.9))
    close(rows_of((hit, hit), (EMPTY, alarm))[0], ap=0.5, precision=0.5, recall=1)
    close(rows_of((hit, EMPTY))[0], ap=0, recall=0, precision=np.nan)


def test_many_particles_an_image_are_all_counted_and_quickly():
    grid = [block(5 * n // 100 * 5, 5 * n % 100, 4, 4) for n in range(0, 400)]
    truth = Instances((200, 100), [*grid, *(block(100 + i.top, i.left, 4, 4) for i in grid)])
    start = time.process_time()
    rows = rows_of(*[(truth, truth)] * 5)
    assert time.process_time() - start < 10
    close(rows[0], ap=1, ap_small=1, instances=4000, recall=1)


def test_wrong_arguments_are_named():
    with pytest.raises(UserError, match=r"limits_px=\(45.0, 20.0\)"):
        CocoScores((45.0, 20.0))
    with pytest.raises(UserError, match=r"from 1 to 1 \(particle\).*class_id=2"):
        rows_of((EMPTY, image(block(0, 0, 5, 5, 2))))
    with pytest.raises(UserError, match="images of one size"):
        rows_of((EMPTY, Instances((10, 10))))
    with pytest.raises(UserError, match="exactly one"):
        DatasetScores(("a", "b"), single=True)
