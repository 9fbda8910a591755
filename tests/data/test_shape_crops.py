import numpy as np
import pytest

from nanozoo.core.errors import UserError
from nanozoo.core.instances import Instances
from nanozoo.data.pipeline import batch_of
from nanozoo.data.shape_crops import ShapeCrops, coarsened
from nanozoo.measure.crops import extract_particles
from nanozoo.synth.shape_source import ShapeSource


def test_examples_are_pictures_cut_by_their_masks():
    source = ShapeSource("morphology", seed=3)
    crops = ShapeCrops(source, first=5, size=48, looseness=0.0)
    for index in range(3):
        image, mask, label = source.example(5 + index)
        wanted = extract_particles(image[..., 0], Instances.from_stack(mask[None]), 48)[0]
        crop, found = crops.example(index)
        np.testing.assert_array_equal(crop, wanted)
        assert found == label
    assert crops.names(2) == "morphology 7 of seed 3"


def test_loose_masks_change_the_edge_and_keep_the_shape():
    source = ShapeSource("outline", seed=1)
    exact, loose = (ShapeCrops(source, looseness=share) for share in (0.0, 1.0))
    changed = []
    for index in range(8):
        first, second = exact.example(index)[0] > 0, loose.example(index)[0] > 0
        changed.append(np.mean(first != second) / first.mean())
    assert 0 < np.median(changed) < 0.15 and max(changed) < 0.5


def test_coarse_pictures_show_the_particle_with_as_many_pixels_as_said():
    image = np.zeros((96, 96), np.float32)
    image[20:80, 30:70] = 0.8
    few, mask = coarsened(image, image > 0, 12.0, np.random.default_rng(0))
    assert few.shape == mask.shape == (19, 19) and few.dtype == np.float32
    rows, columns = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
    assert np.ptp(rows) + 1 == 12 and np.ptp(columns) + 1 == 8
    assert few[mask].mean() > few[~mask].mean() + 0.4
    same, _ = coarsened(image, image > 0, 500.0, np.random.default_rng(0))
    assert same.shape == image.shape


def test_the_share_of_coarse_pictures_is_kept():
    source = ShapeSource("outline", seed=5)
    fine = ShapeCrops(source, looseness=0.0)
    half = ShapeCrops(source, looseness=0.0, coarse=0.5, lengths=(8.0, 8.0))
    changed = [
        not np.array_equal(fine.example(index)[0], half.example(index)[0]) for index in range(40)
    ]
    assert 10 < sum(changed) < 30
    assert [half.example(index)[1] for index in range(9)] == [*range(7), 0, 1]


def test_a_batch_has_the_stated_shapes_and_repeats():
    crops = ShapeCrops(ShapeSource("outline", seed=2), size=32, channels=3)
    images, labels = batch_of(crops, 1, 7)
    assert images.shape == (7, 32, 32, 3) and images.dtype == np.float32
    assert labels.tolist() == list(range(7)) and labels.dtype == np.int32
    assert crops.signature == (("float32", (32, 32, 3)), ("int32", ()))
    again, _ = batch_of(crops, 1, 7)
    np.testing.assert_array_equal(images, again)


@pytest.mark.parametrize(
    "bad",
    [{"first": -1}, {"size": 4}, {"looseness": 2.0}, {"coarse": -1.0}, {"lengths": (9.0, 8.0)}],
)
def test_a_bad_argument_is_named(bad):
    with pytest.raises(UserError, match=next(iter(bad))):
        ShapeCrops(ShapeSource("outline"), **bad)
