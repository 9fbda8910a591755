"""Instances padded to a fixed number."""

import numpy as np
import pytest

from nanozoo.core.errors import UserError
from nanozoo.core.instances import Instance, Instances
from nanozoo.data.truth import encode_truth, resize_mask, stack_truth


def squares(count, class_id=1):
    return Instances(
        (64, 64), [Instance(n, 2 * n, np.ones((n + 1, 3), bool), class_id) for n in range(count)]
    )


def test_boxes_are_xyxy_and_empty_places_are_marked():
    truth = encode_truth(squares(3), limit=5)
    np.testing.assert_array_equal(truth["boxes"][2], [4, 2, 7, 5])
    np.testing.assert_array_equal(truth["valid"], [True, True, True, False, False])
    np.testing.assert_array_equal(truth["labels"], [1, 1, 1, 0, 0])
    assert truth["masks"][:3].min() == pytest.approx(1) and not truth["masks"][3:].any()
    assert stack_truth([truth, truth])["masks"].shape == (2, 5, 56, 56)


@pytest.mark.parametrize("shape", [(1, 1), (7, 5), (56, 56), (200, 90)])
def test_a_resized_mask_keeps_its_share_of_the_box(shape):
    mask = np.random.default_rng(0).random(shape) > 0.4
    resized = resize_mask(mask, 56)
    assert resized.mean() == pytest.approx(mask.mean(), abs=1e-5)
    assert 0 <= resized.min() and resized.max() <= 1 + 1e-5
    if shape == (56, 56):
        np.testing.assert_allclose(resized, mask, atol=1e-5)


def test_too_many_instances_warn_with_their_number_and_the_largest_stay():
    with pytest.warns(UserWarning, match="9 instances, but there is room for 4"):
        truth = encode_truth(squares(9), limit=4)
    np.testing.assert_array_equal(truth["boxes"][:, 1], [5, 6, 7, 8])


def test_an_empty_image_has_no_valid_place():
    assert not encode_truth(Instances((8, 8)), limit=3)["valid"].any()


def test_bad_classes_and_places_are_refused():
    with pytest.raises(UserError, match="class_id=2"):
        encode_truth(squares(1, class_id=2), limit=3)
    outside = Instances((64, 64), [Instance(60, 0, np.ones((5, 5), bool))])
    with pytest.raises(UserError, match=r"box=\(60, 0, 65, 5\)"):
        encode_truth(outside, limit=3)
