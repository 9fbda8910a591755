"""Segmenting files and folders: what is written, and what a bad image leaves behind."""

import csv
import json
from functools import partial

import cv2
import numpy as np
import pytest
import tifffile

from nanozoo.core.errors import UserError
from nanozoo.core.instances import Instance, Instances
from nanozoo.workflows.particle_table import image_summary, particle_rows
from nanozoo.workflows.segment import label_image, segment

CENTRES = ((60, 70), (70, 190), (180, 110))
RADIUS = 25


def discs(shape=(256, 256)) -> np.ndarray:
    rows, columns = np.indices(shape)
    image = np.full(shape, 190.0)
    for row, column in CENTRES:
        image[np.hypot(rows - row, columns - column) <= RADIUS] = 60
    return (image + np.random.default_rng(0).normal(0, 4, shape)).astype(np.uint8)


def put(path, pixels=None):
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), discs() if pixels is None else pixels)
    return path


def table(out) -> list[dict[str, str]]:
    with open(out / "particles.csv", newline="") as stream:
        return list(csv.DictReader(stream))


def files(out) -> set[str]:
    return {path.name for path in out.iterdir() if path.name[0] != "."}


def test_files_and_numbers(tmp_path):
    put(tmp_path / "in/a.png")
    out = tmp_path / "out"
    result = segment(tmp_path / "in", None, out, method="otsu", pixel_size_nm=2.0)
    assert result.errors == ()
    assert {path.name for path in result.written} == files(out)
    assert files(out) == {"a_labels.png", "a_overlay.png", "particles.csv", "summary.json"}
    labels = cv2.imread(str(out / "a_labels.png"), cv2.IMREAD_UNCHANGED)
    assert labels.dtype == np.uint16
    assert cv2.imread(str(out / "a_overlay.png")).shape == (256, 256, 3)
    rows = table(out)
    assert len(rows) == labels.max() == 3
    found = {(float(row["centroid_y"]), float(row["centroid_x"])) for row in rows}
    for centre in CENTRES:
        assert min(np.hypot(y - centre[0], x - centre[1]) for y, x in found) < 0.5
    for row in rows:
        assert int(row["area_px"]) == (labels == int(row["label"])).sum()
        assert float(row["diameter_px"]) == pytest.approx(2 * RADIUS, abs=2)
        assert float(row["diameter_nm"]) == pytest.approx(2 * float(row["diameter_px"]), rel=1e-4)
        assert row["touches_border"] == "0"
    summary = json.loads((out / "summary.json").read_text())
    (image,) = summary["images"]
    assert (image["count"], image["pixel_size_source"]) == (3, "argument")
    assert image["coverage"] == pytest.approx((labels > 0).mean())
    assert image["mean_diameter_nm"] == pytest.approx(2 * image["mean_diameter_px"])
    assert summary["versions"]["nanozoo"] and summary["method"] == "otsu"


def test_particles_that_a_method_finds_over_one_another_are_written_whole(tmp_path):
    rows, columns = np.indices((160, 200))
    pair = [np.hypot(rows - 80, columns - x) <= 30 for x in (80, 116)]
    union = np.any(pair, axis=0)
    put(tmp_path / "in/a.png", np.where(union, 60, 190).astype(np.uint8))
    segment(tmp_path / "in", None, tmp_path / "out", method="ellipse")
    found = json.loads((tmp_path / "out/a_instances.json").read_text())["annotations"]
    areas = [particle["area"] for particle in found]
    assert areas == pytest.approx([disc.sum() for disc in pair], rel=0.05)
    assert sum(areas) > 1.1 * union.sum()
    labels = cv2.imread(str(tmp_path / "out/a_labels.png"), cv2.IMREAD_UNCHANGED)
    assert set(np.unique(labels)) == {0, 1, 2}


def test_pixel_size_of_the_file_or_none(tmp_path):
    put(tmp_path / "in/a.png")
    tifffile.imwrite(
        tmp_path / "in/b.tif",
        discs(),
        imagej=True,
        resolution=(4, 4),
        metadata={"unit": "nm"},
    )
    segment(tmp_path / "in", None, tmp_path / "out", method="otsu")
    images = json.loads((tmp_path / "out/summary.json").read_text())["images"]
    assert [image["pixel_size_nm"] for image in images] == [None, 0.25]
    assert [image["pixel_size_source"] for image in images] == [None, "file"]
    assert images[0]["mean_diameter_nm"] is None
    sizes = {row["image"]: row["diameter_nm"] for row in table(tmp_path / "out")}
    assert sizes["a"] == "" and float(sizes["b"]) == pytest.approx(RADIUS / 2, abs=0.5)


def test_equal_stems_do_not_overwrite_each_other(tmp_path):
    empty = np.full((64, 64), 128, np.uint8)
    paths = [
        put(tmp_path / "x/a.png"),
        put(tmp_path / "y/a.png", empty),
        put(tmp_path / "y/a.tif", empty),
        put(tmp_path / "z/y/a.png", empty),
    ]
    segment(paths, None, tmp_path / "out", method="otsu")
    stems = {name[:-11] for name in files(tmp_path / "out") if name.endswith("_labels.png")}
    assert stems == {"x_a", "y_a", "y_a_2", "y_a_3"}
    assert cv2.imread(str(tmp_path / "out/x_a_labels.png"), cv2.IMREAD_UNCHANGED).max() == 3
    assert {row["image"] for row in table(tmp_path / "out")} == {"x_a"}


def test_bad_images_are_named_and_leave_nothing(tmp_path):
    good = put(tmp_path / "in/good.png")
    (tmp_path / "in/cut.png").write_bytes(good.read_bytes()[:500])
    (tmp_path / "in/letter.jpg").write_text("no image")
    tifffile.imwrite(tmp_path / "in/nan.tif", np.full((9, 9), np.nan, np.float32))
    (tmp_path / "empty").mkdir()
    paths = [tmp_path / "in", tmp_path / "empty", tmp_path / "missing.png"]
    result = segment(paths, None, tmp_path / "out", method="otsu")
    assert list(result.counts.values()) == [3]
    for name in ("cut.png", "letter.jpg", "nan.tif", "empty", "missing.png"):
        assert sum(name in error for error in result.errors) == 1
    assert files(tmp_path / "out") == {
        "good_labels.png", "good_overlay.png", "particles.csv", "summary.json",
    }  # fmt: skip
    assert json.loads((tmp_path / "out/summary.json").read_text())["errors"] == list(result.errors)


def test_more_particles_than_16_bits():
    dots = [Instance(2 * (n // 300), 2 * (n % 300), np.ones((1, 1), bool)) for n in range(65536)]
    labels = label_image(Instances((600, 600), dots[:-1]), "a.png")
    assert labels.dtype == np.uint16 and labels.max() == 65535
    with pytest.raises(UserError, match=r"65536 particles in a\.png"):
        label_image(Instances((600, 600), dots), "a.png")


def test_results_never_land_on_the_images(tmp_path):
    put(tmp_path / "a.png")
    with pytest.raises(UserError, match="choose another output folder"):
        segment(tmp_path, None, tmp_path, method="otsu")
    assert files(tmp_path) == {"a.png"}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "either a checkpoint or"),
        ({"method": "otzu"}, "Did you mean otsu"),
        ({"method": "otsu", "pixel_size_nm": 0}, "pixel_size_nm=0"),
    ],
)
def test_wrong_arguments_write_nothing(tmp_path, options, message):
    put(tmp_path / "a.png")
    with pytest.raises(UserError, match=message):
        segment(tmp_path, None, tmp_path / "out", **options)
    assert not (tmp_path / "out").exists()


def test_rows_of_known_particles():
    labels = np.zeros((20, 30), int)
    labels[0:4, 5:10], labels[10:12, 10:20] = 1, 2
    instances = Instances.from_labels(labels, scores={2: 0.25})
    first, second = particle_rows("x", instances, None)
    assert (first["touches_border"], second["touches_border"]) == (1, 0)
    assert (first["centroid_x"], first["centroid_y"]) == ("7.00", "1.50")
    assert float(second["score"]) == 0.25
    summary = image_summary(instances, 3.0)
    diameter = 2 * np.sqrt(20 / np.pi)
    assert summary["mean_diameter_nm"] == pytest.approx(3 * diameter)
    assert summary["std_diameter_px"] == pytest.approx(0, abs=1e-12)
    assert summary["coverage"] == pytest.approx(40 / 600)
    assert image_summary(Instances((5, 5)), 3.0)["mean_diameter_nm"] is None


def test_each_frame_of_a_stack_is_an_image(tmp_path):
    (tmp_path / "in").mkdir()
    frames = np.stack([discs(), discs()[::-1], np.full((256, 256), 200, np.uint8)])
    tifffile.imwrite(
        tmp_path / "in/a.tif",
        frames,
        photometric="minisblack",
        imagej=True,
        resolution=(2, 2),
        metadata={"unit": "nm"},
    )
    put(tmp_path / "in/a_frame002.png")
    result = segment(tmp_path / "in", None, tmp_path / "out", method="otsu")
    assert result.errors == ()
    assert result.counts == {
        "a_frame001": 3, "a_frame002_2": 3, "a_frame003": 0, "a_frame002": 3,
    }  # fmt: skip
    images = json.loads((tmp_path / "out/summary.json").read_text())["images"]
    assert [(image["image"], image["frame"], image["pixel_size_nm"]) for image in images] == [
        ("a_frame001", "frame001", 0.5), ("a_frame002_2", "frame002", 0.5),
        ("a_frame003", "frame003", 0.5), ("a_frame002", None, None),
    ]  # fmt: skip
    turned = cv2.imread(str(tmp_path / "out/a_frame002_2_labels.png"), cv2.IMREAD_UNCHANGED)
    upright = cv2.imread(str(tmp_path / "out/a_frame001_labels.png"), cv2.IMREAD_UNCHANGED)
    np.testing.assert_array_equal(turned[::-1] > 0, upright > 0)


def test_other_files_go_on_after_a_bad_one(tmp_path):
    put(tmp_path / "z.png")
    tifffile.imwrite(
        tmp_path / "a.tif",
        np.stack([np.full((256, 256), np.nan), discs()]).astype(np.float32),
        photometric="minisblack",
    )
    for name in ("b.dm3", "c.emd", "d.ser", "e.mrc", "f.xyz"):
        (tmp_path / name).write_bytes(b"\0\0\0\3 no image")
    names = sorted(tmp_path.iterdir())
    result = segment(names, None, tmp_path / "out", method="otsu")
    assert result.counts == {"a_frame002": 3, "z": 3}
    for name in ("a.tif (frame001)", "b.dm3", "c.emd", "d.ser", "e.mrc", "f.xyz"):
        assert sum(name in error for error in result.errors) == 1


def test_a_run_goes_on(tmp_path):
    first, second = put(tmp_path / "in/a.png"), put(tmp_path / "in/b.png")
    out = tmp_path / "out"
    run = partial(segment, tmp_path / "in", None, out, method="otsu")
    run()
    table_before = (out / "particles.csv").read_bytes()
    marks = {path: path.stat().st_mtime_ns for path in out.glob("*_labels.png")}
    put(second, 255 - discs())
    (out / "a_overlay.png").write_bytes(b"")
    run()
    again = {path: path.stat().st_mtime_ns for path in out.glob("*_labels.png")}
    assert again[out / "a_labels.png"] == marks[out / "a_labels.png"]
    assert again[out / "b_labels.png"] > marks[out / "b_labels.png"]
    assert (out / "particles.csv").read_bytes() == table_before
    (out / "a_overlay.png").unlink()
    assert run(pixel_size_nm=2.0).counts == {"a": 3, "b": 3}
    assert (out / "a_overlay.png").exists() and table(out)[0]["diameter_nm"]
    (out / ".segmented" / "a.json").write_text("{")
    before = (out / "a_labels.png").stat().st_mtime_ns
    run(pixel_size_nm=2.0)
    assert (out / "a_labels.png").stat().st_mtime_ns > before
    assert first.exists()
