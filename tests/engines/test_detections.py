"""A detector's particles lie where they are in the image, at any size, tile and magnification."""

import warnings
from dataclasses import replace
from types import SimpleNamespace

import cv2
import keras
import numpy as np
import pytest

from nanozoo.core.errors import UserError
from nanozoo.core.instances import Instances
from nanozoo.core.overlap import iou_of
from nanozoo.data.truth import resize_mask
from nanozoo.engines.detections import choose_scales
from nanozoo.engines.predictor import Predictor
from nanozoo.models.checkpoint import Checkpoint, save_checkpoint
from nanozoo.models.maskrcnn import build_maskrcnn

LIMIT = 12


class Blobs:
    """A detector by rule: what is brighter than 0.8 is of class 2, than 0.5 of class 1."""

    input = SimpleNamespace(shape=(None, None, None, 1))

    def __init__(self):
        self.shapes = set()

    def predict_on_batch(self, batch):
        self.shapes.add(batch.shape[1:3])
        image = batch[0, ..., 0]
        count, labels, stats, _ = cv2.connectedComponentsWithStats((image > 0.5).astype(np.uint8))
        boxes, masks = np.zeros((LIMIT, 4), np.float32), np.zeros((LIMIT, 28, 28), np.float32)
        kinds = np.zeros(LIMIT, np.int32)
        for place, (left, top, width, height, _) in enumerate(stats[1 : LIMIT + 1]):
            window = slice(top, top + height), slice(left, left + width)
            mask = labels[window] == place + 1
            boxes[place] = left, top, left + width, top + height
            masks[place] = resize_mask(mask, 28) >= 0.5
            kinds[place] = 1 + (np.median(image[window][mask]) > 0.8)
        scores = np.where(kinds > 0, np.linspace(0.9, 0.6, LIMIT), 0).astype(np.float32)
        parts = {"boxes": boxes, "scores": scores, "labels": kinds, "masks": masks}
        return {name: part[None] for name, part in (parts | {"valid": kinds > 0}).items()}


def predictor(inference=None, model=None, **options):
    classes = ("background", "dim", "bright")
    checkpoint = Checkpoint("d", ".", "maskrcnn", {}, inference or {}, classes, {}, {})
    return Predictor(checkpoint, model=model or Blobs(), **options)


def discs(shape, places):
    """An image of discs `(row, column, radius, grey)` and their masks."""
    rows, columns = np.indices(shape)
    image, masks = np.full(shape, 20, np.uint8), []
    for row, column, radius, grey in places:
        masks.append(np.hypot(rows - row, columns - column) <= radius)
        image[masks[-1]] = grey
    return image, masks


PLACES = (
    (30, 40, 12, 250), (100, 128, 16, 160), (190, 128, 40, 250), (60, 250, 20, 160),
    (150, 299, 18, 250), (219, 20, 15, 160), (20, 150, 4, 250),
)  # fmt: skip


@pytest.mark.parametrize("tile", [1024, 192, 128])
@pytest.mark.parametrize("scales", [(1.0,), (2.0,), (1.0, 0.5)])
def test_particles_are_found_once_where_they_are(tile, scales):
    image, masks = discs((220, 300), PLACES)
    engine = predictor({"scales": list(scales)}, tile=tile)
    found = engine.segment(image)
    assert len(found.instances) == len(masks)
    stack = found.instances.to_stack()
    for mask, place in zip(masks, PLACES):
        iou = (stack & mask).sum(axis=(1, 2)) / (stack | mask).sum(axis=(1, 2))
        assert iou.max() > (0.85 if place[2] > 10 else 0.6)
        assert found.instances.items[iou.argmax()].class_id == 1 + (place[3] == 250)
    areas = [item.area for item in found.instances]
    assert areas == sorted(areas, reverse=True)
    np.testing.assert_array_equal(found.foreground, stack.any(axis=0))
    np.testing.assert_array_equal(found.probability > 0, found.foreground)
    assert found.classes[100, 128] == 1 and found.classes[190, 128] == 2
    assert not found.boundary.any() and found.probability.max() == pytest.approx(0.9)
    assert all(
        side % 64 == 0 and side <= min(tile, 640) for s in engine.model.shapes for side in s
    )


@pytest.mark.parametrize("shape", [(1, 1), (5, 90), (64, 64), (65, 130)])
def test_padding_holds_no_particles(shape):
    """The image's lower right corner is bright, and most of it is dark."""
    image = np.zeros(shape, np.uint8)
    image[-4:, -4:] = 255
    found = predictor().segment(image).instances
    assert len(found) == (min(shape) > 1)
    for item in found:
        assert item.box == (shape[0] - 4, shape[1] - 4, *shape)


def test_more_particles_than_the_network_can_tell_are_a_warning_with_the_number():
    image, _ = discs(
        (100, 300), [(20 + 30 * i, 15 + 25 * j, 6, 250) for i in (0, 1) for j in range(6)]
    )
    with pytest.warns(UserWarning, match="found 12 particles, the most that it can"):
        found = predictor().segment(image)
    assert len(found.instances) == LIMIT
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        predictor({"score_threshold": 0.7}).segment(image)
        assert len(predictor(tile=128).segment(image).instances) == LIMIT


def test_remembered_predictions_give_what_new_ones_give_for_any_threshold():
    class Counted(Blobs):
        calls = 0

        def predict_on_batch(self, batch):
            self.calls += 1
            return super().predict_on_batch(batch)

    images = [discs((220, 300), PLACES[:count])[0] for count in (3, 7)]
    stated = {"scales": [1.0, 0.5], "diameter": 60.0}
    engine = predictor(stated, Counted(), tile=192)
    counts, calls = [], []
    with engine.detector.remembering():
        for threshold in (0.5, 0.65, 0.8, [0.9, 0.7], 0.5):
            options = replace(engine.detector.options, score_threshold=threshold)
            engine.detector.options = options
            anew = predictor(stated | {"score_threshold": threshold}, tile=192)
            for image in images:
                found, wanted = (one.segment(image).instances for one in (engine, anew))
                assert [item.score for item in found] == [item.score for item in wanted]
                np.testing.assert_array_equal(found.to_stack(), wanted.to_stack())
                counts.append(len(found))
            calls.append(engine.model.calls)
    assert len(set(counts)) > 2 and set(calls) == {calls[0]}
    engine.segment(images[0])
    assert engine.model.calls > calls[0]


def test_thresholds_of_the_checkpoint_count():
    image, _ = discs((220, 300), PLACES)
    scores = np.linspace(0.9, 0.6, LIMIT)[: len(PLACES)]
    found = predictor({"score_threshold": float(scores[3]) - 1e-4}).segment(image)
    assert sorted(item.score for item in found.instances) == pytest.approx(sorted(scores[:4]))
    sizes = [
        predictor({"mask_threshold": t}).segment(image).foreground.sum() for t in (0.1, 0.5, 0.9)
    ]
    assert sizes[0] > sizes[1] > sizes[2] > 0


def test_a_class_may_have_a_threshold_of_its_own():
    image, _ = discs((220, 300), PLACES)
    every = list(predictor().segment(image).instances)
    assert {item.class_id for item in every} == {1, 2}
    for limits in ([0.0, 1.0], [1.0, 0.0], [0.75, 0.65]):
        found = predictor({"score_threshold": limits}).segment(image).instances
        wanted = [item.score for item in every if item.score >= limits[item.class_id - 1]]
        assert sorted(item.score for item in found) == sorted(wanted)


class Twice(Blobs):
    """Finds everything again, a pixel to the right and less sure, in the same class."""

    def predict_on_batch(self, batch):
        found = super().predict_on_batch(batch)
        again = dict(found, boxes=found["boxes"] + [1, 0, 1, 0], scores=found["scores"] * 0.9)
        return {name: np.concatenate([found[name], again[name]], axis=1) for name in found}


def test_doubles_go_by_the_overlap_of_their_masks():
    image, masks = discs((220, 300), PLACES[:4])
    once = predictor(model=Twice()).segment(image).instances
    assert len(once) == 4
    twice = predictor({"duplicate_iou": 0.99}, model=Twice()).segment(image).instances
    assert len(twice) == 8
    assert (iou_of(once.items, twice.items).max(axis=1) == 1).all()


@pytest.mark.parametrize(
    "inference, message",
    [
        ({"score_treshold": 0.5}, "d has unknown inference options.*Received: score_treshold"),
        ({"score_threshold": 1.5}, "config.json of checkpoint d: .*score_threshold=1.5"),
        ({"score_threshold": [0.5, 2]}, "score_threshold=2"),
        ({"score_threshold": [0.5] * 3}, "one for each of dim, bright. Received: 3 numbers"),
        ({"duplicate_iou": 0}, "duplicate_iou=0"),
        ({"duplicate_iou": [0.4, 0.4]}, r"duplicate_iou=\[0.4, 0.4\]"),
        ({"mask_threshold": "high"}, "mask_threshold='high'"),
        ({"clahe": -1}, "clahe=-1"),
        ({"clahe": "strong"}, "clahe='strong'"),
        ({"scales": [1.0, 0.0]}, "scales=0.0"),
        ({"diameter": 0}, "diameter=0"),
    ],
)
def test_wrong_options_are_named(inference, message):
    with pytest.raises(UserError, match=message):
        predictor(inference)


def test_probabilities_of_pixels_are_refused():
    with pytest.raises(UserError, match="use `segment`"):
        predictor().probabilities(np.zeros((9, 9), np.float32))


@pytest.mark.parametrize("shape, channels", [((70, 50), 1), ((150, 40, 3), 3)])
def test_a_checkpoint_of_mask_rcnn_segments(tmp_path, randomise, small_detector, shape, channels):
    arguments = {**small_detector, "num_classes": 3, "channels": channels}
    keras.utils.set_random_seed(0)
    network = randomise(build_maskrcnn((None, None, channels), 3, **small_detector))
    checkpoint = save_checkpoint(
        network,
        tmp_path,
        name="d",
        builder="maskrcnn",
        arguments=arguments,
        inference={
            "score_threshold": 0.0,
            "mask_threshold": 0.01,
            "clahe": 2.0,
            "duplicate_iou": 0.6,
        },
        classes=("background", "a", "b"),
    )
    network.run_eagerly = True
    pixels = np.random.default_rng(0).integers(0, 255, shape).astype(np.uint8)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        found = Predictor(checkpoint, model=network, tile=128).segment(pixels)
    assert found.instances.shape == shape[:2] and len(found.instances)
    assert {item.class_id for item in found.instances} <= {1, 2}
    iou = iou_of(found.instances.items, found.instances.items)
    same = np.equal.outer(*2 * [[item.class_id for item in found.instances]])
    assert (iou[same & ~np.eye(len(iou), dtype=bool)] < 0.6).all()


def sizes(*diameters):
    """Instances of discs of these diameters."""
    places = [(50, 60 + 120 * n, d / 2 - 0.5, 9) for n, d in enumerate(diameters)]
    return Instances.from_stack(np.stack(discs((100, 120 * len(diameters)), places)[1]))


def chosen(found, diameter):
    """The magnifications that count, and those that were tried."""
    tried = []

    def find(scale):
        tried.append(scale)
        return found[scale]

    return choose_scales(find, list(found), diameter), tried


def test_the_magnifications_count_that_show_the_median_particle_about_in_the_size_asked_for():
    found = {2.0: sizes(40), 0.5: sizes(80, 80, 20), 1.0: sizes(60)}
    assert chosen(found, 38) == ((0.5,), [0.5])
    assert chosen(found, 45) == ((0.5, 1.0), [0.5, 1.0])
    assert chosen(found, 75) == ((1.0, 2.0), [0.5, 1.0, 2.0])
    assert chosen(found, 90) == ((1.0, 2.0), [0.5, 1.0, 2.0])


def test_parts_of_particles_that_have_the_size_asked_for_are_never_looked_at():
    assert chosen({0.5: sizes(90), 1.0: sizes(40)}, 40) == ((0.5,), [0.5])


def test_a_magnification_without_particles_does_not_count():
    nothing = Instances((100, 120), [])
    assert chosen({0.5: nothing, 1.0: sizes(3)}, 40) == ((1.0,), [0.5, 1.0])
    assert chosen({0.5: sizes(3), 1.0: nothing, 2.0: sizes(3)}, 40)[0] == (0.5, 2.0)
    assert chosen({1.0: nothing, 0.5: nothing}, 40) == ((), [0.5, 1.0])


class Textured(Blobs):
    """Magnified, a particle comes apart: of everything larger than 60 px it finds a part."""

    def predict_on_batch(self, batch):
        found = super().predict_on_batch(batch)
        sides = found["boxes"][..., 2:] - found["boxes"][..., :2]
        found["boxes"][..., 2:] -= np.where(sides > 60, sides - 12, 0)
        return found


def test_large_particles_are_found_whole_at_the_magnification_that_suits_them():
    image, masks = discs((220, 300), [(60, 60, 45, 250), (150, 200, 50, 250)])
    apart = predictor({"scales": [1.0]}, model=Textured()).segment(image).instances
    found = predictor({"scales": [1.0, 0.5]}, model=Textured()).segment(image).instances
    truth = Instances.from_stack(np.stack(masks))
    assert (iou_of(apart.items, truth.items) < 0.5).all()
    assert (iou_of(found.items, truth.items).max(axis=1) > 0.85).all()


class Unsure(Blobs):
    """Finds everything again with a better box score and a mask of low probabilities."""

    def predict_on_batch(self, batch):
        found = super().predict_on_batch(batch)
        again = dict(found, scores=found["scores"] * 1.05, masks=found["masks"] * 0.6)
        return {name: np.concatenate([found[name], again[name]], axis=1) for name in found}


def test_of_two_detections_the_one_with_the_surer_mask_counts():
    image, _ = discs((220, 300), PLACES[:4])
    once, twice = predictor().segment(image), predictor(model=Unsure()).segment(image)
    assert [i.score for i in twice.instances] == [i.score for i in once.instances]
    np.testing.assert_array_equal(once.foreground, twice.foreground)
