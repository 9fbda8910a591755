"""Training from folders: lengths, parts, classes and what is left out."""

import cv2
import numpy as np
import pytest

from nanozoo.core.errors import UserError
from nanozoo.models.checkpoint import open_checkpoint
from nanozoo.workflows.train import train

FAST = {"model": "tiny", "backbone": "plain", "batch_size": 1, "crop": 32, "device": "cpu"}


@pytest.fixture
def data(tmp_path):
    """Three images whose masks hold classes 0 to 2, and one image without a mask."""
    folder = tmp_path / "data"
    for part in ("images", "masks"):
        (folder / part).mkdir(parents=True)
    for number in range(3):
        mask = np.zeros((64, 48), np.uint8)
        mask[10:30, 10:30], mask[40:60, 20:40] = 1, 2
        cv2.imwrite(str(folder / "images" / f"i{number}.png"), mask * 100)
        cv2.imwrite(str(folder / "masks" / f"i{number}.png"), mask)
    cv2.imwrite(str(folder / "images" / "alone.png"), mask)
    return folder


def test_classes_parts_and_errors(tiny, data, tmp_path):
    splits = tmp_path / "splits"
    splits.mkdir()
    (splits / "data.csv").write_text("name,split\ni0,train\ni1,val\ni2,test\n")
    told = []
    out = tmp_path / "out"
    options = {**FAST, "classes": ("a", "b"), "steps": 2, "splits": splits}
    result = train(data, out, **options, tensorboard=True, progress=told.append)
    assert len(list((out / "tensorboard").iterdir())) == 1
    assert [row["step"] for row in result.history] == [2]
    assert 0 <= result.history[0]["jsc"] <= 1
    assert told[0].error == result.errors[0] and "alone" in told[0].error
    assert [one.done for one in told[1:]] == [0, 1, 2, 2]
    assert {one.total for one in told} == {2} and not any(one.error for one in told[1:])
    assert told[-1].note.startswith("loss ") and "jsc " in told[-1].note
    assert open_checkpoint(out).classes == ("background", "a", "b")
    assert result.checkpoint.arguments["num_classes"] == 3
    again = train(data, out, **options)
    assert again.history == result.history
    with pytest.raises(UserError, match=r"out holds .* go on with seed=0\. Received: seed=1"):
        train(data, out, **options, seed=1)


def test_a_run_that_stops_leaves_the_checkpoint_that_was_there(tiny, data, tmp_path, monkeypatch):
    out = tmp_path / "out"
    train(data, out, steps=1, **FAST)
    before = {path.name: path.read_bytes() for path in out.iterdir()}

    def stop(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("nanozoo.workflows.train.fit", stop)
    with pytest.raises(KeyboardInterrupt):
        train(data, out, steps=2, **FAST)
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before
    with pytest.raises(KeyboardInterrupt):
        train(data, tmp_path / "new", steps=2, **FAST)
    with pytest.raises(UserError):
        open_checkpoint(tmp_path / "new")


def test_epochs_draw_as_many_pixels_as_the_images_have(tiny, data, tmp_path):
    result = train(data, tmp_path / "out", steps=None, epochs=1, **FAST)
    assert result.history[-1]["step"] == np.ceil(3 * 64 * 48 / 32**2)
    assert "jsc" not in result.history[-1]


@pytest.mark.parametrize(
    "options, word",
    [
        ({"model": "unett"}, "model"),
        ({"backbone": "plane"}, "plain"),
        ({"epochs": 2}, "epochs"),
        ({"steps": None}, "steps"),
        ({"steps": 0}, "steps"),
        ({"batch_size": 0}, "batch_size"),
        ({"classes": ("a",)}, "class"),
        ({"device": "abacus"}, "device"),
    ],
)
def test_what_cannot_be_trained_is_refused(tiny, data, tmp_path, options, word):
    with pytest.raises(UserError, match=word):
        train(data, tmp_path / "out", **{**FAST, "steps": 1, **options})
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_written_is_refused_before_training(tiny, data, tmp_path):
    (tmp_path / "file").touch()
    told = []
    with pytest.raises(UserError, match="Cannot write"):
        train(data, tmp_path / "file" / "out", **{**FAST, "steps": 1}, progress=told.append)
    assert not told
