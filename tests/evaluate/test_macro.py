import numpy as np
import pytest

from nanozoo.core.errors import UserError
from nanozoo.evaluate.bootstrap import bootstrap_mean
from nanozoo.evaluate.macro import macro_accuracy


def test_every_class_counts_the_same():
    labels = np.repeat([0, 4, 7], [90, 9, 1])
    right = np.concatenate([np.ones(90), np.arange(9) < 3, np.zeros(1)]).astype(bool)
    found = macro_accuracy(right, labels)
    assert found.mean == pytest.approx((1 + 1 / 3 + 0) / 3)
    assert found.low < found.mean < found.high and found.count == found.clusters == 100


def test_of_one_class_it_is_the_mean_over_images():
    rng = np.random.default_rng(0)
    images = rng.integers(0, 12, 200).tolist()
    right = rng.random(200) < np.linspace(0.3, 0.9, 12)[images]
    found = macro_accuracy(right, np.ones(200, int), images, seed=3)
    wanted = bootstrap_mean(right.astype(float), images, seed=3)
    assert (found.mean, found.low, found.high) == pytest.approx(
        (wanted.mean, wanted.low, wanted.high)
    )


def test_one_image_has_no_interval():
    found = macro_accuracy(np.array([True, False]), np.array([0, 1]), ["a", "a"])
    assert found.mean == 0.5 and np.isnan([found.low, found.high]).all()


@pytest.mark.parametrize(("right", "labels"), [([], []), ([True], [0, 1])])
def test_answers_and_labels_must_match(right, labels):
    with pytest.raises(UserError, match="at least one label"):
        macro_accuracy(np.array(right, bool), np.array(labels))
