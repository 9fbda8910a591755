"""Segment and measure in a viewer."""

import csv

import numpy as np
import pytest

from nanozoo.baselines.find import find_particles
from nanozoo.baselines.tuning import tuned_parameters
from nanozoo.core.errors import UserError
from nanozoo.measure.particles import measure_particles
from nanozoo.napari.finding import find
from nanozoo.napari.layers import pixel_size_of
from nanozoo.napari.measure import MeasureWidget, measure_labels
from nanozoo.napari.segment import SegmentWidget, finders
from nanozoo.napari.training import TrainingWidget

SHAPE = (120, 160)


def discs(*places) -> np.ndarray:
    rows, columns = np.indices(SHAPE)
    labels = np.zeros(SHAPE, np.int32)
    for number, (row, column, radius) in enumerate(places, 1):
        labels[np.hypot(rows - row, columns - column) <= radius] = number
    return labels


LABELS = discs((40, 40, 20), (70, 110, 15), (100, 20, 10))


def micrograph() -> np.ndarray:
    noise = np.random.default_rng(0).normal(0, 300, SHAPE)
    return (np.where(LABELS, 12_000, 40_000) + noise).astype(np.uint16)


@pytest.fixture
def nm(viewer):
    viewer.add_image(micrograph(), name="a", scale=(0.5, 0.5), units=("nm", "nm"))
    return viewer


def test_segment_adds_labels_on_the_image(nm, wait):
    panel = SegmentWidget(nm)
    assert panel.image.value is nm.layers["a"]
    assert panel.pixel_size.value == 0.5
    panel.finder.value = "otsu"
    panel.segment()
    wait(panel)
    labels = nm.layers["a particles"]
    wanted = find_particles("otsu", micrograph().astype(np.float32), **tuned_parameters("otsu"))
    np.testing.assert_array_equal(labels.data, wanted.to_labels())
    assert pixel_size_of(labels) == 0.5 and labels.data.dtype == np.uint16
    assert labels.features["index"].tolist() == [1, 2, 3]
    assert "3 particles" in panel.status.value
    panel.segment()
    wait(panel)
    assert len(nm.layers) == 3


def test_a_pixel_size_that_is_typed_goes_to_the_layers(viewer, wait):
    image = viewer.add_image(np.stack([micrograph()] * 2), name="stack")
    panel = SegmentWidget(viewer)
    assert panel.pixel_size.value == 0
    panel.finder.value, panel.pixel_size.value = "otsu", 0.25
    panel.segment()
    wait(panel)
    labels = viewer.layers["stack particles"]
    assert labels.data.shape == (2, *SHAPE) and labels.data.max() == 3
    for layer in (image, labels):
        assert pixel_size_of(layer) == 0.25
        assert layer.scale[0] == 1.0


def test_a_network_of_ones_own(nm, wait, tiny_checkpoint):
    panel = SegmentWidget(nm)
    panel.own.value = tiny_checkpoint
    panel.segment()
    wait(panel)
    found = find(micrograph(), "a", 0.5, str(tiny_checkpoint), False)
    np.testing.assert_array_equal(nm.layers["a particles"].data, found.labels)
    np.testing.assert_allclose(nm.layers["a particles"].features["score"], found.scores)


def test_what_goes_wrong_is_said_and_the_panel_works_on(nm, wait, tmp_path):
    panel = SegmentWidget(nm)
    panel.own.value = tmp_path
    panel.segment()
    wait(panel)
    assert "no config.json" in panel.status.value and len(nm.layers) == 1
    panel.own.value, panel.finder.value = None, "otsu"
    nm.add_image(np.full(SHAPE, np.nan, np.float32), name="b")
    panel.image.value = nm.layers["b"]
    panel.segment()
    wait(panel)
    assert "NaN" in panel.status.value
    panel.image.value = nm.layers["a"]
    panel.segment()
    wait(panel)
    assert "3 particles" in panel.status.value


def test_a_panel_in_an_empty_viewer_follows_its_layers(viewer):
    panels = [SegmentWidget(viewer), MeasureWidget(viewer), TrainingWidget(viewer)]
    for panel in panels:
        panel.start.changed.emit(True)
        assert panel.status.value and not panel.running
    image = viewer.add_image(micrograph(), name="late")
    assert all(panel.image.value is image for panel in panels)
    viewer.layers.remove(image)
    assert all(panel.image.value is None for panel in panels)


def test_everything_that_finds_particles_is_offered():
    names = finders()
    assert names[0] == "unet" and {"otsu", "ellipse", "maskrcnn-efficientnet_lite0-em-v1"} < {
        *names
    }
    assert not any("shapecnn" in name or "vae" in name for name in names)


def test_measure_in_nanometres(nm, wait, tmp_path):
    labels = nm.add_labels(LABELS * 5, name="mine")
    panel = MeasureWidget(nm)
    assert panel.labels.value is labels and panel.pixel_size.value == 0.5
    panel.measure()
    wait(panel)
    assert pixel_size_of(labels) == 0.5
    assert labels.features["index"].tolist() == [5, 10, 15]
    sizes = [float(value) for value in labels.features["diameter_nm"]]
    assert sizes == pytest.approx([20.0, 15.0, 10.0], rel=0.02)
    assert [bool(one) for one in labels.features["touches_border"]] == [False, False, False]
    assert "mean_intensity" in labels.features
    assert "3 particles, 0 of them cut" in panel.summary.value
    assert "mean: " in panel.summary.value and " nm [" in panel.summary.value
    assert panel.table.shape == (3, len(labels.features.columns))
    panel.file.value = tmp_path / "out/sizes"
    panel.save()
    with open(tmp_path / "out/sizes.csv", encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["index"] for row in rows] == ["5", "10", "15"]
    assert [float(row["diameter_nm"]) for row in rows] == pytest.approx(sizes, rel=1e-5)
    with open(tmp_path / "out/sizes_statistics.csv", encoding="utf-8", newline="") as stream:
        told = {row["quantity"]: row["value"] for row in csv.DictReader(stream)}
    mean = np.average(sizes, weights=labels.features["edge_weight"])
    assert float(told["mean_nm"]) == pytest.approx(mean) and told["count"] == "3"


def test_measured_columns_are_those_of_the_library():
    from nanozoo.core.instances import Instances

    grey = micrograph().astype(np.float32)
    found = measure_labels(LABELS * 3, grey, 2.0)
    wanted = measure_particles(Instances.from_labels(LABELS), 2.0, grey)
    for name in ("area_nm2", "feret_max_nm", "circularity", "mean_intensity"):
        np.testing.assert_array_equal(found.columns[name], wanted[name])
    in_px = measure_labels(LABELS)
    assert np.isnan(in_px.columns["diameter_nm"]).all() and in_px.distribution.unit == "px"
    assert ",," in in_px.table()
    with pytest.raises(UserError, match="no particle"):
        measure_labels(LABELS * 0)


def test_particles_that_the_border_cuts_are_told():
    labels = LABELS.copy()
    labels[:5, :5] = 9
    assert "4 particles, 1 of them cut by the border" in measure_labels(labels).summary()


def test_an_image_of_another_size_or_a_stack(nm, wait):
    nm.add_labels(LABELS[:-1], name="short")
    panel = MeasureWidget(nm)
    panel.measure()
    wait(panel)
    assert "Expected the grey image of these particles" in panel.status.value
    nm.add_labels(np.stack([LABELS, LABELS]), name="stack")
    panel.labels.value = nm.layers["stack"]
    panel.measure()
    assert "labels of one image" in panel.status.value
    panel.labels.value = nm.add_labels(LABELS, name="good")
    panel.image.value = None
    panel.measure()
    wait(panel)
    assert "3 particles" in panel.summary.value


def test_save_for_training(nm, tmp_path):
    nm.add_labels(LABELS, name="mine")
    panel = TrainingWidget(nm)
    assert panel.stem.value == "a"
    panel.folder.value = tmp_path / "training"
    panel.save()
    assert (tmp_path / "training/masks/a.png").is_file() and "Wrote" in panel.status.value
    panel.stem.value = "x/y"
    panel.save()
    assert "without folders" in panel.status.value
