"""Particles go to another program and come back as training data."""

import csv
import json

import cv2
import numpy as np
import pytest

from nanozoo.cli.main import main
from nanozoo.core.errors import UserError
from nanozoo.core.progress import Cancelled
from nanozoo.core.registry import ANNOTATIONS
from nanozoo.data.examples import load_labelled
from nanozoo.data.samples import find_samples, scan_samples
from nanozoo.synth.write import write_scenes
from nanozoo.workflows.convert import convert_annotations
from nanozoo.workflows.segment import segment


@pytest.fixture(scope="module")
def scenes(tmp_path_factory):
    """Two scenes of particles that lie over one another."""
    folder = tmp_path_factory.mktemp("scenes")
    write_scenes(folder, 2, seed=3, config="overlap")
    return folder


@pytest.fixture
def coloured(tmp_path):
    """A folder with a class map and a folder of masks."""
    cv2_write(tmp_path / "in/images/a.png", np.zeros((20, 30), np.uint8))
    classes = np.zeros((20, 30), np.uint8)
    classes[2:6, 2:6], classes[10:15, 2:9], classes[10:15, 20:25] = 1, 2, 2
    cv2_write(tmp_path / "in/masks/a.png", classes)
    (tmp_path / "in/classes.txt").write_text("cube\nrod\n")
    return tmp_path / "in"


def cv2_write(path, pixels) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), pixels)


def keys(instances) -> list:
    return sorted((item.box, item.mask.tobytes(), item.class_id) for item in instances)


@pytest.mark.parametrize("name", ANNOTATIONS.names("overlap"))
def test_what_is_written_can_be_trained_on(scenes, tmp_path, name):
    done = convert_annotations(scenes, tmp_path / "out", name)
    assert not done.errors
    before, after = find_samples(scenes), find_samples(tmp_path / "out")
    assert [one.name for one in after] == [one.name for one in before]
    for one, other in zip(before, after):
        assert other.annotation == name
        assert keys(other.truth().instances) == keys(one.truth().instances)
        assert other.pixel_size_nm == pytest.approx(one.pixel_size_nm, rel=1e-8)
        assert other.image_path.read_bytes() == one.image_path.read_bytes()
        assert load_labelled(other).labels.max() == len(one.truth().instances)


def test_a_chain_of_formats_loses_nothing(scenes, tmp_path):
    chain = ["labelme", "imagej", "layers", "coco", "masks"]
    folders = [scenes, *(tmp_path / name for name in chain)]
    for name, here, there in zip(chain, folders, folders[1:]):
        notes = convert_annotations(here, there, name).notes
        assert len(notes) == (name in ("layers", "masks"))
        assert all("which of two particles is on top" in note for note in notes)
    for one, other in zip(find_samples(scenes), find_samples(folders[-1])):
        assert keys(other.truth().instances) == keys(one.truth().instances)


def test_what_a_label_image_cannot_hold_is_said(scenes, tmp_path):
    done = convert_annotations(scenes, tmp_path / "out", "labels")
    (note,) = done.notes
    truths = [sample.truth().instances for sample in find_samples(scenes)]
    hidden = 0
    for instances in truths:
        labels = instances.to_labels()
        hidden += sum(
            bool((labels[item.window][item.mask] != number).any())
            for number, item in enumerate(instances, 1)
        )
    assert hidden and f"{hidden} lost what lies under others" in note
    for sample, instances in zip(find_samples(tmp_path / "out"), truths):
        np.testing.assert_array_equal(sample.truth().semantic, instances.foreground())
    assert (
        "tells no particles apart"
        in convert_annotations(scenes, tmp_path / "binary", "binary").notes[0]
    )


@pytest.mark.parametrize("name", ["coco", "imagej", "labelme", "layers"])
def test_classes_keep_their_names_and_their_order(coloured, tmp_path, name):
    done = convert_annotations(coloured, tmp_path / "out", name)
    assert done.images == {"a": 3}
    assert "each of 3 connected regions became a particle" in done.notes[0]
    (sample,) = find_samples(tmp_path / "out")
    assert sample.classes == ("cube", "rod")
    np.testing.assert_array_equal(
        sample.truth().semantic, find_samples(coloured)[0].truth().semantic
    )


def test_formats_without_classes_say_so(coloured, tmp_path):
    notes = convert_annotations(coloured, tmp_path / "out", "masks").notes
    assert "masks keeps no classes: those of 3 particles are left out." in notes
    assert [item.class_id for item in find_samples(tmp_path / "out")[0].truth().instances] == [
        1,
        1,
        1,
    ]


def test_results_go_out_and_come_back(scenes, tmp_path):
    images = [sample.image_path for sample in find_samples(scenes)]
    for method in ("otsu", "ellipse"):
        results = tmp_path / method
        segment(images, None, results, method=method, pixel_size_nm=0.25)
        done = convert_annotations(results, tmp_path / f"{method}_rois", "imagej")
        assert not done.errors
        for sample in find_samples(tmp_path / f"{method}_rois"):
            found = sample.truth().instances
            assert len(found) == done.images[sample.name] > 0
            labels = cv2.imread(str(results / f"{sample.name}_labels.png"), -1)
            np.testing.assert_array_equal(found.foreground(), labels > 0)
            assert sample.pixel_size_nm == 0.25


def test_results_with_classes_scores_and_a_lost_image(coloured, tmp_path):
    results = tmp_path / "results"
    image = coloured / "images/a.png"
    labels = np.zeros((20, 30), np.uint16)
    labels[2:6, 2:6], labels[10:15, 2:9] = 1, 2
    cv2_write(results / "set_a_labels.png", labels)
    records = [
        {"image": "set_a", "path": str(image), "pixel_size_nm": 2.5},
        {"image": "b", "path": str(tmp_path / "stack.tif (frame001)"), "pixel_size_nm": None},
    ]
    (results / "summary.json").write_text(json.dumps({"images": records}))
    with open(results / "particles.csv", "w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerows(
            [("image", "label", "score", "class"), ("set_a", 1, 0.5, "rod")]
            + [("set_a", 2, 0.75, "cube")]
        )
    done = convert_annotations(results, tmp_path / "out", "coco")
    assert done.images == {"set_a": 2} and "frame001" in done.errors[0]
    (sample,) = find_samples(tmp_path / "out")
    found = sample.truth().instances
    assert [(item.score, sample.classes[item.class_id - 1]) for item in found] == [
        (0.5, "rod"),
        (0.75, "cube"),
    ]
    assert sample.pixel_size_nm == 2.5
    (results / "particles.csv").write_text("picture\na\n")
    with pytest.raises(UserError, match="particles.csv are missing or damaged"):
        convert_annotations(results, tmp_path / "again", "coco")


def test_labelme_beside_images_without_a_folder_of_images(scenes, tmp_path):
    """A folder as LabelMe leaves it: images and JSON files, nothing else."""
    convert_annotations(scenes, tmp_path / "out", "labelme")
    flat = (tmp_path / "out/images").rename(tmp_path / "flat")
    for one, other in zip(find_samples(scenes), find_samples(flat)):
        assert keys(other.truth().instances) == keys(one.truth().instances)
        assert other.classes == ("particle",)
    next(flat.glob("*.json")).unlink()
    scan = scan_samples(flat)
    assert len(scan.samples) == 1 and "has no mask" in scan.errors[0]


def test_corrections_are_never_overwritten(scenes, tmp_path):
    out = tmp_path / "out"
    convert_annotations(scenes, out, "imagej")
    with pytest.raises(UserError, match="new or empty folder"):
        convert_annotations(scenes, out, "labelme")
    with pytest.raises(UserError, match="new or empty folder"):
        convert_annotations(scenes, scenes, "imagej")
    (scenes / "instances.json").replace(out / "instances.json")
    try:
        with pytest.raises(UserError, match="twice, as coco .* and imagej"):
            find_samples(out)
    finally:
        (out / "instances.json").replace(scenes / "instances.json")


@pytest.mark.parametrize("there", [False, True])
def test_what_is_ended_half_way_leaves_nothing(scenes, tmp_path, there):
    def stop(seen):
        if seen.done == 1:
            raise Cancelled

    out = tmp_path / "out"
    if there:
        out.mkdir()
    with pytest.raises(Cancelled):
        convert_annotations(scenes, out, "layers", progress=stop)
    assert [*tmp_path.rglob("*")] == [out] * there


def test_a_damaged_file_is_named_and_the_others_are_done(scenes, tmp_path, capsys):
    out = tmp_path / "out"
    assert main(["convert", str(scenes), "--to", "imagej", "--out", str(out)]) == 0
    assert "particles of 2 images" in capsys.readouterr().out
    damaged = sorted((out / "rois").iterdir())[0]
    damaged.write_bytes(damaged.read_bytes()[:-30])
    again = ["convert", str(out), "--to", "labelme", "--out"]
    assert main([*again, str(tmp_path / "again")]) == 2
    said = capsys.readouterr()
    assert said.err.count("\n") == 1 and str(damaged) in said.err and "damaged" in said.err
    assert len(find_samples(out)) == 2
    assert len(scan_samples(tmp_path / "again").samples) == 1
    assert main(["convert", str(tmp_path / "none"), *again[2:], str(tmp_path / "n")]) == 2
    assert "Expected a folder images/" in capsys.readouterr().err
