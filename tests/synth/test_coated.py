"""Scenes of silica, silicate and coating: who is there, where, and how they look."""

import numpy as np
import pytest

from nanozoo.core.errors import UserError
from nanozoo.synth import SceneConfig, simulate
from nanozoo.synth.coated import CLASSES, SHOWN, place_coated
from nanozoo.synth.presets import preset_config

SILICA, SILICATE, COATING = 1, 2, 3


@pytest.fixture(scope="module")
def scenes():
    return [
        simulate(preset_config("cabrera", seed=seed, shape=(160, 160)), seed) for seed in range(60)
    ]


def of_class(scene, class_id):
    return [item for item in scene.instances if item.class_id == class_id]


def test_same_seed_same_scene(scenes):
    again = simulate(preset_config("cabrera", seed=5, shape=(160, 160)), 5)
    np.testing.assert_array_equal(again.pixels, scenes[5].pixels)
    assert again.classes == CLASSES == ("silica", "silicate", "coating")
    assert [i.class_id for i in again.instances] == [i.class_id for i in scenes[5].instances]


def test_scenes_show_the_classes_as_often_as_the_thesis_has_images_of_them():
    config = SceneConfig(shape=(160, 160), layout="coated", number=2, mean_diameter=20.0)
    shown = np.zeros(3)
    for seed in range(300):
        found = {one.patch.class_id for one in place_coated(config, np.random.default_rng(seed))}
        shown += [number in found for number in (1, 2, 3)]
    np.testing.assert_allclose(shown / 300, list(SHOWN.values()), atol=0.08)
    table = np.array([264, 176, 105]) / 545
    np.testing.assert_allclose(shown / shown.sum(), table, atol=0.04)


def test_coating_is_the_rarest_and_lies_around_a_grain_as_a_ring(scenes):
    counts = [sum(len(of_class(scene, number)) for scene in scenes) for number in (1, 2, 3)]
    assert counts[0] > counts[1] > counts[2] > 10
    for scene in scenes:
        grains = of_class(scene, SILICATE)
        for film in of_class(scene, COATING):
            plane = np.zeros(scene.instances.shape, np.int64)
            plane[film.window] += film.mask
            contact = []
            for grain in grains:
                top, left, bottom, right = grain.box
                window = slice(max(top - 1, 0), bottom + 1), slice(max(left - 1, 0), right + 1)
                assert not (plane[grain.window] & grain.mask).any()
                contact.append(plane[window].sum())
            assert max(contact) > 0


def test_silica_lies_over_one_another_and_over_grains_in_three_levels(scenes):
    depth = np.concatenate(
        [s.instances.to_stack().sum(axis=0).ravel() for s in scenes if len(s.instances)]
    )
    assert depth.max() == 3
    over_grain = 0
    for scene in scenes:
        grains = np.zeros(scene.instances.shape, bool)
        for item in of_class(scene, SILICATE):
            grains[item.window] |= item.mask
        over_grain += sum(grains[i.window][i.mask].any() for i in of_class(scene, SILICA))
    assert over_grain > 20


def test_mean_grey_does_not_tell_the_classes_apart(scenes):
    contrasts = {SILICA: [], SILICATE: [], COATING: []}
    for scene in scenes:
        ground = np.median(scene.pixels[~scene.instances.foreground()])
        for item in scene.instances:
            inside = scene.pixels[item.window][item.mask].mean()
            contrasts[item.class_id].append(float(inside / ground))
    for first, second in ((SILICA, SILICATE), (SILICA, COATING)):
        values = np.concatenate([contrasts[first], contrasts[second]])
        belongs = np.repeat([False, True], [len(contrasts[first]), len(contrasts[second])])
        best = max(
            0.5
            * (
                np.mean(sign * values[belongs] > sign * cut)
                + np.mean(sign * values[~belongs] <= sign * cut)
            )
            for cut in values
            for sign in (-1, 1)
        )
        assert best < 0.85


def test_surface_images_of_a_coating_are_refused():
    with pytest.raises(UserError, match="modality"):
        SceneConfig(layout="coated", modality="sem")
