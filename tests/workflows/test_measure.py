"""Measuring files and folders: what the reports say, resuming, and when nothing is known."""

import base64
import csv
import json
import re
from pathlib import Path

import cv2
import numpy as np
import pytest
import tifffile

from nanozoo.cli.main import main
from nanozoo.core.errors import UserError
from nanozoo.core.files import write_bytes
from nanozoo.core.instances import Instance, Instances
from nanozoo.io.micrograph import Micrograph
from nanozoo.measure.info_bar import find_info_bar
from nanozoo.synth.config import SceneConfig
from nanozoo.synth.scene import simulate
from nanozoo.viz.size_distribution import FAMILY_COLOURS
from nanozoo.workflows.measure import measure
from nanozoo.workflows.measure_image import measured_files
from nanozoo.workflows.measure_record import Subject
from nanozoo.workflows.pixel_size import PixelSizes
from nanozoo.workflows.segment import Segmenter

SMALL, LARGE = 9.0, 18.0


def picture(circles, shape=(420, 520)) -> np.ndarray:
    """Dark discs `(row, column, radius)` on a bright ground with noise."""
    rows, columns = np.indices(shape)
    image = np.full(shape, 190.0)
    for row, column, radius in circles:
        image[np.hypot(rows - row, columns - column) <= radius] = 60
    return (image + np.random.default_rng(0).normal(0, 3, shape)).astype(np.uint8)


def two_families() -> list[tuple[float, float, float]]:
    """A grid of 80 discs apart, every third a large one, and one that the border cuts."""
    rng = np.random.default_rng(5)
    circles = [(60.0, 0.0, LARGE)]
    for number in range(80):
        row, column = 35 + 45 * (number // 10), 45 + 47 * (number % 10)
        radius = LARGE if number % 3 == 0 else SMALL
        circles.append((row, column, radius + rng.normal(0, 0.4)))
    return circles


def put(path, pixels):
    path.parent.mkdir(parents=True, exist_ok=True)
    write_bytes(path, cv2.imencode(".png", pixels)[1].tobytes())
    return path


def record(out, stem) -> dict:
    return json.loads((out / f"{stem}_measurement.json").read_text())


def table(path) -> list[dict[str, str]]:
    with open(path, newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    folder = tmp_path_factory.mktemp("two")
    path = put(folder / "in/a<b> & c.png", picture(two_families()))
    words = {"method": "otsu", "pixel_size_nm": 0.5, "scale_bar": False}
    result = measure(path, None, folder / "out", **words)
    return folder, result


def test_two_families_of_one_image_are_told_apart(measured):
    folder, result = measured
    assert result.errors == () and result.counts == {"a<b> & c": 81}
    rows = table(folder / "out/a<b> & c_particles.csv")
    cut = [row for row in rows if row["touches_border"] == "1"]
    assert len(rows) == 81 and len(cut) == 1
    assert cut[0]["family"] == "" and float(cut[0]["edge_weight"]) == 0
    for row in rows:
        assert (row["pixel_size_nm"], row["pixel_size_source"]) == ("0.5", "argument")
        if row["touches_border"] == "0":
            assert (row["family"] == "2") == (float(row["diameter_px"]) > SMALL + LARGE)
    found = record(folder / "out", "a<b> & c")
    assert found["particles"] == {"found": 81, "cut_by_border": 1, "measured": 80}
    families = found["distribution"]["fits"][0]["families"]
    assert [round(f["mean"]) for f in families] == [SMALL, LARGE]  # diameters of 2 r at 0.5 nm
    assert [f["share"] for f in families] == pytest.approx([2 / 3, 1 / 3], abs=0.05)


def test_report_is_one_file_that_says_how_it_was_made(measured):
    folder, _ = measured
    out = folder / "out"
    names = {path.name for path in out.iterdir()}
    endings = ("particles.csv", "distribution.csv", "labels.png", "overlay.png", "sizes.png",
               "report.html", "measurement.json")  # fmt: skip
    own = {f"a<b> & c_{ending}" for ending in endings}
    pooled = {"index.html", "particles.csv", "distribution.csv", "summary.json", "sizes.png"}
    assert names == own | pooled
    for name in ("a<b> & c_report.html", "index.html"):
        text = (out / name).read_text()
        assert "<b>" not in text.replace("</b>", "") and "a&lt;b&gt; &amp; c" in text
        assert set(re.findall(r'src="([^"]{10})', text)) == {"data:image"}
        assert not re.search(r'(src|href)="(https?:)?//', text)
        for word in ("otsu", "argument", "0.5", "numpy", "seed", "D50", "family"):
            assert word in text
        for target in re.findall(r'href="([^"]+)"', text):
            assert (out / target.replace("%3C", "<").replace("%3E", ">").replace("%20", " ")
                    .replace("%26", "&")).is_file()  # fmt: skip
    quantities = {row["quantity"]: row for row in table(out / "distribution.csv")}
    assert quantities["pixel_size_source"]["value"] == "argument"
    middle = quantities["d50_number_nm"]
    assert float(middle["low"]) <= float(middle["value"]) <= float(middle["high"])
    assert json.loads((out / "summary.json").read_text())["pixel_size_source"] == "argument"


def test_resuming_does_only_what_changed(tmp_path):
    first, second = picture(two_families()[:30]), picture(two_families()[:20])
    put(tmp_path / "in/a.png", first)
    out = tmp_path / "out"
    words = {"method": "otsu", "pixel_size_nm": 2.0, "scale_bar": False}
    assert measure(tmp_path / "in", None, out, **words).reused == ()
    put(tmp_path / "in/b.png", second)
    again = measure(tmp_path / "in", None, out, **words)
    assert again.reused == ("a",) and set(again.counts) == {"a", "b"}
    (out / "b_overlay.png").unlink()
    put(tmp_path / "in/a.png", second)
    assert measure(tmp_path / "in", None, out, **words).reused == ()
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    assert measure(tmp_path / "in", None, out, **words).reused == ("a", "b")
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before
    words["pixel_size_nm"] = 1
    assert measure(tmp_path / "in", None, out, **words).reused == ()
    assert measure(tmp_path / "in", None, out, **words, resume=False).reused == ()


@pytest.mark.parametrize(
    ("circles", "sentence"),
    [
        ([], "No particle was measured: there is no size distribution."),
        ([(100, 100, 20)], "Only one particle was measured"),
        (
            [(0, 100, 30), (419, 300, 30), (200, 0, 30)],
            "Every particle that was found is cut by the border",
        ),
        ([(210, 260, 300)], ""),
    ],
)
def test_no_number_is_invented(tmp_path, circles, sentence):
    put(tmp_path / "in/a.png", picture(circles))
    result = measure(tmp_path / "in", None, tmp_path / "out", method="otsu")
    text = (tmp_path / "out/a_report.html").read_text()
    assert sentence in text and "The pixel size is unknown" in text
    assert result.distribution.count < 2 and not (tmp_path / "out/sizes.png").exists()
    for estimate in record(tmp_path / "out", "a")["distribution"]["statistics"].values():
        assert estimate == {"value": None, "low": None, "high": None}
    assert all(row["diameter_nm"] == "" for row in table(tmp_path / "out/a_particles.csv"))
    assert "D50" in (tmp_path / "out/index.html").read_text()


def test_images_of_unknown_scale_stay_out_of_a_pool_in_nm(tmp_path):
    put(tmp_path / "in/unknown.png", picture(two_families()[:20]))
    known = picture(two_families()[:30])
    tifffile.imwrite(tmp_path / "in/known.tif", known, imagej=True, resolution=(4, 4),
                     metadata={"unit": "nm"})  # fmt: skip
    (tmp_path / "in/cut.png").write_bytes(b"\x89PNG")
    result = measure(tmp_path / "in", None, tmp_path / "out", method="otsu")
    assert len(result.errors) == 1 and "cut.png" in result.errors[0]
    assert (result.distribution.unit, result.distribution.count) == ("nm", 29)
    summary = json.loads((tmp_path / "out/summary.json").read_text())
    sizes = {one["image"]: one["pixel_size_source"] for one in summary["images"]}
    assert sizes == {"known": "file", "unknown": None}
    assert "The pixel size of 1 of 2 images is unknown" in summary["warnings"][0]
    index = (tmp_path / "out/index.html").read_text()
    assert "unknown_report.html" in index and "cut.png" in index


def test_who_says_the_pixel_size():
    pixels = np.zeros((40, 40, 1), np.uint8)
    assert PixelSizes().of(Micrograph(pixels, 0.5)).source == "file"
    agreed = PixelSizes(0.5).of(Micrograph(pixels, 0.5))
    assert (agreed.nm, agreed.source, agreed.notes) == (0.5, "argument", ())
    (note,) = PixelSizes(2.0).of(Micrograph(pixels, 0.5)).notes
    assert "states 0.5 nm" in note and "2 nm were given" in note
    for impossible in (0.0, -1.0, float("nan")):
        size = PixelSizes().of(Micrograph(pixels, impossible))
        assert size.nm is None and size.source is None and "cannot be" in size.notes[0]


def test_a_scale_bar_says_the_pixel_size_and_is_compared_with_the_file():
    config = SceneConfig(shape=(300, 400), number=6, pixel_size_nm=2.0, scale_bar="caps")
    pixels = simulate(config, seed=1).pixels[..., None]
    read = PixelSizes().of(Micrograph(pixels))
    assert read.source == "scale bar" and read.nm == pytest.approx(2.0, rel=0.02)
    assert PixelSizes(scale_bar=False).of(Micrograph(pixels)).nm is None
    assert PixelSizes().of(Micrograph(pixels, 2.0)).source == "file"
    disagreed = PixelSizes().of(Micrograph(pixels, 3.0))
    assert disagreed.nm is None and "the file 3 nm" in disagreed.notes[0]
    assert PixelSizes(3.0).of(Micrograph(pixels)).nm == 3.0


def test_classes_overlaps_and_large_images():
    """Four discs of two classes, two over each other, in an image larger than a page."""
    rows, columns = np.indices((61, 61))
    disc = np.hypot(rows - 30, columns - 30) <= 30
    places = ((100, 100), (100, 130), (700, 1500), (800, 300))
    items = [Instance(*place, disc, 1 + i % 2, 0.9) for i, place in enumerate(places)]
    instances = Instances((900, 2000), items)
    micrograph = Micrograph(np.full((900, 2000, 1), 90, np.uint8), 2.0, Path("x.png"))
    segmenter = Segmenter(lambda image: instances, ("core", "shell"), overlapping=True)
    size = PixelSizes(0.5).of(micrograph)
    about = instances, size, segmenter, {"seed": 0}, ("Odd.",)
    subject = Subject("x", micrograph, micrograph.grey(), *about)
    files = measured_files(subject)
    assert list(files)[-1] == "x_measurement.json" and len(files) == 8
    lines = list(csv.DictReader(files["x_particles.csv"].decode().splitlines()))
    assert [line["class"] for line in lines] == ["core", "shell"] * 2
    assert len({line["area_px"] for line in lines}) == 1
    assert float(lines[0]["nearest_neighbour_nm"]) == 15
    assert '"pixel_size_nm": 0.5' in files["x_instances.json"].decode()
    page = files["x_report.html"].decode()
    assert "Odd." in page and "states 2 nm" in page
    code = re.search(r'src="data:image/png;base64,([^"]+)"', page).group(1)
    shown = cv2.imdecode(np.frombuffer(base64.b64decode(code), np.uint8), cv2.IMREAD_COLOR)
    assert shown.shape == (540, 1200, 3)
    outlined = (shown == np.array(FAMILY_COLOURS[0])[::-1]).all(axis=2)
    assert cv2.connectedComponents(outlined.astype(np.uint8))[0] - 1 == 3


def test_wrong_arguments_write_nothing(tmp_path):
    put(tmp_path / "a.png", picture([]))
    for options, message in (
        ({}, "either a checkpoint or"),
        ({"method": "otsu", "pixel_size_nm": 0}, "pixel_size_nm=0"),
        ({"method": "otsu", "seed": -1}, "seed"),
    ):
        with pytest.raises(UserError, match=message):
            measure(tmp_path, None, tmp_path / "out", **options)
    with pytest.raises(UserError, match="choose another output folder"):
        measure(tmp_path, None, tmp_path, method="otsu")
    assert {path.name for path in tmp_path.iterdir()} == {"a.png"}


def test_command(tmp_path, capsys):
    put(tmp_path / "in/a.png", picture(two_families()[:12]))
    words = ["measure", str(tmp_path / "in"), "--method", "otsu", "--out", str(tmp_path / "out")]
    words += ["--pixel-size-nm", "0.5", "--no-scale-bar", "--quiet"]
    assert main(words) == 0
    printed = capsys.readouterr()
    assert "12 particles in 1 image (0 measured before); 11 of them" in printed.out
    assert "d50_number" in printed.out and "index.html" in printed.out and printed.err == ""
    (tmp_path / "in/b.png").write_bytes(b"")
    assert main(words) == 2
    printed = capsys.readouterr()
    assert "(1 measured before)" in printed.out and "b.png is empty" in printed.err


def test_letters_and_strip_are_no_particles_and_cut_what_touches_them(tmp_path):
    """Two discs on the strip's edge are cut by it; bar and text do not count."""
    config = SceneConfig(
        (300, 400), "bf-tem", number=0, info_bar="light", scale_bar="line", pixel_size_nm=2.0
    )
    blank = simulate(config, seed=3)
    top = find_info_bar(blank.pixels)[0]
    circles = [(60, 60, 15), (60, 200, 15), (150, 90, 15), (top, 250, 15), (top, 320, 15)]
    pixels = np.where(np.indices(blank.pixels.shape)[0] < top,
                      picture(circles, blank.pixels.shape), blank.pixels)  # fmt: skip
    put(tmp_path / "in/a.png", pixels.astype(np.uint8))
    result = measure(tmp_path / "in", None, tmp_path / "out", method="otsu")
    found = record(tmp_path / "out", "a")
    assert found["particles"] == {"found": 5, "cut_by_border": 2, "measured": 3}
    assert result.counts == {"a": 5} and found["pixel_size_source"] == "scale bar"
    assert set(found["excluded"]) == {"information bar", "scale bar", "text of the scale bar"}
    took = sum(part["detections"] for part in found["excluded"].values())
    assert took >= 1
    page = (tmp_path / "out/a_report.html").read_text()
    assert "Detections that are left out, because they lie where there is no specimen" in page
    assert f"Rows {top} to 299 are an information bar" in page
    rows = table(tmp_path / "out/a_particles.csv")
    assert [row["touches_border"] for row in rows].count("1") == 2


def test_a_scale_bar_is_looked_for_once_a_file(tmp_path):
    config = SceneConfig(shape=(300, 400), number=6, pixel_size_nm=2.0, scale_bar="box")
    first = simulate(config, seed=1).pixels[..., None]
    blank = np.full_like(first, 200)
    path = Path("stack.tif")
    stated = PixelSizes()
    assert stated.of(Micrograph(first, 2.0, path, "frame001")).seen.bar is not None
    assert stated.of(Micrograph(blank, 2.0, path, "frame002")).seen.bar is not None
    assert stated.of(Micrograph(blank, 3.0, path, "frame003")).seen.bar is None
    assert stated.of(Micrograph(blank, 3.0, Path("other.tif"))).seen.bar is None
    unstated = PixelSizes()
    assert unstated.of(Micrograph(first, None, path, "frame001")).source == "scale bar"
    again = first.copy()
    again[:100] = blank[:100]
    found = unstated.of(Micrograph(again, None, path, "frame004"))
    assert found.source == "scale bar"
    assert found.seen is unstated.of(Micrograph(first, None, path, "frame005")).seen
    assert unstated.of(Micrograph(blank, None, path, "frame002")).nm is None


def cores_in_shells(shape=(300, 400)) -> np.ndarray:
    """A grid of 12 discs of radius 24 with cores of radius 13, and one without a core."""
    rows, columns = np.indices(shape)
    image = np.full(shape, 200.0)
    for number in range(13):
        row, column = 35 + 60 * (number // 5), 40 + 70 * (number % 5)
        distance = np.hypot(rows - row, columns - column)
        image[distance <= 24] = 110
        image[(distance <= 13) & (number < 12)] = 40
    return (image + np.random.default_rng(0).normal(0, 3, shape)).astype(np.uint8)


def test_cores_and_shells_are_measured_and_drawn(tmp_path):
    put(tmp_path / "in/a.png", cores_in_shells())
    words = ["measure", str(tmp_path / "in"), "--method", "otsu", "--out", str(tmp_path / "out")]
    words += ["--pixel-size-nm", "0.5", "--no-scale-bar", "--quiet"]
    assert main([*words, "--core-shell"]) == 0
    for name in ("a_particles.csv", "particles.csv"):
        rows = table(tmp_path / "out" / name)
        assert sum(row["core_diameter_px"] == "" for row in rows) == 1
        for row in rows[:12]:
            assert float(row["core_diameter_nm"]) == pytest.approx(13, rel=0.06)
            assert float(row["shell_thickness_nm"]) == pytest.approx(5.5, abs=0.5)
    cores = record(tmp_path / "out", "a")["core_shell"]
    assert cores["with_core"] == 12
    assert cores["distribution"]["statistics"]["mean_nm"]["value"] == pytest.approx(13, rel=0.06)
    labels = cv2.imread(str(tmp_path / "out/a_labels.png"), cv2.IMREAD_UNCHANGED)
    inner = cv2.imread(str(tmp_path / "out/a_core_labels.png"), cv2.IMREAD_UNCHANGED)
    assert set(np.unique(inner)) == set(range(13)) and ((labels == inner) | (inner == 0)).all()
    page = (tmp_path / "out/a_report.html").read_text()
    assert "In 12 of 13 particles a core stands out" in page and page.count("<img") == 3
    assert main(words) == 0
    assert "core_diameter_px" not in table(tmp_path / "out/a_particles.csv")[0]
    assert not (tmp_path / "out/a_core_labels.png").exists()
