"""Proposed masks can be trained on, keep corrections, and come in the order of doubt."""

import csv

import cv2
import numpy as np
import pytest

from nanozoo.cli.main import main
from nanozoo.core.errors import UserError
from nanozoo.data.samples import find_samples
from nanozoo.synth.config import SceneConfig
from nanozoo.synth.scene import simulate
from nanozoo.workflows.propose_labels import expected_error, propose_labels
from nanozoo.workflows.segment import segment


def test_the_expected_error_is_the_share_of_doubtful_pixels():
    probability = np.zeros((10, 10), np.float32)
    probability[:5, :2] = 1.0
    assert expected_error(probability) == 0.0
    probability[5:, :2] = 0.5
    assert expected_error(probability) == pytest.approx(5 / 15)
    probability[:5, :2] = 0.75
    probability[5:] = 0.0
    assert expected_error(probability) == pytest.approx(0.25 / 0.75)
    assert expected_error(np.full((4, 4), 0.01, np.float32)) == 1.0
    assert expected_error(np.zeros((4, 4), np.float32)) == 1.0


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A clear scene, and one in which contrast is low and noise is strong."""
    path = tmp_path_factory.mktemp("scenes")
    for name, contrast, dose in (("clear", 0.7, 2000.0), ("faint", 0.1, 60.0)):
        config = SceneConfig((128, 128), contrast=contrast, dose=dose, mean_diameter=24)
        cv2.imwrite(str(path / f"{name}.png"), simulate(config, 4).pixels)
    return path


def test_masks_are_those_of_segment_and_the_least_certain_comes_first(folder, tmp_path):
    out = tmp_path / "proposed"
    found = propose_labels(folder, out, checkpoint="unet")
    assert [one.image for one in found.images] == ["faint", "clear"] and not found.errors
    with open(out / "order.csv", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["image"] for row in rows] == ["faint", "clear"]
    segment(folder, "unet", tmp_path / "segmented")
    samples = {sample.name: sample for sample in find_samples(out)}
    assert set(samples) == {"clear", "faint"}
    for name, sample in samples.items():
        wanted = cv2.imread(str(tmp_path / "segmented" / f"{name}_labels.png"), -1)
        np.testing.assert_array_equal(cv2.imread(str(sample.truth_path), -1), wanted)
        assert sample.image_path.read_bytes() == (folder / f"{name}.png").read_bytes()
    count = next(one.particles for one in found.images if one.image == "clear")
    assert len(samples["clear"].truth().instances) == count > 3
    assert {path.name for path in (out / "look").iterdir()} == {
        f"{name}_{part}.png" for name in samples for part in ("overlay", "uncertainty")
    }


def test_corrections_stay_and_new_images_join(folder, tmp_path, capsys):
    out, images = tmp_path / "proposed", tmp_path / "images"
    images.mkdir()
    (images / "clear.png").write_bytes((folder / "clear.png").read_bytes())
    propose = ["propose-labels", str(images), "--checkpoint", "unet", "--out", str(out)]
    assert main(propose) == 0
    corrected = np.full((128, 128), 7, np.uint16)
    cv2.imwrite(str(out / "masks" / "clear.png"), corrected)
    (images / "faint.png").write_bytes((folder / "faint.png").read_bytes())
    (images / "broken.png").write_bytes(b"no image")
    capsys.readouterr()
    assert main(propose) == 2
    said = capsys.readouterr()
    assert "broken.png" in said.err and "faint: " in said.out
    np.testing.assert_array_equal(cv2.imread(str(out / "masks" / "clear.png"), -1), corrected)
    assert (out / "masks" / "faint.png").exists() and not (out / "masks" / "broken.png").exists()


def test_a_mask_or_an_image_of_somebody_else_is_not_replaced(folder, tmp_path):
    for part in ("masks", "images"):
        (tmp_path / part).mkdir()
    (tmp_path / "masks" / "clear.png").write_bytes(b"mine")
    found = propose_labels(folder, tmp_path, checkpoint="unet")
    assert [one.image for one in found.images] == ["faint"]
    assert "the name clear" in found.errors[0] and "left as it is" in found.errors[0]
    assert (tmp_path / "masks" / "clear.png").read_bytes() == b"mine"
    other = tmp_path / "other"
    other.mkdir()
    (other / "faint.png").write_bytes((folder / "clear.png").read_bytes())
    again = propose_labels(other, tmp_path, checkpoint="unet")
    assert "the name faint" in again.errors[0] and again.images == found.images


def test_a_mask_that_an_interruption_left_out_of_the_table_is_kept(folder, tmp_path):
    first = propose_labels(folder, tmp_path / "out", checkpoint="unet")
    table = tmp_path / "out" / "order.csv"
    lines = table.read_text().splitlines(keepends=True)
    table.write_text("".join(lines[:2]))
    corrected = np.full((128, 128), 7, np.uint16)
    cv2.imwrite(str(tmp_path / "out" / "masks" / "clear.png"), corrected)
    again = propose_labels(folder, tmp_path / "out", checkpoint="unet")
    assert not again.errors and [one.image for one in again.images] == ["faint", "clear"]
    assert table.read_text() == "".join(lines) and len(first.images) == 2
    mask = cv2.imread(str(tmp_path / "out" / "masks" / "clear.png"), -1)
    np.testing.assert_array_equal(mask, corrected)


def test_a_stack_several_classes_and_a_damaged_table_are_named(folder, tmp_path):
    pixels = cv2.imread(str(folder / "clear.png"), 0)
    cv2.imwritemulti(str(tmp_path / "stack.tif"), [pixels, pixels])
    with pytest.raises(UserError, match="stack.tif holds several images"):
        propose_labels(tmp_path / "stack.tif", tmp_path / "out", checkpoint="unet")
    with pytest.raises(UserError, match="unet_superalloy .secondary, tertiary."):
        propose_labels(folder, tmp_path / "out", checkpoint="unet_superalloy")
    (tmp_path / "out").mkdir(exist_ok=True)
    (tmp_path / "out" / "order.csv").write_text("image,what\nclear,1\n")
    with pytest.raises(UserError, match="order.csv is damaged"):
        propose_labels(folder, tmp_path / "out", checkpoint="unet")
