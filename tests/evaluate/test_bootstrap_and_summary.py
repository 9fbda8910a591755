import numpy as np
import pytest

from nanozoo.evaluate.bins import CONTRAST_BINS
from nanozoo.evaluate.bootstrap import bootstrap_mean, paired_difference
from nanozoo.evaluate.summary import (
    SCORES,
    paired_bins,
    paired_scores,
    score_bins,
    summarise,
    summarise_bins,
)


def test_interval_of_a_mean_has_the_normal_width():
    values = np.random.default_rng(1).normal(5, 2, 400)
    interval = bootstrap_mean(values, seed=3)
    half = 1.96 * values.std() / 20
    assert interval.mean == pytest.approx(values.mean())
    assert interval.low == pytest.approx(values.mean() - half, abs=0.03)
    assert interval.high == pytest.approx(values.mean() + half, abs=0.03)
    assert interval == bootstrap_mean(values, seed=3)
    assert interval != bootstrap_mean(values, seed=4)


def test_clusters_widen_the_interval():
    image = np.repeat(np.arange(10), 50)
    values = image.astype(float)
    alone = bootstrap_mean(values)
    clustered = bootstrap_mean(values, image.tolist())
    assert clustered.high - clustered.low > 4 * (alone.high - alone.low)
    assert (clustered.count, clustered.clusters) == (500, 10)


def test_missing_values_and_single_images():
    interval = bootstrap_mean(np.array([1.0, np.nan, 3.0]))
    assert (interval.mean, interval.count) == (2.0, 2)
    single = bootstrap_mean(np.array([1.0, 2.0]), ["a", "a"])
    assert single.mean == 1.5 and np.isnan(single.low)
    assert np.isnan(bootstrap_mean(np.array([np.nan])).mean)


def test_pairing_sees_a_small_steady_difference():
    hard = np.random.default_rng(0).uniform(0, 1, 50)
    better = hard + 0.02
    paired = paired_difference(better, hard)
    assert paired.low == pytest.approx(0.02) and paired.high == pytest.approx(0.02)
    assert paired_difference(hard, better).high < 0
    noise = np.random.default_rng(2).normal(0, 1, 50)
    none = paired_difference(noise, np.zeros(50))
    assert none.low < 0 < none.high


def rows() -> list[dict]:
    generator = np.random.default_rng(0)
    return [
        {
            "dataset": "a",
            "image": f"i{image}",
            "method": method,
            "particle": number,
            "contrast": 3.0,
            "diameter_px": 8.0 if number <= 3 else 60.0,
            "best_iou": base + 0.01 * generator.uniform(),
        }
        for image in range(6)
        for method, base in (("net", 0.9), ("otsu", 0.5))
        for number in range(1, 11)
    ]


def test_bins_of_particles_and_their_counts():
    table = {(r["method"], r["quantity"], r["bin"]): r for r in summarise_bins(rows())}
    small = table["net", "diameter_px", "<10"]
    assert (small["particles"], small["images"], small["counts"]) == (18, 6, 0)
    large = table["net", "diameter_px", "45-90"]
    assert (large["particles"], large["counts"]) == (42, 1)
    assert large["low"] < large["mean"] < large["high"]
    assert table["otsu", "all", "all"]["particles"] == 60
    assert ("net", "contrast", "2-4") in table and ("net", "contrast", "<1") not in table


def test_paired_bins_have_the_sign_of_the_better_method():
    table = paired_bins(rows(), [("net", "otsu")])
    assert {row["bin"] for row in table} == {"all", "2-4", "<10", "45-90"}
    for row in table:
        assert 0.37 < row["low"] <= row["mean"] <= row["high"] < 0.43
        assert (row["first"], row["second"], row["dataset"]) == ("net", "otsu", "a")


def test_particles_that_only_one_method_saw_are_no_pair():
    some = [r for r in rows() if not (r["method"] == "otsu" and r["image"] == "i0")]
    (whole,) = [r for r in paired_bins(some, [("net", "otsu")]) if r["quantity"] == "all"]
    assert (whole["particles"], whole["images"]) == (50, 5)


def image_row(dataset: str, image: int, method: str, value: float) -> dict:
    names = {"dataset": dataset, "image": f"i{image}", "method": method, "contrast": 1.5}
    return names | dict.fromkeys(SCORES, value)


def test_summary_by_dataset_and_pooled():
    scores = [image_row(d, i, "otsu", v) for d, v in (("a", 0.2), ("b", 0.8)) for i in range(4)]
    table = {(r["dataset"], r["score"]): r for r in summarise(scores)}
    assert table["a", "jsc"]["mean"] == pytest.approx(0.2)
    assert table["all", "jsc"]["mean"] == pytest.approx(0.5)
    assert table["all", "jsc"]["images"] == 8
    assert {r["dataset"] for r in summarise(scores[:4])} == {"a"}
    (bin_row,) = score_bins(scores, "contrast", CONTRAST_BINS)
    assert (bin_row["bin"], bin_row["images"]) == ("1-2", 8)


def test_paired_scores_of_images():
    scores = [image_row("a", i, "net", 0.9) for i in range(3)]
    scores += [image_row("a", i, "otsu", 0.6) for i in range(2)]
    table = {r["score"]: r for r in paired_scores(scores, [("net", "otsu")])}
    assert table["jsc"]["mean"] == pytest.approx(0.3)
    assert table["jsc"]["images"] == 2
