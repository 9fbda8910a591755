"""Stacks of particles: how far they lie over one another, and the committed lists."""

import csv
from pathlib import Path

import numpy as np
import pytest

from nanozoo.core.errors import UserError
from nanozoo.evaluate.overlap_pairs import true_pairs
from nanozoo.synth.families import family_scenes, listed_scenes, material_scenes, stack_scenes
from nanozoo.synth.ground import Placed
from nanozoo.synth.presets import preset_modalities
from nanozoo.synth.shapes import make_outline, raster
from nanozoo.synth.stacks import HIGHEST_COVER, HIGHEST_IOU, overlap_of

SPLITS = Path(__file__).parents[2] / "benchmarks" / "splits"


def test_overlap_of_two_equal_discs_is_that_of_the_lens():
    disc = raster(make_outline("sphere", 80.0, 0.0, np.random.default_rng(0)), 0.0, (0.5, 0.5))
    for distance in (0, 20, 40, 70, 90):
        half = min(distance / 80.0, 1.0)
        lens = (2 * np.arccos(half) - 2 * half * np.sqrt(1 - half**2)) / np.pi
        iou, cover = overlap_of(Placed(disc, 3, 5), Placed(disc, 3, 5 + distance))
        assert iou == pytest.approx(lens / (2 - lens), abs=0.01)
        assert cover == pytest.approx(lens, abs=0.01)


def test_stacks_cover_the_overlaps_and_depths_that_the_test_asks_about():
    pairs, depths = [], []
    for row in stack_scenes()[::24]:
        scene = row.simulate()
        instances = scene.instances
        members, iou = true_pairs(instances)
        stack = instances.to_stack()
        depth = stack.sum(axis=0)
        depths.append(depth.max())
        pairs += list(iou)
        for first, second in members:
            common = (stack[first] & stack[second]).sum()
            cover = common / min(stack[first].sum(), stack[second].sum())
            assert cover <= HIGHEST_COVER
        diameters = instances.diameters()
        assert diameters.min() > 18 and diameters.max() < 100
    assert set(depths) <= {2, 3} and 3 in depths
    assert max(pairs) <= HIGHEST_IOU
    histogram = np.histogram(pairs, bins=(0.02, 0.1, 0.2, 0.3, 0.4, 0.5))[0]
    assert histogram.min() > 0.08 * len(pairs)


@pytest.mark.parametrize(
    ("name", "scenes"),
    [("cabrera_simulated", material_scenes), ("overlap_simulated", stack_scenes)],
)
def test_committed_lists_are_the_rule(name, scenes):
    with open(SPLITS / f"{name}.csv", newline="") as stream:
        rows = list(csv.DictReader(stream))
    expected = scenes()
    assert [(r["name"], r["split"], int(r["seed"]), r["preset"], r["modality"]) for r in rows] == [
        (s.name, s.split, s.seed, s.preset, s.modality) for s in expected
    ]
    read = [
        row
        for part in ("train", "val", "test")
        for row in listed_scenes(SPLITS / f"{name}.csv", part)
    ]
    assert read == expected


def test_no_two_scenes_of_all_lists_share_a_seed():
    every = [*family_scenes(), *material_scenes(), *stack_scenes()]
    assert len({row.seed for row in every}) == len({row.name for row in every}) == len(every)
    assert all(row.modality in preset_modalities(row.preset) for row in every)


def test_a_list_that_is_none_is_refused_by_name(tmp_path):
    with pytest.raises(UserError, match="missing.csv"):
        listed_scenes(tmp_path / "missing.csv", "test")
    bad = tmp_path / "bad.csv"
    bad.write_text("name,split\nscene,test\n")
    with pytest.raises(UserError, match="bad.csv"):
        listed_scenes(bad, "test")
    with pytest.raises(UserError, match="part 'dev'"):
        listed_scenes(SPLITS / "overlap_simulated.csv", "dev")
