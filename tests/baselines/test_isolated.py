"""The paradigm of isolated particles: what stands alone, and what is left out."""

from __future__ import annotations

import numpy as np
import pytest

from nanozoo.baselines.hybrid import hybrid
from nanozoo.baselines.isolated import isolated, pick_isolated

ALONE = [(60, 60, 18), (150, 60, 10)]
CLUSTERS = {
    "touching": [(60, 170, 18), (96, 170, 18)],
    "overlapping": [(160, 180, 20), (182, 180, 20)],
    "at the border": [(215, 3, 15)],
}


def mask_of(circles: list[tuple[int, int, int]]) -> np.ndarray:
    """`(220, 220)` bool, discs of x, y and radius."""
    rows, columns = np.indices((220, 220))
    return np.any([np.hypot(columns - x, rows - y) <= r for x, y, r in circles], axis=0)


def image_of(circles: list[tuple[int, int, int]], noise: float = 6.0) -> np.ndarray:
    return np.random.default_rng(0).normal(np.where(mask_of(circles), 60.0, 180.0), noise)


@pytest.mark.parametrize("kind", CLUSTERS)
def test_what_touches_is_left_out_and_its_area_counted(kind):
    excluded = mask_of(CLUSTERS[kind])
    picked = pick_isolated(mask_of(ALONE) | excluded)
    np.testing.assert_array_equal(picked.labels > 0, mask_of(ALONE))
    np.testing.assert_array_equal(picked.excluded, excluded)
    assert set(np.unique(picked.labels)) == {0, 1, 2}
    share = excluded.sum() / (excluded.sum() + mask_of(ALONE).sum())
    assert picked.excluded_share == pytest.approx(share)


def test_the_method_picks_among_the_pieces_of_hybrid_thresholding():
    image = image_of([*ALONE, *sum(CLUSTERS.values(), [])])
    labels = isolated(image)
    assert labels.max() == len(ALONE)
    for x, y, radius in ALONE:
        inside = labels == labels[y, x]
        assert 2 * np.sqrt(inside.sum() / np.pi) == pytest.approx(2 * radius, abs=2.5)
    foreground = hybrid(image)
    picked = pick_isolated(foreground)
    np.testing.assert_array_equal(picked.labels, labels)
    np.testing.assert_array_equal((picked.labels > 0) | picked.excluded, foreground > 0)
    assert not (picked.excluded & (picked.labels > 0)).any()


def test_nothing_stands_alone_and_nothing_is_there():
    crowded = pick_isolated(mask_of(CLUSTERS["touching"]))
    assert crowded.labels.max() == 0 and crowded.excluded_share == 1
    blank = pick_isolated(np.zeros((30, 30), bool))
    assert blank.labels.max() == 0 and blank.excluded_share == 0


def test_a_turn_of_180_degrees_takes_every_piece_within_the_image():
    mask = mask_of(CLUSTERS["overlapping"])
    assert pick_isolated(mask, min_turn=180.0).labels.max() == 1
