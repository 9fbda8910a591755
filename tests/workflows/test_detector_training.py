"""Detectors train and fine-tune through the same calls as networks that classify pixels."""

from contextlib import nullcontext
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from nanozoo.core.errors import UserError
from nanozoo.core.instances import Instances, instance_of
from nanozoo.core.weights import read_arrays
from nanozoo.data.anchors import suggest_anchors
from nanozoo.data.instance_examples import InstanceImage
from nanozoo.data.samples import find_samples
from nanozoo.engines.detections import DetectionOptions
from nanozoo.models.checkpoint import open_checkpoint
from nanozoo.workflows.fine_tune import fine_tune
from nanozoo.workflows.tasks import task_of
from nanozoo.workflows.train import train

FAST = {"batch_size": 1, "crop": 64, "device": "cpu"}


@pytest.fixture
def data(tmp_path):
    """Two images of overlapping discs, each particle a file of its own."""
    folder = tmp_path / "data"
    (folder / "images").mkdir(parents=True)
    y, x = np.mgrid[:64, :72]
    for number in range(2):
        stack = [np.hypot(x - 24 - number, y - 30) < 14, np.hypot(x - 40, y - 34) < 12]
        (folder / "masks" / f"i{number}").mkdir(parents=True)
        for index, mask in enumerate(stack):
            path = folder / "masks" / f"i{number}" / f"{index}.png"
            cv2.imwrite(str(path), mask.astype(np.uint8) * 255)
        image = 200 - 70 * sum(mask.astype(int) for mask in stack)
        cv2.imwrite(str(folder / "images" / f"i{number}.png"), image.astype(np.uint8))
    return folder


def test_a_detector_is_trained_then_fine_tuned_to_more_classes(data, tmp_path):
    splits = tmp_path / "splits"
    splits.mkdir()
    (splits / "data.csv").write_text("name,split\ni0,train\ni1,val\n")
    out = tmp_path / "out"
    options = {"model": "maskrcnn", "backbone": "plain", "steps": 1, "splits": splits}
    trained = train(data, out, **options, **FAST)
    assert {"rpn_class_loss", "mask_loss", "jsc", "f1"} <= trained.history[0].keys()
    suggested = suggest_anchors([find_samples(data)[0]], scale=(0.5, 1.5))
    assert tuple(trained.checkpoint.arguments["anchor_sizes"]) == suggested.sizes

    tuned = fine_tune(
        out, data, num_classes=3, out=tmp_path / "tuned", frozen_steps=1, steps=0, **FAST
    )
    checkpoint = open_checkpoint(tmp_path / "tuned")
    before = read_arrays(out, open_checkpoint(out).weights)
    after = read_arrays(checkpoint.folder, checkpoint.weights)
    assert after["box_head/cls_score/kernel"].shape[-1] == 3
    assert after["masks/mask_head/mask_fcn_logits/kernel"].shape[-1] == 3
    changed = {name for name in before if not np.array_equal(before[name], after[name])}
    assert "rpn_head/conv/kernel" in changed
    assert not {name for name in changed if name.startswith(("conv", "stem", "C"))}
    assert 0 <= tuned.f1_after <= 1 and 0 <= tuned.old_loss_after <= 1
    assert len(checkpoint.inference["score_threshold"]) == 2


class Listed:
    """Finds the same particles in every image, but those below the score threshold."""

    def __init__(self, items):
        self.items = items
        options = DetectionOptions(score_threshold=0.55)
        self.detector = SimpleNamespace(options=options, remembering=nullcontext)

    def segment(self, image):
        labels = np.array([item.class_id for item in self.items])
        scores = np.array([item.score for item in self.items])
        sure = scores >= self.detector.options.thresholds(labels)
        kept = [item for item, taken in zip(self.items, sure) if taken]
        return SimpleNamespace(instances=Instances(image.shape, kept))


def test_a_class_above_those_asked_for_is_named_with_its_image():
    stack = np.ones((1, 8, 8), bool)
    image = InstanceImage(np.zeros((8, 8), np.float32), Instances.from_stack(stack, [3]), "d", "x")
    task_of("maskrcnn").check([image], 4, "folder")
    with pytest.raises(UserError, match="annotation of x in folder holds class 3"):
        task_of("maskrcnn").check([image], 3, "folder")


def test_each_class_gets_the_threshold_that_suits_it():
    """Class 1 has a wrong particle with 0.75 beside a true one with 0.85; class 2 is unsure."""
    corners = [(2, 2), (2, 20), (20, 2), (20, 20)]
    particles = [
        instance_of(np.ones((8, 8), bool), class_id, score, top=top, left=left)
        for (top, left), class_id, score in zip(corners, (1, 1, 2, 2), (0.85, 0.75, 0.45, 0.30))
    ]
    truth = Instances((32, 32), [particles[0], particles[2]])
    image = InstanceImage(np.zeros((32, 32), np.float32), truth, "mine", "one")
    predictor = Listed(particles)
    chosen = task_of("maskrcnn").choose_inference(predictor, [image], 3)
    assert chosen == {"score_threshold": [0.8, 0.4]}
    assert predictor.detector.options.score_threshold == [0.8, 0.4]


def test_what_a_detector_cannot_have_is_refused(data, tmp_path):
    options = {"model": "maskrcnn", "backbone": "plain", "steps": 1, **FAST}
    with pytest.raises(UserError, match="kernel_size=7"):
        train(data, tmp_path / "out", kernel_size=7, **options)
    for path in (data / "masks").glob("*/*.png"):
        path.unlink()
    with pytest.raises(UserError, match="at least one particle"):
        train(data, tmp_path / "out", **options)
