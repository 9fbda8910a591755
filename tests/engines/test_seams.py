"""Tiles that show true crops of a known scene give that scene, whatever lies on their seams."""

import cv2
import numpy as np
import pytest

from nanozoo.core.errors import UserError
from nanozoo.core.instances import Instance, Instances, instance_of
from nanozoo.core.overlap import iou_of
from nanozoo.engines.seams import View, look, stitch

SHAPE = (300, 420)
ROWS, COLUMNS = np.indices(SHAPE)


def disc(row, column, radius):
    return np.hypot(ROWS - row, COLUMNS - column) <= radius


def ring():
    """An arch whose two legs are apart in a tile that does not see its top."""
    arch = disc(150, 215, 120) & ~disc(150, 215, 80)
    return arch & (ROWS < 230)


def scene(*more):
    """Discs on a jittered grid, every third with another one half over it, and `more`."""
    rng = np.random.default_rng(1)
    masks = []
    for row in range(25, 300, 50):
        for column in range(25, 420, 50):
            place = np.array([row, column]) + rng.uniform(-12, 12, 2)
            radius = rng.uniform(3, 14)
            masks.append(disc(*place, radius))
            if rng.random() < 0.34:
                masks.append(disc(*place + radius * 0.5, radius))
    items = [instance_of(mask, 1, float(rng.uniform(0.5, 1))) for mask in [*masks, *more]]
    return Instances(SHAPE, items)


def crops_of(truth):
    """An image that tells each pixel's place, and a detector that sees true crops of it."""
    image = np.arange(SHAPE[0] * SHAPE[1]).reshape(SHAPE)

    def find(part):
        top, left = divmod(int(part[0, 0]), SHAPE[1])
        window = slice(top, top + part.shape[0]), slice(left, left + part.shape[1])
        found = [
            instance_of(mask[window], item.class_id, item.score)
            for item, mask in zip(truth, truth.to_stack())
            if mask[window].any()
        ]
        return Instances(part.shape, found)

    return image, find


def same_masks(found, truth):
    wanted = sorted((i.box, i.mask.tobytes(), i.score) for i in truth)
    assert sorted((i.box, i.mask.tobytes(), i.score) for i in found) == wanted


@pytest.mark.parametrize("tile, overlap", [(1000, 128), (128, 48), (100, 50), (96, 40)])
@pytest.mark.parametrize("more", ["", "large", "huge", "ring"])
def test_every_particle_comes_back_once_and_whole(tile, overlap, more):
    extra = {"large": [disc(140, 190, 60)], "huge": [disc(150, 210, 140)], "ring": [ring()]}
    truth = scene(*extra.get(more, []))
    image, find = crops_of(truth)
    views = look(image, find, tile=tile, overlap=overlap)
    assert len(views) > 1 or tile > 420
    same_masks(stitch(views, SHAPE), truth)


def test_views_of_two_sizes_count_a_particle_once():
    truth = scene(disc(140, 190, 60))
    image, find = crops_of(truth)
    views = look(image, find, tile=128, overlap=48) + look(image, find, tile=500, overlap=9)
    same_masks(stitch(views, SHAPE), truth)


def shifted(items, by):
    return [Instance(i.top, i.left + by, i.mask, i.class_id, 0.9) for i in items]


def test_views_that_differ_by_a_pixel_agree_on_the_surer_one():
    one = [instance_of(disc(100, 200, 12), 1, 0.6), instance_of(disc(108, 208, 12), 1, 0.6)]
    views = [View((0, 0, 300, 260), (*one,)), View((0, 150, 300, 420), (*shifted(one, 1),))]
    found = stitch(views, SHAPE)
    assert sorted(i.left for i in found) == [189, 197] and {i.score for i in found} == {0.9}


def test_the_surer_piece_of_a_cut_mask_that_ends_a_pixel_of_the_network_before_the_seam():
    """At a magnification of 0.25 a pixel of the network is 4 px of the image."""
    whole = instance_of(disc(100, 260, 15), 1, 0.8)
    piece = instance_of(disc(100, 260, 15) & (COLUMNS < 256), 1, 0.9)
    views = [View((0, 0, 300, 260), (piece,)), View((0, 150, 300, 420), (whole,))]
    (found,) = stitch(views, SHAPE, margin=2 / 0.25)
    assert found.box == whole.box


def test_two_classes_stay_apart():
    mask = disc(100, 200, 12)
    views = [
        View((0, 0, 300, 260), (instance_of(mask, 1),)),
        View((0, 150, 300, 420), (instance_of(mask, 2),)),
    ]
    assert len(stitch(views, SHAPE)) == 2


def test_a_piece_counts_unless_another_view_shows_all_of_it_and_finds_nothing():
    """The left view cuts both discs; the right one sees all that the left saw of the first."""
    discs = [disc(100, 260, 12), disc(200, 200, 70)]
    pieces = [instance_of(mask & (COLUMNS < 260), 1) for mask in discs]
    views = [View((0, 0, 300, 260), (*pieces,)), View((0, 150, 300, 420), ())]
    (found,) = stitch(views, SHAPE)
    assert found.box == pieces[1].box


def test_a_disagreement_never_unites_two_particles_of_one_view():
    """One view takes for one what the other takes for two: nothing is lost."""
    apart = [instance_of(disc(100, 195, 10)), instance_of(disc(100, 212, 10))]
    merged = instance_of(union(apart), 1, 0.4)
    views = [View((0, 0, 300, 280), (*apart,)), View((0, 150, 300, 420), (merged,))]
    boxes = {item.box for item in stitch(views, SHAPE)}
    assert {item.box for item in apart} <= boxes


def union(items):
    return Instances(SHAPE, items).foreground()


def test_no_views_and_no_particles():
    assert stitch([View((0, 0, 9, 9), ())], (9, 9)) == []
    assert look(np.zeros((9, 9)), lambda part: Instances(part.shape), tile=4, overlap=2)


def test_a_tile_without_size_is_refused():
    with pytest.raises(UserError, match="tile"):
        look(np.zeros((9, 9)), lambda part: Instances(part.shape), tile=1, overlap=0)


@pytest.mark.parametrize("seed", range(3))
def test_outlines_that_change_from_tile_to_tile_leave_the_number_of_particles(seed):
    """Each tile errs by up to a pixel along every outline, by another amount for each."""
    truth = Instances(SHAPE, [item for item in scene(disc(140, 190, 60)) if item.area > 150])
    image, find = crops_of(truth)
    rng = np.random.default_rng(seed)

    def find_roughly(part):
        change = cv2.erode, cv2.dilate
        items = []
        for item in find(part):
            mask = np.zeros(part.shape, np.uint8)
            mask[item.window] = item.mask
            mask = change[rng.integers(2)](mask, np.ones((1 + rng.integers(3), 3), np.uint8))
            if mask.sum() > 20:
                items.append(instance_of(mask > 0, 1, float(rng.uniform(0.5, 1))))
        return Instances(part.shape, items)

    found = stitch(look(image, find_roughly, tile=128, overlap=48), SHAPE)
    assert len(found) == len(truth)
    iou = iou_of(truth.items, found)
    assert (iou.max(axis=1) > 0.6).all()
