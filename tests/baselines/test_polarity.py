"""The decision between bright and dark particles."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import cv2
import numpy as np
import pytest

from nanozoo.baselines.polarity import find_polarity
from nanozoo.baselines.preparation import to_unit

SPLITS = Path(__file__).parents[2] / "benchmarks" / "splits"


def lattice(radius: int) -> np.ndarray:
    """`(240, 240)` float64 with bright discs of a radius on a grid of 40 px, whole ones only."""
    image = np.zeros((240, 240))
    for x in range(20, 240, 40):
        for y in range(20, 240, 40):
            cv2.circle(image, (x, y), radius, 1.0, -1)
    return image


def large(radius: int) -> np.ndarray:
    """One bright disc in the middle of 240 x 240 px."""
    image = np.zeros((240, 240))
    cv2.circle(image, (120, 120), radius, 1.0, -1)
    return image


@pytest.mark.parametrize(
    "scene", [lattice(6), lattice(19), large(20), large(110)], ids=["few", "dense", "one", "huge"]
)
@pytest.mark.parametrize("noise", [0.0, 0.2])
def test_both_polarities_are_found_whichever_side_is_larger(scene, noise):
    grains = np.random.default_rng(0).normal(0.0, noise, scene.shape)
    assert find_polarity(to_unit(scene + grains)) == "bright"
    assert find_polarity(to_unit(grains - scene)) == "dark"


@pytest.mark.data
@pytest.mark.skipif("NANOZOO_DATA" not in os.environ, reason="NANOZOO_DATA is not set")
@pytest.mark.parametrize(
    "dataset, wanted", [("emps", 0.9), ("nanoshapes-tem", 1.0), ("nanocomposite-sem", 1.0)]
)
def test_polarity_of_validation_micrographs(dataset, wanted):
    folder = Path(os.environ["NANOZOO_DATA"]) / dataset
    with open(SPLITS / f"{dataset}.csv", newline="", encoding="utf-8") as stream:
        names = [row["name"] for row in csv.DictReader(stream) if row["split"] == "val"]
    right = []
    for name in names:
        path = next((folder / "images").glob(f"{name}.*"))
        unit = to_unit(cv2.imread(str(path), cv2.IMREAD_GRAYSCALE))
        mask = cv2.imread(str(folder / "masks" / f"{name}.png"), cv2.IMREAD_UNCHANGED) > 0
        truth = "bright" if unit[mask].mean() > unit[~mask].mean() else "dark"
        right.append(find_polarity(unit) == truth)
    assert np.mean(right) >= wanted
