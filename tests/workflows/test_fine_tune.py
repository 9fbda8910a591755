"""Fine-tuning: new classes, held-back images, the best round, and its report."""

import csv
import json

import cv2
import numpy as np
import pytest

import nanozoo.workflows.fine_tune as module
import nanozoo.workflows.tasks as tasks
from nanozoo.core.errors import UserError
from nanozoo.models.checkpoint import load, open_checkpoint, save_checkpoint
from nanozoo.workflows.fine_tune import fine_tune
from nanozoo.workflows.tasks import task_of

FAST = {"batch_size": 1, "crop": 32, "round_steps": 1, "device": "cpu"}


@pytest.fixture
def start(tiny, randomise, tmp_path):
    """Folder of an untrained checkpoint."""

    def start(classes=("background", "particle"), channels=1):
        arguments = {"num_classes": len(classes), "boundary": True}
        model = randomise(tiny((None, None, channels), **arguments))
        if channels != 1:
            arguments["channels"] = channels
        folder = tmp_path / "start"
        save_checkpoint(
            model, folder, name="start", builder="tiny", arguments=arguments, classes=classes
        )
        return folder

    return start


@pytest.fixture
def data(tmp_path):
    """Make a folder of images whose masks hold class numbers up to `highest`."""

    def data(count, highest=1, name="data"):
        folder = tmp_path / name
        for part in ("images", "masks"):
            (folder / part).mkdir(parents=True)
        y, x = np.mgrid[:64, :64]
        for number in range(count):
            disc = np.hypot(x - 20 - 3 * number, y - 32) < 12
            mask = disc.astype(np.uint8)
            mask[50:60, 5:25] = highest
            image = np.where(mask > 0, 200, 50).astype(np.uint8)
            cv2.imwrite(str(folder / "images" / f"i{number}.png"), image)
            cv2.imwrite(str(folder / "masks" / f"i{number}.png"), mask)
        return folder

    return data


def test_new_classes_begin_as_particles_and_the_rest_is_kept(start, data, tmp_path):
    source = start()
    result = fine_tune(
        source, data(1, 2), num_classes=3, out=tmp_path / "out", frozen_steps=0, steps=0
    )
    before, after = load(source), load(tmp_path / "out")
    image = np.random.default_rng(0).random((1, 32, 32, 1), np.float32)
    known, found = before(image)["classes"].numpy(), after(image)["classes"].numpy()
    np.testing.assert_allclose(found[..., :1], known[..., :1], atol=2e-3)
    np.testing.assert_allclose(found[..., 1:], np.repeat(known[..., 1:] / 2, 2, -1), atol=2e-3)
    for layer in ("encoder_conv", "decoder_conv", "boundary_logits"):
        np.testing.assert_allclose(
            after.get_layer(layer).kernel, before.get_layer(layer).kernel, rtol=2e-3, atol=1e-3
        )
    assert result.checkpoint.classes == ("background", "class_1", "class_2")
    assert len(result.class_iou_after) == 2 and None not in result.class_iou_after
    assert result.steps == 0 and result.validated_on_training


def test_report_history_and_best_round(start, data, tmp_path, monkeypatch):
    drawn = []
    real = tasks.ExampleSource
    monkeypatch.setattr(tasks, "ExampleSource", lambda i, **k: drawn.extend(i) or real(i, **k))
    held = []
    measure = module.mean_scores
    monkeypatch.setattr(module, "mean_scores", lambda p, i, n: held.extend(i) or measure(p, i, n))
    out, old, told = tmp_path / "out", data(1, name="old"), []
    result = fine_tune(
        start(channels=3),
        data(4),
        out=out,
        old_data=old,
        frozen_steps=2,
        steps=8,
        patience=1,
        learning_rate=0.02,
        progress=told.append,
        **FAST,
    )
    assert len(drawn) == 3
    done = [one.done for one in told]
    assert done == sorted(done) and done[0] == 0 and told[0].total == 10
    assert told[-1].done == told[-1].total == result.steps
    assert [one.what for one in told if one.done == 1] == ["decoder alone"] * 2
    assert told[-2].what == "whole network" and "jsc " in told[-2].note
    assert not {image.image.tobytes() for image in drawn} & {x.image.tobytes() for x in held}
    report = json.loads((out / "finetune.json").read_text())
    assert report["from"] == "start" and report["old_data"] == str(old)
    for name in ("jsc_before", "jsc_after", "old_loss_before", "old_loss_after", "steps"):
        assert report[name] == getattr(result, name)
    assert not result.validated_on_training
    with open(out / "history.csv", newline="") as stream:
        rows = list(csv.DictReader(stream))
    scores = [float(row["jsc"]) for row in rows]
    assert [int(row["step"]) for row in rows] == list(range(1, len(rows) + 1))
    assert result.steps == len(rows) >= 3
    assert result.jsc_after == pytest.approx(max(result.jsc_before, *scores), abs=1e-4)
    stopped = len(rows) < 10
    assert stopped == (scores[-1] <= max(result.jsc_before, *scores[:-1]))
    again = measure(module.Predictor(open_checkpoint(out)), held[:1])
    assert again["jsc"] == pytest.approx(result.jsc_after, abs=0.02)


def test_forgetting_is_measured_on_simulated_scenes_as_networks_see_them():
    images, name = module._old_images(task_of("unet"), None, 3)
    assert len(images) == 12 and "3 to 14" in name
    for image in images:
        assert image.image.min() == 0 and image.image.max() == 1
        assert image.image.shape == image.labels.shape


def test_a_split_decides_who_validates(start, data, tmp_path):
    folder = data(2)
    split = tmp_path / "split.csv"
    split.write_text("name,split\ni0,val\ni1,train\n")
    result = fine_tune(
        start(), folder, out=tmp_path / "o", split=split, frozen_steps=0, steps=0, old_data=folder
    )
    assert not result.validated_on_training
    split.write_text("name,split\ni0,train\ni1,train\n")
    with pytest.raises(UserError, match="val"):
        fine_tune(start(), folder, out=tmp_path / "o", split=split)


@pytest.mark.parametrize(
    "options, word",
    [
        ({"num_classes": 1}, "num_classes"),
        ({"num_classes": 3, "classes": ("a",)}, "num_classes"),
        ({"classes": ("a", "b")}, "class"),
        ({"frozen_steps": -1}, "frozen_steps"),
        ({"patience": 0}, "patience"),
        ({"device": "abacus"}, "device"),
    ],
)
def test_arguments_out_of_range_write_nothing(start, data, tmp_path, options, word):
    with pytest.raises(UserError, match=word):
        fine_tune(start(), data(1, 3), out=tmp_path / "o", **{"steps": 0, **options})
    assert not (tmp_path / "o").exists()


def test_files_that_cannot_be_used_are_named_and_the_others_train(start, data, tmp_path):
    folder = data(4)
    damaged = folder / "images" / "i1.png"
    damaged.write_bytes(damaged.read_bytes()[:60])
    (folder / "masks" / "i2.png").unlink()
    split = tmp_path / "split.csv"
    split.write_text("name,split\ni0,train\ni1,train\ni3,val\n")
    out = tmp_path / "out"
    result = fine_tune(start(), folder, out=out, split=split, frozen_steps=0, steps=1, **FAST)
    assert result.steps == 1
    lone, truncated = result.errors
    assert "i2.png" in lone and "no mask" in lone and str(damaged) in truncated
    assert json.loads((out / "finetune.json").read_text())["errors"] == [lone, truncated]
    split.write_text("name,split\ni0,val\ni1,train\ni3,val\n")
    with pytest.raises(UserError, match="No image to train on"):
        fine_tune(start(), folder, out=out, split=split, **FAST)


def test_a_folder_that_cannot_be_written_is_refused_before_training(start, data, tmp_path):
    (tmp_path / "file").touch()
    told, out = [], tmp_path / "file" / "out"
    with pytest.raises(UserError, match="Cannot write"):
        fine_tune(start(), data(2), out=out, steps=1, progress=told.append, **FAST)
    assert not told
