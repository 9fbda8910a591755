"""Cores in shells: exact pairs of regions and diameters, and how they look."""

import csv
from pathlib import Path

import cv2
import numpy as np
import pytest

from nanozoo.core.errors import UserError
from nanozoo.synth import SceneConfig, simulate
from nanozoo.synth.core_shell import CLASSES, grown
from nanozoo.synth.families import (
    CORE_SHELL_SCENES,
    core_shell_scenes,
    material_scenes,
    stack_scenes,
)
from nanozoo.synth.pairs import core_shell_pairs
from nanozoo.synth.presets import preset_config, preset_modalities
from nanozoo.synth.shapes import make_outline
from nanozoo.synth.write import write_scenes

SPLIT_FILE = Path(__file__).parents[2] / "benchmarks" / "splits" / "core_shell_simulated.csv"


@pytest.fixture(scope="module")
def scenes():
    return [
        simulate(preset_config("core-shell", modality, (192, 192), seed=seed), seed)
        for modality in preset_modalities("core-shell")
        for seed in range(8)
    ]


def test_every_particle_is_a_core_and_the_ring_around_it(scenes):
    whole = 0
    for scene in scenes:
        assert scene.classes == CLASSES == ("core", "shell")
        assert scene.instances.to_stack().sum(axis=0).max() == 1
        assert len(scene.particles) == len(scene.instances)
        for pair in core_shell_pairs(scene):
            core, shell = (scene.instances.items[n - 1] for n in (pair.core, pair.shell))
            assert (core.class_id, shell.class_id) == (1, 2)
            if pair.touches_border:
                continue
            whole += 1
            plane = np.zeros(scene.instances.shape, np.uint8)
            plane[shell.window][shell.mask] = 1
            filled = plane.copy()
            filled[core.window][core.mask] = 1
            assert cv2.connectedComponents(filled)[0] == 2
            contours = cv2.findContours(filled, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)[0]
            assert len(contours) == 1
            around = cv2.dilate(filled - plane, np.ones((3, 3), np.uint8)).astype(bool)
            assert filled[around].all()
            assert 0 < pair.core_diameter_px < pair.diameter_px
    assert whole > 50


def test_diameters_are_those_that_were_asked_for():
    settings = {"layout": "core-shell", "size_distribution": "poly", "size_spread": 0.0}
    for shape in ("sphere", "rod", "cube"):
        config = SceneConfig(
            (400, 400), shapes=(shape,), mean_diameter=50.0, number=12, **settings
        )
        pairs = core_shell_pairs(simulate(config, 3))
        whole = [pair for pair in pairs if not pair.touches_border]
        assert len(whole) >= 3
        for pair in whole:
            assert pair.diameter_px == pytest.approx(50.0, rel=0.02)
            assert 0.3 * 50 < pair.core_diameter_px < 0.9 * 50
            assert pair.shell_px == pytest.approx((pair.diameter_px - pair.core_diameter_px) / 2)


@pytest.mark.parametrize("kind", ["sphere", "cube", "rod", "polyhedron"])
def test_a_shell_is_as_thick_everywhere(kind):
    core = make_outline(kind, 40.0, 0.0, np.random.default_rng(5))
    whole = grown(core, 6.0)
    outlines = []
    for outline in (core, whole):
        angles = np.arange(len(outline.radii)) * (2 * np.pi / len(outline.radii))
        outlines.append(outline.radii[:, None] * np.column_stack([np.cos(angles), np.sin(angles)]))
    gaps = np.linalg.norm(outlines[1][::4, None] - outlines[0][None], axis=-1).min(axis=1)
    np.testing.assert_allclose(gaps, 6.0, atol=0.1)
    if kind == "sphere":
        assert whole.radius == pytest.approx(26.0, rel=1e-3)


def test_core_and_shell_differ_where_they_meet_and_stand_out_from_the_support(scenes):
    for scene in scenes:
        pixels = scene.pixels.astype(float)
        ground = np.median(pixels[~scene.instances.foreground()])
        planes = [np.zeros(scene.instances.shape, np.uint8) for _ in CLASSES]
        for item in scene.instances:
            planes[item.class_id - 1][item.window] |= item.mask
        core, shell = (plane.astype(bool) for plane in planes)
        strip = shell & cv2.dilate(planes[0], np.ones((7, 7), np.uint8)).astype(bool)
        inner = cv2.erode(planes[0], np.ones((5, 5), np.uint8)).astype(bool)
        sign = -1.0 if scene.config.modality == "bf-tem" else 1.0
        assert all(sign * (pixels[part].mean() - ground) > 4 for part in (core, shell))
        assert abs(pixels[inner].mean() - pixels[strip].mean()) > 4


def test_beside_the_core_grey_follows_the_chord_of_the_outer_sphere():
    """Without noise, by Beer and Lambert."""
    clean = {
        "dose": float("inf"),
        "defocus": 0.0,
        "support_texture": 0.0,
        "grain": 0.0,
        "thickness_gradient": 0.0,
        "contrast_spread": 0.0,
        "scale_bar": "none",
        "bit_depth": 16,
    }
    config = SceneConfig((120, 120), layout="core-shell", number=1, mean_diameter=70.0, **clean)
    for seed in range(40):
        scene = simulate(config, seed)
        pairs = core_shell_pairs(scene)
        if pairs and not pairs[0].touches_border:
            break
    pair = pairs[0]
    optical = -np.log(scene.pixels / np.float64(2**16 - 1) / config.brightness)
    rim = scene.instances.items[pair.shell - 1]
    rows, columns = np.nonzero(scene.instances.foreground())
    distance = np.hypot(
        *(
            np.nonzero(rim.mask)
            + np.array([[rim.top], [rim.left]])
            - np.array([[rows.mean()], [columns.mean()]])
        )
    )
    chord = np.sqrt(np.maximum((pair.diameter_px / 2) ** 2 - distance**2, 0.0))
    inside = (distance > pair.core_diameter_px / 2 + 6) & (distance < pair.diameter_px / 2 - 3)
    assert inside.sum() > 50
    ratio = optical[rim.window][rim.mask][inside] / chord[inside]
    assert ratio.std() / ratio.mean() < 0.05


def test_folder_has_a_row_a_particle_with_both_diameters(tmp_path):
    pytest.importorskip("pycocotools")
    stems = write_scenes(tmp_path, 2, seed=3, config="core-shell")
    assert [stem.split("_")[1] for stem in stems] == ["bf-tem", "haadf-stem"]
    with open(tmp_path / "particles.csv", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert {row["stem"] for row in rows} == set(stems)
    with open(tmp_path / "images.csv", newline="") as stream:
        nm = {row["stem"]: float(row["pixel_size_nm"]) for row in csv.DictReader(stream)}
    for row in rows:
        labels = cv2.imread(str(tmp_path / "masks" / f"{row['stem']}.png"), cv2.IMREAD_UNCHANGED)
        core = (labels == int(row["core_label"])).sum()
        both = core + (labels == int(row["shell_label"])).sum()
        sizes = 2 * np.sqrt(np.array([core, both]) / np.pi)
        np.testing.assert_allclose(
            [float(row["core_diameter_px"]), float(row["diameter_px"])], sizes, atol=0.01
        )
        assert float(row["shell_nm"]) == pytest.approx(
            float(row["shell_px"]) * nm[row["stem"]], rel=0.01, abs=0.01
        )


def test_other_scenes_have_no_pairs_but_number_their_particles():
    scene = simulate(preset_config("cabrera", shape=(160, 160), seed=104), 104)
    assert core_shell_pairs(scene) == []
    films = [n for n, item in enumerate(scene.instances) if item.class_id == 3]
    plain = [p for p, item in zip(scene.particles, scene.instances) if item.class_id != 3]
    assert len(set(plain)) == len(plain)
    assert all(scene.particles[n] == scene.particles[n - 1] for n in films)


def test_the_committed_list_is_the_rule_and_its_seeds_are_its_own():
    with open(SPLIT_FILE, newline="") as stream:
        rows = list(csv.DictReader(stream))
    scenes = core_shell_scenes()
    assert [(r["name"], r["split"], r["modality"], int(r["seed"])) for r in rows] == [
        (s.name, s.split, s.modality, s.seed) for s in scenes
    ]
    seeds = {scene.seed for scene in scenes}
    assert len(seeds) == len(scenes) == 2 * sum(CORE_SHELL_SCENES.values())
    assert not seeds & {scene.seed for scene in (*stack_scenes(), *material_scenes())}


def test_surface_images_of_shells_are_refused():
    with pytest.raises(UserError, match="core-shell"):
        SceneConfig(layout="core-shell", modality="sem")
