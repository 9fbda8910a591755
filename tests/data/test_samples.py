"""Folders of micrographs and ground truth."""

import json

import cv2
import numpy as np
import pytest

from nanozoo.core.errors import UserError
from nanozoo.core.instances import Instances
from nanozoo.data.samples import find_samples, scan_samples
from nanozoo.synth.write import write_scenes

LABELS = np.zeros((30, 40), np.uint16)
LABELS[2:8, 3:9], LABELS[10:20, 10:30], LABELS[25:, 35:] = 4, 300, 9


def put(path, pixels) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), pixels)


def put_image(folder, name="a", shape=LABELS.shape) -> None:
    put(folder / "images" / f"{name}.png", np.zeros(shape, np.uint8))


def only(folder, **options):
    (sample,) = find_samples(folder, **options)
    return sample


def test_16_bit_masks_number_particles(tmp_path):
    put_image(tmp_path)
    put(tmp_path / "masks/a.png", LABELS)
    truth = only(tmp_path).truth()
    assert sorted(item.area for item in truth.instances) == [25, 36, 200]
    np.testing.assert_array_equal(truth.semantic, LABELS > 0)


@pytest.mark.parametrize("value", [1, 255])
def test_binary_masks_have_no_instances(tmp_path, value):
    put_image(tmp_path)
    put(tmp_path / "masks/a.png", ((LABELS > 0) * value).astype(np.uint8))
    truth = only(tmp_path).truth()
    assert truth.instances is None
    np.testing.assert_array_equal(truth.semantic, LABELS > 0)


def test_one_particle_among_8_bit_labels_stays_a_particle(tmp_path):
    for name, labels in (("a", LABELS == 4), ("b", LABELS % 7)):
        put_image(tmp_path, name)
        put(tmp_path / f"masks/{name}.png", labels.astype(np.uint8))
    assert [len(sample.truth().instances) for sample in find_samples(tmp_path)] == [1, 3]


def test_classes_by_argument_and_by_file(tmp_path):
    put_image(tmp_path)
    classes = (LABELS % 3).astype(np.uint8) + (LABELS == 300)
    put(tmp_path / "masks/a.png", classes)
    truth = only(tmp_path, classes=("large", "small")).truth()
    assert truth.instances is None
    np.testing.assert_array_equal(truth.semantic, classes)
    (tmp_path / "classes.txt").write_text("large\nsmall\n")
    assert only(tmp_path).classes == ("large", "small")
    put(tmp_path / "masks/a.png", classes * 2 + 1)
    with pytest.raises(UserError, match="class numbers 0 to 2"):
        only(tmp_path).truth()


def test_a_folder_of_masks_may_overlap(tmp_path):
    put_image(tmp_path)
    small, large = np.zeros((2, *LABELS.shape), np.uint8)
    large[5:20, 5:20], small[15:25, 15:25] = 255, 1
    put(tmp_path / "masks/a/1.png", small)
    put(tmp_path / "masks/a/2.png", large)
    put(tmp_path / "masks/a/3.png", small * 0)
    stack = only(tmp_path).truth().instances.to_stack()
    np.testing.assert_array_equal(stack, np.stack([large, small]) > 0)


def test_annotation_file_goes_before_masks(tmp_path):
    write_scenes(tmp_path, 2, seed=3, config="overlap")
    for sample in find_samples(tmp_path):
        assert sample.truth_path.name == "instances.json"
        stored = json.loads((tmp_path / "instances.json").read_text())
        ids = {image["file_name"]: image["id"] for image in stored["images"]}
        expected = [
            item["area"]
            for item in stored["annotations"]
            if item["image_id"] == ids[f"{sample.name}.png"]
        ]
        truth = sample.truth()
        assert [item.area for item in truth.instances] == expected
        labels = cv2.imread(str(tmp_path / f"masks/{sample.name}.png"), cv2.IMREAD_UNCHANGED)
        np.testing.assert_array_equal(truth.semantic > 0, labels > 0)
        assert sample.pixel_size_nm > 0
        assert sample.micrograph().pixel_size_nm == sample.pixel_size_nm


def test_pixel_size_of_scale_bars(tmp_path):
    put_image(tmp_path, "x.1")
    put(tmp_path / "masks/x.1.png", LABELS)
    (tmp_path / "scalebars.csv").write_text("file,nm_per_px\nx.1.png,2.5\nother.png,9\n")
    assert only(tmp_path).micrograph().pixel_size_nm == 2.5
    assert only(tmp_path).dataset == tmp_path.name
    for wrong in ("2,5 nm", "-1", "nan"):
        (tmp_path / "scalebars.csv").write_text(f'file,nm_per_px\nx.1.png,"{wrong}"\n')
        with pytest.raises(UserError, match=r"nm_per_px of x\.1 in .*scalebars\.csv"):
            find_samples(tmp_path)


def test_mask_of_another_size(tmp_path):
    put_image(tmp_path, shape=(30, 41))
    put(tmp_path / "masks/a.png", LABELS)
    with pytest.raises(UserError, match=r"masks/a\.png is 40 x 30 px but its image is 41 x 30"):
        only(tmp_path).truth()


def test_lone_images_and_masks_are_named(tmp_path):
    for name in "ab":
        put_image(tmp_path, name)
    for name in "bc":
        put(tmp_path / f"masks/{name}.png", LABELS)
    scan = scan_samples(tmp_path)
    assert [sample.name for sample in scan.samples] == ["b"]
    assert "images/a.png has no mask" in scan.errors[0]
    assert "mask c" in scan.errors[1] and "no image" in scan.errors[1]
    with pytest.raises(UserError, match=r"a\.png has no mask.*1 more"):
        find_samples(tmp_path)


def test_folders_without_images_or_masks(tmp_path):
    with pytest.raises(UserError, match="images/"):
        find_samples(tmp_path)
    (tmp_path / "images").mkdir()
    with pytest.raises(UserError, match="holds no image"):
        find_samples(tmp_path)
    put_image(tmp_path)
    with pytest.raises(UserError, match="no ground truth"):
        find_samples(tmp_path)


def test_masks_in_colour_are_refused(tmp_path):
    put_image(tmp_path)
    colour = np.dstack([LABELS, LABELS, LABELS * 2]).astype(np.uint16)
    put(tmp_path / "masks/a.png", colour)
    with pytest.raises(UserError, match="in colour"):
        only(tmp_path).truth()
    put(tmp_path / "masks/a.png", np.dstack([LABELS] * 3))
    assert len(only(tmp_path).truth().instances) == len(Instances.from_labels(LABELS))
