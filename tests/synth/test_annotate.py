"""Scale bars tell the truth, and what they hide is not in the ground truth."""

import numpy as np
import pytest

from nanozoo.synth import SceneConfig, simulate
from nanozoo.synth.annotate import length_label, round_length_nm

EMPTY = {
    "number": 0,
    "dose": float("inf"),
    "support_texture": 0.0,
    "thickness_gradient": 0.0,
    "panel_label": "",
}


@pytest.mark.parametrize(
    "length_nm,label",
    [(0.5, "0.5 nm"), (20, "20 nm"), (500, "500 nm"), (2000, "2 µm"), (1e6, "1 mm")],
)
def test_labels_use_the_unit_that_fits(length_nm, label):
    assert length_label(length_nm) == label


@pytest.mark.parametrize("pixel_size_nm", [0.013, 0.25, 1.0, 7.3, 950.0])
def test_bar_is_the_longest_round_length_that_fits(pixel_size_nm):
    length = round_length_nm(pixel_size_nm, 512, 0.35)
    mantissa = length / 10 ** np.floor(np.log10(length) + 1e-9)
    assert min(abs(mantissa - step) for step in (1, 2, 5)) < 1e-6
    assert length <= 0.35 * 512 * pixel_size_nm < 2.51 * length


@pytest.mark.parametrize("pixel_size_nm", [0.37, 1.0, 33.0])
@pytest.mark.parametrize("style", ["line", "caps", "box", "ticks"])
@pytest.mark.parametrize("info_bar", ["none", "dark"])
def test_ink_of_the_bar_has_the_true_length(pixel_size_nm, style, info_bar):
    config = SceneConfig(
        (256, 320), pixel_size_nm=pixel_size_nm, scale_bar=style, info_bar=info_bar, **EMPTY
    )
    scene = simulate(config, 1)
    bar = scene.scale_bar
    assert bar.bar_px * pixel_size_nm == pytest.approx(bar.length_nm)
    assert bar.label == length_label(bar.length_nm)
    top, left, bottom, right = bar.box
    row = scene.pixels[(top + bottom) // 2].astype(int)
    ink = row[(left + right) // 2]
    run = np.flatnonzero(row != ink)
    measured = run[run > left].min() - run[run < left].max() - 1
    assert abs(measured - bar.bar_px) <= 0.5


def test_nothing_under_the_info_bar_is_ground_truth():
    config = SceneConfig(modality="sem", coverage=0.4, info_bar="light", defocus=0.0)
    scene = simulate(config, 0)
    strip = (scene.pixels == 255).mean(axis=1) > 0.5
    assert 10 < strip.sum() < 40 and strip[-1]
    assert not scene.instances.foreground()[strip].any()
    assert scene.instances.foreground()[~strip].any()


def test_micro_sign_has_a_stem_below_the_base_line():
    settings = {**EMPTY, "shape": (512, 512), "info_bar": "dark", "scale_bar": "line"}
    micro = simulate(SceneConfig(pixel_size_nm=10.0, **settings), 3)
    nano = simulate(SceneConfig(pixel_size_nm=0.01, **settings), 3)
    assert micro.scale_bar.label == "1 µm" and nano.scale_bar.label == "1 nm"

    def ink_below(scene):
        _, left, base, right = scene.scale_bar.label_box
        return (scene.pixels[base + 2 : base + 5, left:right] > 128).sum()

    assert ink_below(micro) > 0 and ink_below(nano) == 0
