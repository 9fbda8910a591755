"""What is found in and at information bars, scale bars and their texts, and how a bar is found."""

import numpy as np
import pytest

from nanozoo.core.instances import Instance, Instances
from nanozoo.measure.bar_candidates import Bar
from nanozoo.measure.edge_correction import edge_weights, touches_border
from nanozoo.measure.excluded import (
    INFO_BAR,
    LABEL,
    SCALE_BAR,
    ExcludedArea,
    excluded_area,
    scale_bar_boxes,
)
from nanozoo.measure.info_bar import find_info_bar
from nanozoo.measure.scale_bar import NO_LABEL, NO_UNIT, READ, Calibration
from nanozoo.measure.scale_label import Label
from nanozoo.synth.config import SceneConfig
from nanozoo.synth.scene import simulate

SHAPE = (300, 400)


@pytest.mark.parametrize("info_bar", ["dark", "light"])
@pytest.mark.parametrize("modality", ["bf-tem", "haadf-stem", "sem"])
def test_the_strip_of_a_simulated_scene_is_found_to_the_row(info_bar, modality):
    for seed in range(2):
        config = SceneConfig(SHAPE, modality, number=12, info_bar=info_bar)
        pixels = simulate(config, seed).pixels
        ground = 0 if info_bar == "dark" else 255
        plain = np.mean(pixels == ground, axis=1) > 0.3
        assert find_info_bar(pixels) == (int(np.flatnonzero(plain)[0]), SHAPE[0])
        assert find_info_bar(pixels.astype(np.uint16) * 257) == find_info_bar(pixels)


def test_a_strip_within_the_micrograph_is_found_with_its_frame():
    pixels = np.random.default_rng(0).integers(40, 200, SHAPE).astype(np.uint8)
    pixels[240:280] = 250
    pixels[250:262, 20:140:3] = 0
    pixels[238:240] = 0
    assert find_info_bar(pixels) == (238, 280)


@pytest.mark.parametrize("seed", range(3))
def test_no_strip_is_invented(seed):
    for scale_bar in ("none", "line", "box"):
        config = SceneConfig(SHAPE, "haadf-stem", number=15, scale_bar=scale_bar, contrast=0.9)
        assert find_info_bar(simulate(config, seed).pixels) is None
    assert find_info_bar(np.zeros(SHAPE, np.uint8)) is None


def test_only_what_lies_mostly_in_a_part_is_left_out():
    area = ExcludedArea({INFO_BAR: (80, 0, 100, 100), SCALE_BAR: (85, 10, 90, 60)})
    square = np.ones((10, 10), bool)
    tops = (20, 74, 75, 76, 85)
    items = [Instance(top, 30, square) for top in tops] + [
        Instance(86, 20, np.ones((3, 40), bool))
    ]
    kept, left_out = area.leave_out(Instances((100, 100), items))
    assert [item.top for item in kept] == [20, 74, 75]
    assert left_out == {INFO_BAR: 3, SCALE_BAR: 0}
    everything, none = ExcludedArea().leave_out(Instances((100, 100), items))
    assert len(everything) == 6 and none == {}


def test_what_the_bar_may_have_cut_is_not_measured():
    square = np.ones((10, 10), bool)
    tops = (30, 69, 70, 75, 88, 90, 91, 110)
    instances = Instances((120, 100), [Instance(top, 30, square) for top in tops])
    bar = (80, 90)
    assert touches_border(instances, bar).tolist() == [
        False, False, True, True, True, True, False, True
    ]  # fmt: skip
    assert (edge_weights(instances, bar) > 0).tolist() == (
        ~touches_border(instances, bar)
    ).tolist()


def test_weights_of_all_places_in_both_fields_add_up_to_their_area():
    bar, shape = (16, 20), (30, 26)
    for height, width in ((1, 1), (5, 4), (11, 9)):
        items = []
        for top in range(1 - height, shape[0]):
            for left in range(1 - width, shape[1]):
                rows = min(top + height, shape[0]) - max(top, 0)
                columns = min(left + width, shape[1]) - max(left, 0)
                box = np.ones((rows, columns), bool)
                items.append(Instance(max(top, 0), max(left, 0), box))
        assert edge_weights(Instances(shape, items), bar).sum() == pytest.approx(26 * 26)


def test_bar_and_text_count_only_with_a_length():
    bar = Bar(100.0, 200.0, 50.0, 54.0, True, 20)
    label = Label("100 nm", 100.0, 0.9, 120.0, 20.0, 180.0, 40.0)
    read = Calibration(READ, 1.0, "scale bar", label, bar, 0.9, "")
    boxes = scale_bar_boxes(read, SHAPE)
    assert boxes == {LABEL: (18, 118, 42, 182), SCALE_BAR: (46, 96, 58, 204)}
    assert excluded_area(np.zeros(SHAPE, np.uint8), read).boxes == boxes
    number = Label("100", None, 0.9, 120.0, 20.0, 180.0, 40.0)
    for other in (
        Calibration(NO_UNIT, None, None, number, bar, 0.0, ""),
        Calibration(NO_LABEL, None, None, None, bar, 0.0, ""),
    ):
        assert scale_bar_boxes(other, SHAPE) == {}
