"""Scenes with all effects: varied, visible, repeatable, and a preset like any other."""

import csv

import numpy as np
import pytest

from nanozoo.synth import Effects, SceneConfig, realistic_config, simulate
from nanozoo.synth.config import MODALITIES, SHAPES
from nanozoo.synth.families import family_scenes
from nanozoo.synth.presets import preset_config, preset_modalities
from nanozoo.synth.write import write_scenes

COUNT = 300


@pytest.fixture(scope="module")
def configs():
    return [realistic_config(seed, shape=(128, 128)) for seed in range(COUNT)]


def test_settings_reach_all_modalities_shapes_and_effects(configs):
    assert {config.modality for config in configs} == set(MODALITIES)
    assert {shape for config in configs for shape in config.shapes} == set(SHAPES)
    assert {config.overlap for config in configs} == {"none", "touching", "free"}
    off = Effects()
    for name in vars(off):
        used = np.mean([getattr(config.effects, name) != getattr(off, name) for config in configs])
        assert used > 0.02, name
    diameters = [config.mean_diameter for config in configs]
    assert min(diameters) < 10 and max(diameters) > 100
    contrasts = [config.contrast for config in configs]
    assert min(contrasts) < 0.15 and max(contrasts) > 0.95


def test_effects_are_drawn_where_the_instrument_has_them(configs):
    for config in configs:
        effects = config.effects
        assert config.modality == "bf-tem" or not effects.transfers
        assert config.modality == "sem" or not (effects.charging or effects.edge_brightening)
        assert config.modality != "bf-tem" or not (effects.scan_lines or effects.jitter_px)


def test_almost_all_scenes_show_particles_that_stand_out():
    seen, counts = [], []
    for seed in range(60):
        scene = simulate(realistic_config(seed, shape=(128, 128)), seed)
        counts.append(len(scene.instances))
        inside = scene.instances.foreground()
        if 0.02 < inside.mean() < 0.98:
            levels = [scene.pixels[part].astype(float) for part in (inside, ~inside)]
            spread = np.sqrt(np.mean([level.var() for level in levels])) + 1
            seen.append(abs(levels[0].mean() - levels[1].mean()) / spread)
    assert np.mean(np.array(counts) == 0) < 0.05
    assert np.mean(np.array(seen) > 0.5) > 0.85


def test_same_seed_same_scene():
    config = realistic_config(11, shape=(96, 128))
    assert config == realistic_config(11, shape=(96, 128))
    first, again = simulate(config, 3), simulate(config, 3)
    np.testing.assert_array_equal(first.pixels, again.pixels)
    np.testing.assert_array_equal(first.instances.to_labels(), again.instances.to_labels())


def test_preset_is_seen_in_every_modality_and_written_like_others(tmp_path):
    pytest.importorskip("pycocotools")
    assert preset_modalities("realistic") == MODALITIES
    assert preset_config("realistic", "sem", seed=4) == realistic_config(4, modality="sem")
    stems = write_scenes(tmp_path, 5, seed=20, config="realistic")
    with open(tmp_path / "images.csv", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["stem"] for row in rows] == stems
    assert {row["modality"] for row in rows} == set(MODALITIES)
    scenes = family_scenes({"train": 1}, ("realistic",))
    assert len(scenes) == len(MODALITIES)
    assert isinstance(preset_config("realistic", seed=scenes[0].seed), SceneConfig)
