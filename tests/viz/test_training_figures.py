"""Loss curves and layer histograms: every run is seen, and gaps do no harm."""

import cv2
import numpy as np
import pytest

from nanozoo.core.errors import UserError
from nanozoo.training.history import read_history, run_labels
from nanozoo.viz.layer_histograms import draw_layer_histograms
from nanozoo.viz.style import COLOURS
from nanozoo.viz.training_curves import draw_training_curves

GAP = float("nan")


def shown(path) -> np.ndarray:
    picture = cv2.imread(str(path))
    assert picture is not None
    return picture[..., ::-1].astype(int)


def pixels_of(picture: np.ndarray, colour: str) -> int:
    wanted = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    return int((np.abs(picture - wanted).max(axis=2) <= 2).sum())


def test_curves_show_every_run_and_every_column(tmp_path):
    first = {"step": np.array([1, 2, 3]), "loss": np.array([9, 3, 0.1]), "jsc": np.full(3, GAP)}
    second = {"step": np.array([2, 4]), "loss": np.array([5.0, 2.0]), "mask_loss": np.ones(2)}
    draw_training_curves(tmp_path / "one.png", {"a": first})
    draw_training_curves(tmp_path / "two.png", {"a": first, "b": second})
    one, two = shown(tmp_path / "one.png"), shown(tmp_path / "two.png")
    assert two.shape[1] > one.shape[1]  # three panels in place of two
    assert pixels_of(one, COLOURS[0]) > 100 and pixels_of(one, COLOURS[1]) == 0
    assert pixels_of(two, COLOURS[0]) > 100 and pixels_of(two, COLOURS[1]) > 100
    with pytest.raises(UserError, match="columns="):
        draw_training_curves(tmp_path / "none.png", {"a": {"step": np.ones(2)}})


def test_histograms_lay_two_networks_over_each_other(tmp_path):
    generator = np.random.default_rng(0)
    first = {f"layer{n}": generator.normal(0, 0.1, 500) for n in range(13)}
    second = {"layer0": generator.normal(0, 0.2, 500), "new": generator.normal(0, 1, 500)}
    draw_layer_histograms(tmp_path / "a.png", {"before": first, "after": second}, "weight")
    draw_layer_histograms(tmp_path / "b.png", {"before": first}, "weight")
    both, one = shown(tmp_path / "a.png"), shown(tmp_path / "b.png")
    assert pixels_of(both, COLOURS[1]) > 100 and pixels_of(one, COLOURS[1]) == 0


@pytest.mark.parametrize("values", [[], [0.0, 0.0], [3.0, 3.0], [GAP, 1.0]])
def test_layers_without_a_spread_can_be_drawn(tmp_path, values):
    networks = {"a": {"layer": np.array(values)}}
    draw_layer_histograms(tmp_path / "figure.png", networks, "activation")
    shown(tmp_path / "figure.png")


def test_no_layer_is_refused(tmp_path):
    with pytest.raises(UserError, match="layers to draw"):
        draw_layer_histograms(tmp_path / "figure.png", {"a": {}}, "weight")


def test_history_is_read_with_its_gaps(tmp_path):
    (tmp_path / "history.csv").write_text("step,loss,jsc\n5,0.5,\n10,0.25,0.75\n")
    for run in (tmp_path, tmp_path / "history.csv"):
        found = read_history(run)
        assert found["step"].tolist() == [5, 10] and found["loss"].tolist() == [0.5, 0.25]
        np.testing.assert_array_equal(found["jsc"], [GAP, 0.75])


@pytest.mark.parametrize(
    "content", ["", "step,loss\n", "loss\n1\n", "step,loss\n1,x\n", "step\n1,2"]
)
def test_what_is_no_history_is_named(tmp_path, content):
    (tmp_path / "history.csv").write_text(content)
    with pytest.raises(UserError, match=r"history.csv is no history of a training"):
        read_history(tmp_path)


def test_runs_go_by_their_folders(tmp_path):
    paths = [tmp_path / "x/run", tmp_path / "y/run/history.csv", tmp_path / "z"]
    labels = run_labels(paths)
    assert labels == [str(tmp_path / "x/run"), str(tmp_path / "y/run"), "z"]
    with pytest.raises(UserError, match="each run once"):
        run_labels([tmp_path, tmp_path / "history.csv"])


def test_validation_joins_what_it_is_named_after(tmp_path):
    run = {"step": np.array([1, 2, 3]), "loss": np.array([9, 3, 1.0])}
    draw_training_curves(tmp_path / "alone.png", {"a": run})
    draw_training_curves(tmp_path / "both.png", {"a": run | {"val_loss": np.array([9, 7, 6.0])}})
    draw_training_curves(tmp_path / "own.png", {"a": run | {"val_accuracy": np.ones(3)}})
    alone, both, own = (shown(tmp_path / f"{name}.png") for name in ("alone", "both", "own"))
    assert alone.shape == both.shape and own.shape[1] > both.shape[1]
    assert pixels_of(both, COLOURS[0]) > 1.3 * pixels_of(alone, COLOURS[0])
