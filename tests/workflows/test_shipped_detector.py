"""The Mask R-CNN that ships finds what a classifier of pixels cannot, and what is tiny."""

import numpy as np
import pytest

from nanozoo.engines.predictor import Predictor
from nanozoo.evaluate.overlap_pairs import pair_scores
from nanozoo.evaluate.particles import iou_matrix, match
from nanozoo.synth import SceneConfig, simulate
from nanozoo.synth.presets import preset_config, preset_modalities

NAME = "maskrcnn-efficientnet_lite0-em-v1"
FIRST_SEED = 9_900_000


@pytest.fixture(scope="module")
def predictor():
    return Predictor(NAME)


def test_particles_over_one_another_are_told_apart(predictor):
    found = []
    for number, modality in enumerate(preset_modalities("stacks")):
        seed = FIRST_SEED + number
        scene = simulate(preset_config("stacks", modality, seed=seed), seed)
        found += [*pair_scores(scene.instances, predictor.segment(scene.pixels).instances).found]
    assert len(found) >= 9 and np.mean(found) > 0.75


@pytest.mark.slow
def test_six_hundred_particles_of_six_px_are_found(predictor):
    config = SceneConfig(shape=(512, 512), modality="bf-tem", mean_diameter=6, coverage=0.08)
    scene = simulate(config, FIRST_SEED)
    found = predictor.segment(scene.pixels).instances
    rows, _ = match(iou_matrix(scene.instances, found))
    assert len(scene.instances) >= 600
    assert 2 * len(rows) / (len(scene.instances) + len(found)) > 0.9
