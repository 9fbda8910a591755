"""Measuring with shapes: columns, gallery, sizes by shape, resuming, and wrong checkpoints."""

import base64
import csv
import json
import re

import cv2
import numpy as np
import pytest
import tifffile

from nanozoo.cli.main import main
from nanozoo.core.errors import UserError
from nanozoo.core.files import write_bytes
from nanozoo.core.instances import Instances
from nanozoo.engines.shapes import Shapes
from nanozoo.measure.crops import extract_particles
from nanozoo.workflows.measure import measure
from nanozoo.workflows.particle_shapes import ShapeNamer

SIZE = 32
CLASSES = ("circle", "rod")
BAR = (40, 10)


def scene(discs: int, bars: int, cut: bool = False) -> np.ndarray:
    """Rows of dark discs of 20 px and upright bars on a bright ground, apart from each other."""
    labels = np.zeros((60 * max(1, -(-(discs + bars) // 8)), 420), np.uint8)
    for number in range(discs + bars):
        row, column = 30 + 60 * (number // 8), 30 + 50 * (number % 8)
        if number < discs:
            cv2.circle(labels, (column, row), 10, 1, -1)
        else:
            height, width = (side // 2 for side in BAR)
            labels[row - height : row + height, column - width : column + width] = 1
    if cut:
        labels[:8, 300:340] = 1
    noise = np.random.default_rng(0).normal(0, 3, labels.shape)
    return (190.0 - 130 * labels + noise).astype(np.uint8)


def put(path, pixels):
    path.parent.mkdir(parents=True, exist_ok=True)
    write_bytes(path, cv2.imencode(".png", pixels)[1].tobytes())


def table(path) -> list[dict[str, str]]:
    with open(path, newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    """A shape CNN of random features whose last layer is fitted to discs and bars."""
    import keras
    from sklearn.linear_model import LogisticRegression

    from nanozoo.models.checkpoint import save_checkpoint
    from nanozoo.models.shape_cnn import build_shape_cnn

    folder = tmp_path_factory.mktemp("shapes") / "discs and bars"
    pixels = scene(16, 16)
    instances = Instances.from_labels(cv2.connectedComponents((pixels < 125).astype(np.uint8))[1])
    crops = extract_particles(pixels.astype(np.float32), instances, SIZE)
    labels = [int(item.mask.shape[0] > 2 * item.mask.shape[1]) for item in instances]
    arguments = {"num_classes": 2, "backbone": "plain", "level": "C3"}
    keras.utils.set_random_seed(0)
    model = build_shape_cnn((SIZE, SIZE, 1), **arguments)
    features = keras.Model(model.input, model.get_layer("features").output)
    found = features.predict(crops, verbose=0)
    spread = found.std()
    fit = LogisticRegression(C=100).fit(found / spread, labels)
    assert fit.score(found / spread, labels) == 1
    slopes, offset = fit.coef_[0] / spread, fit.intercept_[0]
    model.get_layer("classes_logits").set_weights(
        [np.stack([0 * slopes, slopes], axis=1), np.array([0.0, offset])]
    )
    save_checkpoint(
        model, folder, name="discs and bars", builder="shape_cnn", arguments=arguments,
        classes=CLASSES, inference={"size": SIZE, "sure": 0.6}, dtype="float32",
    )  # fmt: skip
    return folder


@pytest.fixture(scope="module")
def measured(checkpoint, tmp_path_factory):
    folder = tmp_path_factory.mktemp("measured")
    put(folder / "in/a.png", scene(6, 10, cut=True))
    stack = np.stack([scene(8, 0), scene(0, 8)])
    tifffile.imwrite(folder / "in/b.tif", stack)
    result = measure(
        folder / "in", None, folder / "out", method="otsu", pixel_size_nm=0.5,
        shapes=checkpoint, size_by_shape=True,
    )  # fmt: skip
    return folder / "out", result


def test_every_particle_has_a_shape_and_a_probability(measured):
    out, result = measured
    assert result.errors == () and len(result.counts) == 3
    assert result.shapes == {"circle": 14, "rod": 18, "unsure": 1}
    rows = table(out / "a_particles.csv")
    for row in rows:
        upright = float(row["feret_max_px"]) > 2 * float(row["feret_min_px"])
        whole = row["touches_border"] == "0"
        assert row["shape"] == ((("circle", "rod")[upright]) if whole else "unsure")
        assert 0.5 <= float(row["shape_probability"]) <= 1
        assert float(row["edge_length_px"]) == pytest.approx(float(row["area_px"]) ** 0.5, 1e-4)
    assert len(table(out / "particles.csv")) == 33


def test_shapes_say_what_a_size_is(measured):
    """The discs of a frame have diameters, the bars of another lengths and widths."""
    out, result = measured
    records = {path.name: json.loads(path.read_text()) for path in out.glob("*_measurement.json")}
    sizes = {name.split("_m")[0]: one["size"]["measure"] for name, one in records.items()}
    assert sorted(sizes.values()) == ["diameter", "feret_max", "feret_max"]
    assert sizes["a"] == "feret_max" and result.size.measure == "feret_max"
    found = records["a_measurement.json"]["distribution"]["statistics"]
    assert found["d50_number_nm"]["value"] == pytest.approx(0.5 * np.hypot(*BAR), rel=0.04)
    shapes = {
        (row["shape"], row["measure"]): row for row in records["a_measurement.json"]["shapes"]
    }
    assert shapes["rod", "feret_min"]["mean"] == pytest.approx(0.5 * BAR[1], rel=0.04)
    assert shapes["circle", "diameter"]["mean"] == pytest.approx(10.4, rel=0.05)
    assert shapes["unsure", "diameter"] == shapes["unsure", "diameter"] | {
        "found": 1, "measured": 0, "mean": None}  # fmt: skip
    text = {row["quantity"]: row["value"] for row in table(out / "a_distribution.csv")}
    assert text["size_measure"] == "feret_max"
    summary = json.loads((out / "summary.json").read_text())
    assert [row["found"] for row in summary["shapes"]] == [14, 18, 18, 1]


def test_report_shows_the_gallery_and_names_the_measure(measured):
    out, _ = measured
    text = (out / "a_report.html").read_text()
    reason = "its length (largest Feret diameter): it suits 10 of 16 whole particles whose shape"
    assert reason in text and "<h2>Shapes</h2>" in text
    gallery = base64.b64encode((out / "a_shapes.png").read_bytes()).decode()
    assert gallery in text
    for cell in ("circle", "rod", "unsure", "Feret min", "probability"):
        assert f">{cell}<" in text
    index = (out / "index.html").read_text()
    assert ">Feret max<" in index and ">diameter<" in index and "<h2>Shapes</h2>" in index


def test_what_changes_about_shapes_is_measured_again(checkpoint, tmp_path):
    from nanozoo.models.checkpoint import set_inference

    put(tmp_path / "in/a.png", scene(4, 2))
    words = {"method": "otsu", "scale_bar": False}

    def again(**options):
        return measure(tmp_path / "in", None, tmp_path / "out", **words, **options)

    again(shapes=checkpoint)
    assert again(shapes=checkpoint).reused == ("a",)
    assert (tmp_path / "out/a_shapes.png").is_file()
    rows = table(tmp_path / "out/a_particles.csv")
    assert [name for name in rows[0] if "edge_length" in name] == []
    assert again(shapes=checkpoint, size_by_shape={"rod": ("feret_min",)}).reused == ()
    assert "edge_length_px" in table(tmp_path / "out/a_particles.csv")[0]
    inference = json.loads((checkpoint / "config.json").read_text())["inference"]
    set_inference(checkpoint, {"sure": 1.0})
    try:
        assert again(shapes=checkpoint).shapes == {"unsure": 6}
    finally:
        set_inference(checkpoint, inference)
    assert again().reused == () and not (tmp_path / "out/a_shapes.png").exists()
    assert "shape" not in table(tmp_path / "out/a_particles.csv")[0]


def test_an_image_without_particles_has_no_gallery(checkpoint, tmp_path):
    put(tmp_path / "in/a.png", scene(0, 0))
    result = measure(
        tmp_path / "in", None, tmp_path / "out", method="otsu", shapes=checkpoint,
        size_by_shape=True, scale_bar=False,
    )  # fmt: skip
    assert result.shapes == {} and not (tmp_path / "out/a_shapes.png").exists()
    assert "there is no size distribution" in (tmp_path / "out/a_report.html").read_text()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"size_by_shape": True}, "`shapes`.*`size_by_shape`"),
        ({"morphologies": {"circle": "x"}}, "`shapes`.*`morphologies`"),
        (
            {"shapes": "unet-efficientnet_lite0-em-v2"},
            "unet-efficientnet_lite0-em-v2 finds particles",
        ),
        ({"shapes": "nothing"}, "no checkpoint called 'nothing'"),
        ({"size_by_shape": {"cube": ("diameter",)}, "shapes": None}, "'circle', 'rod'.*'cube'"),
        ({"size_by_shape": {"rod": ("lenght",)}, "shapes": None}, "'feret_min'.*'lenght'"),
        ({"morphologies": {"cube": "x"}, "shapes": None}, "'circle', 'rod'.*'cube'"),
    ],
)
def test_wrong_arguments_write_nothing(checkpoint, tmp_path, options, message):
    """Where `shapes` is None here it is the checkpoint."""
    put(tmp_path / "in/a.png", scene(1, 0))
    if "shapes" in options:
        options = {**options, "shapes": options["shapes"] or checkpoint}
    with pytest.raises(UserError, match=message):
        measure(tmp_path / "in", None, tmp_path / "out", method="otsu", **options)
    assert not (tmp_path / "out").exists()


def test_command(checkpoint, tiny_checkpoint, tmp_path, capsys):
    put(tmp_path / "in/a.png", scene(2, 6))
    words = ["measure", str(tmp_path / "in"), "--method", "otsu", "--out", str(tmp_path / "out")]
    words += ["--quiet", "--no-scale-bar"]
    by_width = ["--size-of", "rod=feret_min, feret_max", "--morphology", f"rod={checkpoint}"]
    assert main([*words, "--shapes", str(checkpoint), *by_width]) == 0
    record = json.loads((tmp_path / "out/a_measurement.json").read_text())
    assert record["parameters"]["shapes of rod"]["checkpoint"] == "discs and bars"
    printed = capsys.readouterr().out
    assert "shapes: circle 2, rod 6" in printed
    assert "its width (smallest Feret diameter): it suits 6 of 8" in printed
    (mean,) = re.findall(r"^mean +([\d.]+)", printed, re.M)
    assert float(mean) < 15
    for wrong, sentence in (
        (["--shapes", str(tiny_checkpoint)], "Expected the checkpoint of a shape CNN, but tiny"),
        (["--shapes", str(checkpoint), "--size-of", "rod"], "SHAPE=MEASURE"),
        (["--shapes", str(checkpoint), "--morphology", "=x"], "OUTLINE=NAME"),
        (["--size-by-shape"], "size_by_shape=True"),
    ):
        assert main([*words, *wrong]) == 2
        error = capsys.readouterr().err
        assert sentence in error and error.count("\n") == 1


def test_a_short_name_does_not_cut_unsure_short():
    def rods(grey, instances):
        return Shapes(("rod",), np.ones((2, 1)), np.ones(2, bool))

    namer = ShapeNamer(rods, ("rod",), None, {})
    described = namer.describe(None, (), {"touches_border": np.array([True, False])})
    assert described["shape"].tolist() == ["unsure", "rod"]
