"""Trainings with another loss and weights, from the function and the command line."""

import json

import cv2
import keras
import numpy as np
import pytest

from nanozoo import get_loss
from nanozoo.cli.main import main
from nanozoo.core.errors import UserError
from nanozoo.core.registry import LOSSES, MODELS
from nanozoo.data.examples import ExampleSource, LabelledImage
from nanozoo.data.pipeline import batch_of
from nanozoo.models.checkpoint import open_checkpoint, save_checkpoint
from nanozoo.models.shape_cnn import build_shape_cnn
from nanozoo.training.fit import Schedule, compile_model, fit
from nanozoo.training.losses import BoundaryLoss
from nanozoo.workflows.train import train

FAST = {"batch_size": 1, "crop": 32, "device": "cpu"}
QUICK = ["--batch-size", "1", "--crop", "32", "--steps", "1", "--device", "cpu"]


@pytest.fixture
def data(tmp_path):
    """Two images of a small particle of class 1 and a large one of class 2."""
    folder = tmp_path / "data"
    for part in ("images", "masks"):
        (folder / part).mkdir(parents=True)
    for number in range(2):
        mask = np.zeros((40, 40), np.uint8)
        mask[4:9, 4:9], mask[12:34, 12:34] = 1, 2
        cv2.imwrite(str(folder / "images" / f"i{number}.png"), mask * 100)
        cv2.imwrite(str(folder / "masks" / f"i{number}.png"), mask)
    return folder


def test_train_minimises_the_loss_it_was_told(tiny, data, tmp_path):
    options = {**FAST, "model": "tiny", "backbone": "plain", "classes": ("a", "b"), "steps": 1}
    weighted = {"loss": "lovasz", "class_weights": "balanced", "size_weights": True}
    train(data, tmp_path / "out", **options, **weighted)
    noted = open_checkpoint(tmp_path / "out").notes["loss"]
    assert (noted["kind"], noted["size_weights"]) == ("Lovasz", True)
    pixels = np.array([1600 - 25 - 484, 25, 484])
    np.testing.assert_allclose(noted["class_weights"], 1600 / 3 / pixels)
    with pytest.raises(UserError, match="go on with loss=.*Lovasz.*Received: loss=.*Focal"):
        train(data, tmp_path / "out", **options, **{**weighted, "loss": "focal"})
    with pytest.raises(UserError, match="size_weights=True.*Received: size_weights=False"):
        train(data, tmp_path / "out", **options, **{**weighted, "size_weights": False})


def test_train_by_a_loss_that_needs_distances(tiny, data, tmp_path):
    loss = get_loss("boundary_distance", distance_weight=0.5)
    options = {**FAST, "model": "tiny", "backbone": "plain", "steps": 1}
    (row,) = train(data, tmp_path / "out", loss=loss, **options).history
    assert np.isfinite(row["loss"])
    assert open_checkpoint(tmp_path / "out").notes["loss"]["distance_weight"] == 0.5


@pytest.mark.parametrize("model", ["unet", "fpn", "linknet"])
def test_the_loss_applies_to_the_classes_and_the_boundary_keeps_its_own(model):
    labels = np.zeros((64, 64), np.int32)
    labels[10:30, 10:30] = 1
    image = LabelledImage(labels.astype(np.float32), labels, np.arange(2, dtype=np.uint8), "a")
    source = ExampleSource([image], crop=32, boundary=True, size_weights=True, distances=1)
    arguments = {**MODELS.entry(model).test_kwargs, "backbone": "plain", "boundary": True}
    network = MODELS.get(model)((32, 32, 1), **arguments)
    loss = get_loss("boundary_distance", class_weights=(1, 3))
    compile_model(network, Schedule(), loss)
    images, targets = batch_of(source, 0, 2)
    found = network(images)
    wanted = loss(targets["classes"], found["classes"])
    wanted += BoundaryLoss()(targets["boundary"], found["boundary"])
    total = network.compute_loss(images, targets, found)
    assert float(total) == pytest.approx(float(wanted), rel=1e-5)


def test_finetune_of_the_command_line(tiny, data, tmp_path):
    arguments = {"boundary": True}
    model = tiny((None, None, 1), **arguments)
    save_checkpoint(model, tmp_path / "old", name="old", builder="tiny", arguments=arguments)
    words = ["--checkpoint", tmp_path / "old", "--data", data, "--out", tmp_path / "new", *QUICK]
    words += ["--frozen-steps", "0", "--loss", "tversky", "--class-weights", "1,3"]
    assert main(["finetune", *map(str, words), "--old-data", str(data), "--size-weights"]) == 0
    noted = json.loads((tmp_path / "new/config.json").read_text())["notes"]["loss"]
    assert (noted["kind"], noted["class_weights"]) == ("Tversky", [1.0, 3.0])


@pytest.mark.parametrize(
    "words, sentence",
    [
        (["--loss", "focl"], "no loss called 'focl'. Did you mean focal"),
        (["--class-weights", "1,2,3"], "2 numbers, background first"),
        (["--class-weights", "1,many"], "--class-weights '1,many'"),
        (["--class-weights", "1,-1"], "Expected `class_weights` to be 0 or more"),
        (["--model", "maskrcnn", "--loss", "focal"], "detector, which brings its losses"),
    ],
)
def test_train_names_what_is_wrong(data, tmp_path, capsys, words, sentence):
    words = ["--data", str(data), "--out", str(tmp_path / "out"), *QUICK, *words]
    assert main(["train", "--backbone", "plain", *words]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert sentence in line and not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "options, word",
    [
        ({"class_weights": "even"}, "'balanced'"),
        ({"class_weights": 3.0}, "number a class"),
        ({"loss": keras.losses.MeanSquaredError()}, "nanozoo.get_loss"),
    ],
)
def test_what_is_no_loss_is_refused_before_anything_is_read(tmp_path, options, word):
    with pytest.raises(UserError, match=word):
        train(tmp_path / "none", tmp_path / "out", **options)


def test_fit_refuses_examples_and_models_that_do_not_suit_the_loss(tiny):
    labels = np.zeros((40, 40), np.int32)
    image = LabelledImage(labels.astype(np.float32), labels, np.zeros(1, np.uint8), "a")
    model, schedule = tiny((32, 32, 1), 3), Schedule(steps=1)
    for distances in (0, 1):
        source = ExampleSource([image], crop=32, distances=distances)
        with pytest.raises(UserError, match=f"to be 2, .*source.distances={distances}"):
            fit(model, source, schedule, loss=get_loss("boundary_distance"))
    classifier = build_shape_cnn((32, 32, 1), 2, "plain", level="C3")
    with pytest.raises(UserError, match="Expected `loss` to be None"):
        compile_model(classifier, schedule, get_loss("focal"))


def test_models_lists_the_losses(capsys):
    assert main(["models"]) == 0
    text = capsys.readouterr().out
    assert all(f"  {name} " in text for name in LOSSES.names())
