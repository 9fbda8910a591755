"""Both input pipelines give the same batches, with static shapes, from any batch on."""

import numpy as np
import pytest

from nanozoo.data.examples import ExampleSource, LabelledImage
from nanozoo.data.pipeline import ExampleDataset, tf_pipeline


def _source(boundary):
    rng = np.random.default_rng(0)
    semantic = (rng.random((80, 70)) > 0.97).astype(np.uint8).repeat(2, 0).repeat(2, 1)
    image = rng.random(semantic.shape).astype(np.float32)
    return ExampleSource(
        [LabelledImage.from_semantic(image, semantic, "a")], crop=32, seed=5, boundary=boundary
    )


def _flat(targets):
    return [targets[name] for name in sorted(targets)] if isinstance(targets, dict) else [targets]


@pytest.mark.parametrize("boundary", [False, True])
def test_tf_data_equals_pydataset_byte_for_byte(boundary):
    source = _source(boundary)
    batches = list(tf_pipeline(source, 3, 4, start=2).as_numpy_iterator())
    dataset = ExampleDataset(source, 3, 4, start=2)
    assert len(batches) == len(dataset) == 4
    for number, (images, targets) in enumerate(batches):
        other_images, other_targets = dataset[number]
        assert images.tobytes() == other_images.tobytes()
        assert isinstance(targets, dict) == isinstance(other_targets, dict) == boundary
        for one, two in zip(_flat(targets), _flat(other_targets), strict=True):
            assert one.dtype == two.dtype and one.tobytes() == two.tobytes()


def test_shapes_are_static():
    images, targets = tf_pipeline(_source(True), 3, 1).element_spec
    assert tuple(images.shape) == (3, 32, 32, 1)
    assert tuple(targets["classes"].shape) == (3, 32, 32)
    assert tuple(targets["boundary"].shape) == (3, 32, 32, 1)


def test_a_later_start_goes_on_where_the_first_batches_end():
    source = _source(False)
    whole = [batch[0] for batch in tf_pipeline(source, 2, 5).as_numpy_iterator()]
    rest = [batch[0] for batch in tf_pipeline(source, 2, 2, start=3).as_numpy_iterator()]
    np.testing.assert_array_equal(np.stack(whole[3:]), np.stack(rest))
