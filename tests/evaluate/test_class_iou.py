"""Intersection over union of classes: known cases, pooling and its interval."""

import numpy as np
import pytest

from nanozoo.core.errors import UserError
from nanozoo.evaluate.class_iou import pooled_class_iou


def test_pixels_of_all_images_are_pooled():
    small = np.ones((2, 2), int), np.zeros((2, 2), int)
    large = np.ones((4, 4), int), np.ones((4, 4), int)
    found = pooled_class_iou([small, large], 2)
    np.testing.assert_allclose(found.classes, [0.0, 16 / 20])
    assert found.low <= found.mean <= found.high and found.mean == pytest.approx(0.4)


def test_a_class_that_is_nowhere_does_not_count():
    truth = np.array([[0, 0], [2, 2]])
    found = pooled_class_iou([(truth, truth)], 4)
    np.testing.assert_array_equal(np.isnan(found.classes), [False, True, False, True])
    assert found.mean == found.low == found.high == 1.0


def test_a_class_beyond_the_last_and_no_image_are_refused():
    truth = np.array([[0, 3]])
    with pytest.raises(UserError, match="class 3"):
        pooled_class_iou([(truth, truth)], 3)
    with pytest.raises(UserError, match="at least one image"):
        pooled_class_iou([], 3)
