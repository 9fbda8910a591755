"""Figures of measured means, and of particles that stand alone: what is in the data is drawn."""

import cv2
import numpy as np

from nanozoo.baselines.isolated import pick_isolated
from nanozoo.viz.agreement import FALSE_POSITIVE, Example, draw_agreement
from nanozoo.viz.dependence import draw_particle_bins
from nanozoo.viz.intervals import draw_intervals
from nanozoo.viz.learning import draw_by_images
from nanozoo.viz.picked import draw_corners, draw_picked
from nanozoo.viz.sizes import draw_sizes
from nanozoo.viz.style import method_styles

METHODS = ("otsu", "hybrid", "unet")


def shown(path) -> np.ndarray:
    return cv2.imread(str(path))[..., ::-1].astype(int)


def columns_of(picture: np.ndarray, colour: str) -> np.ndarray:
    """Columns in which a colour occurs."""
    wanted = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    return np.flatnonzero((np.abs(picture - wanted).max(axis=2) <= 2).any(axis=0))


def row(mean: float, **more) -> dict:
    return {"mean": mean, "low": mean - 0.05, "high": mean + 0.05, **more}


def test_a_higher_mean_stands_further_right_and_an_absent_method_is_not_drawn(tmp_path):
    values = [row(0.2, method="otsu"), row(0.8, method="unet")]
    draw_intervals(tmp_path / "figure.png", {"JSC": values}, METHODS)
    picture, styles = shown(tmp_path / "figure.png"), method_styles(METHODS)
    low, high = (columns_of(picture, styles[name].colour) for name in ("otsu", "unet"))
    assert low.max() < high.min()
    assert not len(columns_of(picture, styles["hybrid"].colour))


def test_bins_of_contrast_and_size_stand_beside_each_other(tmp_path):
    bins = (("<1", "1-2"), ("<10", "10-20"))
    kinds = ([row(0.5, method="otsu", bin="<1", particles=30)], [])
    draw_particle_bins(tmp_path / "figure.png", *kinds, bins, ("otsu",))
    picture = shown(tmp_path / "figure.png")[:-120]  # without the legend
    assert columns_of(picture, method_styles(("otsu",))["otsu"].colour).max() < len(picture[0]) / 2


def test_every_start_has_its_line_from_few_to_many_images(tmp_path):
    starts = ("scratch", "em")
    means = dict(zip(starts, (0.3, 0.7)))
    rows = [row(means[start], start=start, images=count) for start in starts for count in (1, 50)]
    draw_by_images(tmp_path / "figure.png", {"JSC": rows, "F1": rows}, starts)
    picture = shown(tmp_path / "figure.png")
    for style in method_styles(starts).values():
        assert np.ptp(columns_of(picture, style.colour)) > 0.6 * picture.shape[1]


def test_what_touches_is_shaded_and_its_corners_are_marked():
    mask = np.zeros((80, 80), np.uint8)
    cv2.circle(mask, (15, 15), 9, 1, -1)
    for x in (40, 54):
        cv2.circle(mask, (x, 50), 10, 1, -1)
    image = np.where(mask, 60, 200).astype(np.uint8)
    drawn = draw_picked(image, pick_isolated(mask)).astype(int)
    coloured = np.ptp(drawn, axis=2) > 0
    assert coloured[40:61, 35:60].mean() > 0.6 and not coloured[15, 15]
    corners = (draw_corners(mask) == FALSE_POSITIVE).all(axis=2)
    y, x = np.nonzero(corners)
    assert len(y) and np.abs(x - 47).max() < 8 and set(np.sign(y - 50)) == {-1, 1}


def test_many_methods_are_drawn_in_rows_of_a_bounded_width(tmp_path):
    methods = [f"m{number}" for number in range(7)]
    truth = np.zeros((60, 60), bool)
    truth[20:40, 20:40] = True
    few = methods[:3]
    for names in (few, methods):
        example = Example("a", truth, truth, dict.fromkeys(names, truth), dict.fromkeys(names, 1))
        draw_agreement(tmp_path / f"{len(names)}.png", [example], names)
    one, two = (shown(tmp_path / f"{count}.png") for count in (3, 7))
    assert two.shape[1] == one.shape[1] and two.shape[0] > 1.5 * one.shape[0]


def test_size_distributions_grow_down_with_the_methods(tmp_path):
    sizes = np.linspace(5, 40, 50)
    shapes = []
    for count in (2, 6):
        keys = [("sem", f"m{number}") for number in range(count)]
        names = [method for _, method in keys]
        predicted, distance = dict.fromkeys(keys, sizes), dict.fromkeys(keys, 0.0)
        draw_sizes(tmp_path / "figure.png", {"sem": sizes}, predicted, names, distance)
        shapes.append(shown(tmp_path / "figure.png").shape)
    assert shapes[0][1] == shapes[1][1] and shapes[1][0] > 2 * shapes[0][0]
