"""The training loop takes detectors, and stops with the names of images that spoil the loss."""

import csv

import keras
import numpy as np
import pytest

from nanozoo.core.errors import UserError
from nanozoo.core.instances import Instance, Instances
from nanozoo.data.instance_examples import InstanceImage, InstanceSource
from nanozoo.data.photometry import Photometry
from nanozoo.models.detector import LOSSES
from nanozoo.models.maskrcnn import build_maskrcnn
from nanozoo.training.fit import Schedule, fit

PLAIN = Photometry(0, 0, 0, 0, 0, 0, 0, 0, 0)


def squares(name, value=0.9):
    items = [Instance(8, 8, np.ones((20, 20), bool)), Instance(36, 30, np.ones((18, 24), bool))]
    instances = Instances((64, 64), items)
    image = np.where(instances.foreground(), np.float32(value), np.float32(0.2))
    return InstanceImage(image, instances, name, name)


@pytest.fixture
def model(small_detector):
    keras.utils.set_random_seed(0)
    return build_maskrcnn((64, 64, 1), **small_detector, seed=0)


@pytest.mark.parametrize(("optimizer", "rate"), [("adamw", 3e-3), ("sgd", 2e-2)])
def test_the_five_losses_are_in_the_history_and_fall(model, tmp_path, optimizer, rate):
    schedule = Schedule(
        steps=12, batch_size=2, round_steps=6, learning_rate=rate, optimizer=optimizer
    )
    source = InstanceSource([squares("a")], 64, photometry=PLAIN, limit=4)
    rounds = fit(model, source, schedule, out=tmp_path, verbose=0)
    with open(tmp_path / "history.csv", newline="") as stream:
        columns = next(csv.reader(stream))
    assert set(columns) == {"step", "loss", *LOSSES}
    assert rounds[1]["loss"] < rounds[0]["loss"]
    total = sum(rounds[1][name] for name in LOSSES)
    assert rounds[1]["loss"] == pytest.approx(total, rel=1e-3)


def test_a_loss_that_is_no_number_names_the_images_of_its_batch(model, tmp_path):
    images = [*(squares(f"good{n}") for n in range(4)), squares("spoiled", value=np.nan)]
    source = InstanceSource(images, 64, photometry=PLAIN, limit=4, seed=1)
    schedule = Schedule(steps=60, batch_size=1, round_steps=60, learning_rate=1e-4)
    with pytest.raises(UserError, match=r"(?=.*became nan in step)(?=.* spoiled).*look at them"):
        fit(model, source, schedule, out=tmp_path, verbose=0)
    assert not (tmp_path / "state.npz").exists()


def test_examples_of_another_kind_of_model_are_refused(model, tiny):
    source = InstanceSource([squares("a")], 64, limit=4)
    with pytest.raises(UserError, match="an ExampleSource .*InstanceSource"):
        fit(tiny((64, 64, 1), boundary=False), source, Schedule(steps=1), verbose=0)
