import cv2
import numpy as np
import pytest

from nanozoo.core.errors import UserError
from nanozoo.core.instances import Instances
from nanozoo.data.geometry import Geometry
from nanozoo.data.instance_examples import InstanceImage
from nanozoo.data.particle_crops import ParticleCrops
from nanozoo.data.photometry import Photometry
from nanozoo.data.pipeline import batch_of
from nanozoo.measure.crops import FLOOR

STILL = {
    "geometry": Geometry(scale=(1.0, 1.0), rotate=0.0, shear=0.0, anisotropy=0.0, flips=False),
    "photometry": Photometry(0, 0, 0, 0, 0, 0, 0, 0, 0),
    "looseness": 0.0,
}


def picture(shapes, name="one", side=200, dataset="mine"):
    """Dark particles on a bright ground; a shape is its class and its outline `(P, 2)`, x first.

    Each particle gets darker from left to right.
    """
    image = np.full((side, side), 0.8, np.float32)
    masks = []
    for _, points in shapes:
        mask = np.zeros((side, side), np.uint8)
        cv2.fillPoly(mask, [np.array(points, np.int32)], 1)
        columns = np.broadcast_to(np.linspace(0, 0.3, side, dtype=np.float32), mask.shape)
        image = np.where(mask > 0, 0.5 - columns, image)
        masks.append(mask > 0)
    instances = Instances.from_stack(np.stack(masks), [number for number, _ in shapes])
    return InstanceImage(image, instances, dataset, name)


def box(left, top, width, height):
    right, bottom = left + width, top + height
    return [(left, top), (right, top), (right, bottom), (left, bottom)]


def area_share(crop):
    """Area of a particle over that of the least circle around it."""
    points = np.argwhere(crop > 0).astype(np.float32)
    return len(points) / (np.pi * cv2.minEnclosingCircle(points)[1] ** 2)


def test_a_particle_that_is_left_as_it_is_fills_its_crop_with_dense_parts_bright():
    source = ParticleCrops([picture([(1, box(20, 30, 80, 40))])], 1, size=60, **STILL)
    crop = source.example(0)[0][..., 0]
    rows, columns = np.nonzero(crop > 0)
    assert (np.ptp(columns) + 1, np.ptp(rows) + 1) == pytest.approx((48, 24), abs=2)
    inside = crop[crop > 0]
    assert inside.min() >= FLOOR - 1e-6 and inside.max() == pytest.approx(1, abs=0.01)
    middle = crop[30, columns.min() + 2 : columns.max() - 2]
    assert np.all(np.diff(middle) >= -1e-3) and np.ptp(middle) > 0.6


def test_background_and_size_leave_no_trace():
    far, near = (picture([(1, box(5, 5, side, side // 2))]) for side in (60, 120))
    busy = InstanceImage(
        np.where(far.instances.foreground(), far.image, np.float32(0.95)),
        far.instances,
        far.dataset,
        far.name,
    )
    first, larger, brighter = (
        ParticleCrops([image], 1, size=48, **STILL).example(0)[0] for image in (far, near, busy)
    )
    np.testing.assert_array_equal(first, brighter)
    assert np.mean((first > 0) != (larger > 0)) < 0.03
    both = (first > 0) & (larger > 0)
    assert np.abs(first - larger)[both].mean() < 0.05


def test_every_change_keeps_the_shape_and_the_particle_whole():
    square, disc = box(40, 40, 60, 60), cv2.ellipse2Poly((100, 100), (40, 40), 0, 0, 360, 5)
    images = [picture([(1, square)]), picture([(2, disc)], "two")]
    source = ParticleCrops(images, 2, size=64)
    shares = {0: [], 1: []}
    for index in range(60):
        crop, label = source.example(index)
        assert crop.shape == (64, 64, 1) and 0 <= crop.min() and crop.max() <= 1
        seen = np.argwhere(crop[..., 0] > 0)
        longest = np.ptp(seen, axis=0).max() + 1
        assert 48 <= longest <= 56 and seen.min() >= 4 and seen.max() <= 59
        assert source.names(index) == ("one", "two")[label]
        shares[int(label)].append(area_share(crop[..., 0]))
    assert np.median(shares[0]) == pytest.approx(2 / np.pi, abs=0.06)
    assert np.median(shares[1]) == pytest.approx(1, abs=0.08)
    turned = [source.example(i)[0] for i in range(12) if source.example(i)[1] == 0]
    assert len({(crop > 0).tobytes() for crop in turned}) == len(turned)


def test_classes_and_then_images_are_drawn_evenly():
    crowd = picture([(1, box(10 * n + 2, 5, 7, 7)) for n in range(18)], "crowd")
    alone = picture([(1, box(20, 20, 30, 30))], "alone")
    rare = picture([(3, box(60, 60, 50, 20))], "rare")
    source = ParticleCrops([crowd, alone, rare], 3, size=16)
    names = [source.names(index) for index in range(400)]
    labels = [int(source.example(index)[1]) for index in range(40)]
    assert set(labels) == {0, 2}
    assert all((name == "rare") == (label == 2) for name, label in zip(names, labels))
    for name, share in (("crowd", 0.25), ("alone", 0.25), ("rare", 0.5)):
        assert names.count(name) / 400 == pytest.approx(share, abs=0.08)


def test_particles_at_the_border_are_cut_out_too():
    image = picture([(1, box(0, 0, 12, 30)), (1, box(190, 150, 9, 49))], side=200)
    source = ParticleCrops([image], 1, size=32, looseness=1.0)
    assert all((source.example(index)[0] > 0).sum() > 40 for index in range(20))


def test_a_batch_has_the_stated_shapes_and_repeats():
    source = ParticleCrops([picture([(2, box(9, 9, 40, 20))])], 2, size=32, channels=3)
    images, labels = batch_of(source, 1, 4)
    assert images.shape == (4, 32, 32, 3) and images.dtype == np.float32
    assert labels.tolist() == [1] * 4 and labels.dtype == np.int32
    assert source.signature == (("float32", (32, 32, 3)), ("int32", ()))
    np.testing.assert_array_equal(images, batch_of(source, 1, 4)[0])
    other = ParticleCrops([source.images[0]], 2, size=32, channels=3, seed=1)
    assert np.any(batch_of(other, 1, 4)[0] != images)


def test_bad_input_is_named():
    good = picture([(2, box(9, 9, 40, 20))], "mine_7")
    empty = InstanceImage(np.zeros((50, 50), np.float32), Instances((50, 50)), "mine", "empty")
    for bad in ({"size": 4}, {"seed": -1}, {"looseness": 2.0}, {"num_classes": 0}):
        with pytest.raises(UserError, match=next(iter(bad))):
            ParticleCrops([good], **{"num_classes": 2, **bad})
    with pytest.raises(UserError, match="mine_7 has a particle of class 2"):
        ParticleCrops([good], 1)
    with pytest.raises(UserError, match="at least one particle"):
        ParticleCrops([empty], 2)
    with pytest.raises(UserError, match="at least one labelled image"):
        ParticleCrops([], 2)


def test_swapped_textures_keep_outlines_and_take_greys_from_any_class():
    """Discs are bright in the middle, bars even: with swaps, some bars are no longer even."""
    rows, columns = np.indices((64, 64))
    away = np.hypot(rows - 32, columns - 32)
    disc, bar = away < 20, (abs(rows - 32) < 6) & (abs(columns - 32) < 24)
    images = [
        InstanceImage(
            np.where(mask, greys, 0.0).astype(np.float32),
            Instances.from_stack(mask[None], [label]),
            "mine",
            str(label),
        )
        for label, (mask, greys) in enumerate(((disc, 1 - away / 40), (bar, 0.9)), 1)
    ]
    still = Geometry(scale=(1.0, 1.0), rotate=0.0, shear=0.0, anisotropy=0.0, flips=False)
    plain = Photometry(**dict.fromkeys(Photometry.__dataclass_fields__, 0.0))
    options = {"looseness": 0.0, "geometry": still, "photometry": plain}
    kept = ParticleCrops(images, 2, 48, **options)
    swapped = ParticleCrops(images, 2, 48, swaps=1.0, **options)
    bars = [n for n in range(40) if swapped.example(n)[1] == 1]
    before, after = ([crops.example(n)[0] for n in bars] for crops in (kept, swapped))
    for one, other in zip(before, after):
        np.testing.assert_array_equal(one > 0, other > 0)
    uneven = [np.std(crop[crop > 0]) > 0.05 for crop in after]
    assert not any(np.std(crop[crop > 0]) > 0.05 for crop in before)
    assert 0.2 < np.mean(uneven) < 0.8
