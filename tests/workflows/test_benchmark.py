import csv
import shutil
import warnings
from pathlib import Path

import cv2
import numpy as np
import pytest

from nanozoo.core.errors import UserError
from nanozoo.core.registry import BASELINES, CHECKPOINTS
from nanozoo.workflows.benchmark import benchmark
from nanozoo.workflows.benchmark_methods import Network, find_method

HEADER = (
    "dataset,image,method,jsc,dice,sensitivity,specificity,boundary_f1,f1_50,ap,count_error,"
    "aed_error_px,ks,contrast,mean_aed_px,seconds"
)
FIGURES = [
    "figure_2_overlays.png",
    "figure_4_size_distributions.png",
    "figure_5_jsc_distributions.png",
    "figure_6_contrast.png",
    "figure_7_size.png",
    "figure_8_two_best.png",
]


def make_dataset(folder: Path, images: int = 3, binary: bool = False) -> Path:
    """Write images with three bright squares each, of known sizes."""
    for name in ("images", "masks"):
        (folder / name).mkdir(parents=True)
    for number in range(images):
        labels = np.zeros((80, 80), np.uint16)
        for label, (corner, side) in enumerate(((5, 8), (20, 12), (45, 30)), 1):
            labels[corner : corner + side, corner : corner + side] = label
        noise = np.random.default_rng(number).normal(60, 5, labels.shape)
        image = np.where(labels > 0, 200, noise).astype(np.uint8)
        mask = (labels > 0).astype(np.uint8) * 255 if binary else labels
        cv2.imwrite(str(folder / "images" / f"i{number}.png"), image)
        cv2.imwrite(str(folder / "masks" / f"i{number}.png"), mask)
    return folder


@pytest.fixture
def calls():
    """Two methods that count their calls: one is right, one sees only the largest square."""
    counts = {"right": 0, "largest": 0}

    @BASELINES.register("right")
    def right(image: np.ndarray) -> np.ndarray:
        """Label what is brighter than 120."""
        counts["right"] += 1
        return cv2.connectedComponents((image > 120).astype(np.uint8))[1]

    @BASELINES.register("largest")
    def largest(image: np.ndarray) -> np.ndarray:
        """Label the largest square alone."""
        counts["largest"] += 1
        labels = np.zeros(image.shape, np.int32)
        labels[45:75, 45:75] = 1
        return labels

    yield counts
    for name in counts:
        del BASELINES._entries[name]


def table(path: Path) -> list[dict[str, str]]:
    with open(path, newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def run(data, out, methods=("right", "largest"), figures=False, **options):
    return benchmark([data], methods, out, figures=figures, **options)


def test_tables_and_figures_of_known_methods(tmp_path, calls):
    out = tmp_path / "out"
    result = run(make_dataset(tmp_path / "squares"), out, figures=True)
    assert (result.computed, result.reused, result.errors) == (6, 0, [])
    assert (out / "scores.csv").read_text().splitlines()[0] == HEADER
    scores = {(row["image"], row["method"]): row for row in table(out / "scores.csv")}
    assert len(scores) == 6
    right, largest = scores["i1", "right"], scores["i1", "largest"]
    assert [float(right[name]) for name in ("jsc", "f1_50", "ap", "count_error", "ks")] == [
        1, 1, 1, 0, 0,
    ]  # fmt: skip
    assert float(largest["jsc"]) == pytest.approx(900 / (900 + 64 + 144), rel=1e-5)
    assert float(largest["f1_50"]) == 0.5 and float(largest["count_error"]) == 2
    particles = table(out / "particles.csv")
    assert ",".join(particles[0]) == "dataset,image,method,particle,contrast,diameter_px,best_iou"
    best = [r["best_iou"] for r in particles if (r["image"], r["method"]) == ("i1", "largest")]
    assert best == ["0", "0", "1"]
    assert [path.name for path in result.figures] == FIGURES
    for path in result.figures:
        assert cv2.imread(str(path)).std() > 5
    summary = {(r["method"], r["score"]): r for r in table(out / "summary.csv")}
    assert float(summary["largest", "dice"]["mean"]) == pytest.approx(1800 / 2008, rel=1e-5)
    bins = {(r["method"], r["bin"]): r for r in table(out / "bins.csv")}
    assert float(bins["largest", "<10"]["mean"]) == 0 and bins["largest", "<10"]["counts"] == "0"
    by_class = {row["method"]: row for row in table(out / "coco.csv")}
    assert float(by_class["right"]["ap_50"]) == float(by_class["right"]["recall"]) == 1
    assert float(by_class["largest"]["precision"]) == 1 > float(by_class["largest"]["recall"])


def test_finished_images_are_not_computed_again(tmp_path, calls):
    data, out = make_dataset(tmp_path / "squares"), tmp_path / "out"
    run(data, out)
    before = (out / "scores.csv").read_bytes()
    again = run(data, out)
    assert (again.computed, again.reused) == (0, 6)
    assert calls == {"right": 3, "largest": 3}
    assert (out / "scores.csv").read_bytes() == before


def test_interrupted_row_is_computed_again_and_nothing_doubles(tmp_path, calls):
    data, out = make_dataset(tmp_path / "squares"), tmp_path / "out"
    first = run(data, out)
    scores, particles = table(out / "scores.csv"), (out / "particles.csv").read_text()
    text = (out / "scores.csv").read_text()
    (out / "scores.csv").write_text(text[:-4])
    again = run(data, out)
    assert (again.computed, again.reused) == (1, 5)
    assert calls == {"right": 3, "largest": 4}
    assert (out / "particles.csv").read_text() == particles
    for old, new in zip(scores, table(out / "scores.csv"), strict=True):
        assert {**old, "seconds": ""} == {**new, "seconds": ""}
    assert again.bins == first.bins


def test_other_settings_are_refused_or_start_again(tmp_path, calls):
    data, out = make_dataset(tmp_path / "squares"), tmp_path / "out"
    run(data, out)
    with pytest.raises(UserError, match="other settings .methods."):
        run(data, out, ["right"])
    fresh = run(data, out, ["right"], resume=False)
    assert fresh.computed == 3
    assert {row["method"] for row in table(out / "scores.csv")} == {"right"}


def test_bad_image_is_named_and_the_others_scored(tmp_path, calls):
    data = make_dataset(tmp_path / "squares")
    broken = data / "images" / "i1.png"
    broken.write_bytes(broken.read_bytes()[:200])
    result = run(data, tmp_path / "out")
    assert len(result.errors) == 1 and "i1.png" in result.errors[0]
    assert {row["image"] for row in table(tmp_path / "out" / "scores.csv")} == {"i0", "i2"}


def test_method_that_refuses_an_image_does_not_stop_the_others(tmp_path, calls):
    @BASELINES.register("picky")
    def picky(image: np.ndarray) -> np.ndarray:
        """Refuse everything."""
        raise UserError("Too small.")

    try:
        data = make_dataset(tmp_path / "squares", images=1)
        result = run(data, tmp_path / "out", ["picky", "right"])
    finally:
        del BASELINES._entries["picky"]
    assert "i0.png, picky: Too small." in result.errors[0]
    assert [row["method"] for row in table(tmp_path / "out" / "scores.csv")] == ["right"]


def test_no_scored_image_is_an_error(tmp_path, calls):
    data = make_dataset(tmp_path / "squares", images=1)
    (data / "images" / "i0.png").write_bytes(b"no image")
    with pytest.raises(UserError, match="No image could be scored.*i0.png"):
        run(data, tmp_path / "out")


def test_split_chooses_images_and_training_images_are_pointed_out(tmp_path, calls):
    data, splits = make_dataset(tmp_path / "squares"), tmp_path / "splits"
    splits.mkdir()
    (splits / "squares.csv").write_text("name,split\ni0,train\ni1,val\ni2,test\n")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        run(data, tmp_path / "test", split="test", splits=splits)
    assert {row["image"] for row in table(tmp_path / "test" / "scores.csv")} == {"i2"}
    with pytest.warns(UserWarning, match="1 of the 3 images of squares"):
        run(data, tmp_path / "all", splits=splits)
    with pytest.raises(UserError, match="splits"):
        run(data, tmp_path / "none", split="test")


def test_dataset_without_instances_leaves_particle_scores_empty(tmp_path, calls):
    out = tmp_path / "out"
    result = run(make_dataset(tmp_path / "masks_only", binary=True), out, figures=True)
    for row in table(out / "scores.csv"):
        empty = ("f1_50", "ap", "count_error", "aed_error_px", "ks", "mean_aed_px")
        assert [row[name] for name in empty] == [""] * 6
        assert float(row["contrast"]) > 5 and float(row["jsc"]) > 0.8
    assert table(out / "particles.csv") == []
    assert "figure_7_size.png" not in {path.name for path in result.figures}


def test_size_distributions_go_by_stated_modality(tmp_path):
    from nanozoo.data.samples import find_samples
    from nanozoo.workflows.benchmark_figures import read_modalities

    data = make_dataset(tmp_path / "squares", images=2)
    (data / "images.csv").write_text("stem,modality\ni0,HAADF-STEM\n")
    kinds = read_modalities(data, find_samples(data))
    assert kinds == {("squares", "i0"): "HAADF-STEM", ("squares", "i1"): "squares"}


def test_methods_by_shorthand_and_unknown_methods():
    names = ("wordnet-a-v2", "wordnet-a-v10", "wordnet7-a-v11")
    for name in names:
        CHECKPOINTS.register(name)(object())
    try:
        assert find_method("wordnet").checkpoint == "wordnet-a-v10"
        assert find_method("wordnet7").checkpoint == "wordnet7-a-v11"
        assert find_method("wordnet-a-v2").name == "wordnet-a-v2"
        assert find_method("wordnet+flips") == Network("wordnet+flips", "wordnet-a-v10", True)
        both = find_method("wordnet+wordnet7+flips")
        assert both.flips and both.checkpoint == "wordnet-a-v10+wordnet7-a-v11"
    finally:
        for name in names:
            del CHECKPOINTS._entries[name]
    with pytest.raises(UserError, match="no method called 'otsy'.*otsu"):
        find_method("otsy")
    with pytest.raises(UserError, match="no method called 'otsu.flips'"):
        find_method("otsu+flips")


def test_a_network_with_flips_is_another_method():
    plain, turned = map(find_method, ("unet", "unet+flips"))
    assert turned.predictor.flips and not plain.predictor.flips
    assert turned.settings([])["inference"] == plain.settings([])["inference"] | {"flips": True}


def test_two_folders_of_one_name_are_refused(tmp_path, calls):
    one = make_dataset(tmp_path / "a" / "squares")
    two = make_dataset(tmp_path / "b" / "squares")
    with pytest.raises(UserError, match="different names"):
        benchmark([one, two], ["right"], tmp_path / "out")


def test_network_is_paired_with_thresholding_and_other_networks(tmp_path, calls):
    from nanozoo.models.checkpoint import save_checkpoint
    from nanozoo.models.unet import build_unet

    arguments = {"num_classes": 2, "backbone": "plain", "boundary": True}
    arguments["decoder_filters"] = [8, 8, 8, 8, 8]
    model = build_unet((None, None, 1), **arguments)
    save_checkpoint(model, tmp_path / "mine", name="mine", builder="unet", arguments=arguments)
    shutil.copytree(tmp_path / "mine", tmp_path / "twin")
    data = make_dataset(tmp_path / "squares", images=2)
    out = tmp_path / "out"
    result = run(data, out, [str(tmp_path / "mine"), "right", str(tmp_path / "twin")])
    assert result.computed == 6
    rows = [row for row in table(out / "paired.csv") if row["score"] == "jsc"]
    pairs = {(row["first"], row["second"]): float(row["mean"]) for row in rows}
    assert pairs.keys() == {("mine", "right"), ("twin", "right"), ("twin", "mine")}
    assert pairs["mine", "right"] < 0 and pairs["twin", "mine"] == 0
    whole = next(row for row in table(out / "paired_bins.csv") if row["quantity"] == "all")
    assert whole["particles"] == "6" and float(whole["mean"]) < 0
