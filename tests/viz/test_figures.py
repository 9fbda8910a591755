import cv2
import numpy as np
import pytest

from nanozoo.viz.agreement import FALSE_POSITIVE, Example, draw_agreement
from nanozoo.viz.comparison import draw_comparison
from nanozoo.viz.dependence import draw_dependence
from nanozoo.viz.distributions import draw_distributions
from nanozoo.viz.sizes import draw_sizes
from nanozoo.viz.style import method_styles

METHODS = ["otsu", "unet7-efficientnet_lite0-em-v1"]
BINS = ("<10", "10-20", "20-45", "45-90", ">=90")


def curve(counted: str) -> list[dict]:
    return [
        {"method": method, "bin": name, counted: count, "mean": 0.5, "low": low, "high": 0.6}
        for method in METHODS
        for name, count, low in (("10-20", 50, 0.4), ("45-90", 3, float("nan")))
    ]


def shown(path) -> np.ndarray:
    """RGB pixels of a figure that was written."""
    picture = cv2.imread(str(path))
    assert picture is not None and min(picture.shape[:2]) > 200
    return picture[..., ::-1]


def has_colour(picture: np.ndarray, colour: str) -> bool:
    wanted = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    return bool((np.abs(picture.astype(int) - wanted).max(axis=2) <= 2).any())


def test_methods_are_told_apart_by_colour_and_marker():
    styles = method_styles([f"m{i}" for i in range(14)])
    assert len({(style.colour, style.marker) for style in styles.values()}) == 14
    assert "\n" in method_styles(METHODS)[METHODS[1]].label


def test_dependence_shows_every_method_and_survives_empty_bins(tmp_path):
    path = tmp_path / "figure.png"
    draw_dependence(
        path, curve("particles"), curve("images"), BINS, METHODS, ("size, px", "size"), "45-90"
    )
    picture = shown(path)
    for style in method_styles(METHODS).values():
        assert has_colour(picture, style.colour)
    draw_dependence(path, [], curve("images"), BINS, METHODS, ("size", "size"))
    assert has_colour(shown(path), method_styles(METHODS)["otsu"].colour)


def test_overlay_figure_shows_what_is_wrong(tmp_path):
    truth = np.zeros((60, 80), bool)
    truth[10:30, 10:30] = True
    more = truth.copy()
    more[40:55, 40:70] = True
    example = Example("set", truth * 200, truth, {"otsu": more}, {"otsu": 0.47})
    draw_agreement(tmp_path / "figure.png", [example], METHODS)
    wrong = (shown(tmp_path / "figure.png") == FALSE_POSITIVE).all(axis=2)
    assert wrong.sum() > 1000


@pytest.mark.parametrize("found", [np.zeros(0), np.array([5.0, 50.0])])
def test_size_distributions_with_and_without_predictions(tmp_path, found):
    path = tmp_path / "figure.png"
    truth = {"HAADF-STEM": np.linspace(5, 40, 50)}
    keys = [("HAADF-STEM", method) for method in METHODS]
    draw_sizes(path, truth, dict.fromkeys(keys, found), METHODS, dict.fromkeys(keys, 0.5))
    assert has_colour(shown(path), "#56B4E9")


def test_spread_and_comparison(tmp_path):
    jsc = {method: np.linspace(0.2, 0.9, 12) for method in METHODS}
    draw_distributions(tmp_path / "spread.png", {"a": jsc, "b": jsc, "c": jsc, "d": jsc}, METHODS)
    shown(tmp_path / "spread.png")
    draw_comparison(
        tmp_path / "two.png",
        jsc,
        curve("particles"),
        curve("particles"),
        (BINS, BINS),
        "45-90",
        METHODS,
    )
    shown(tmp_path / "two.png")


def test_drawing_leaves_no_global_state(tmp_path):
    import matplotlib

    before = dict(matplotlib.rcParams)
    draw_distributions(tmp_path / "figure.png", {"a": {"otsu": np.ones(3)}}, ["otsu"])
    assert dict(matplotlib.rcParams) == before
