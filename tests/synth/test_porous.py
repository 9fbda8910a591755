"""Porous textures: exact porosity, sizes that are asked for, seeds, families that overlap."""

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.ndimage import label

from nanozoo.core.errors import UserError
from nanozoo.measure.pores import measure_pores
from nanozoo.measure.size_overlap import overlap_coefficient
from nanozoo.synth.foam_families import FAMILIES, PATCHES, SMALLEST_SIDE, FoamSource, foam_config
from nanozoo.synth.foam_parts import SIDE, foam_part, foam_parts
from nanozoo.synth.porous import simulate_porous
from nanozoo.synth.porous_config import PORE_APPEARANCES, PorousConfig

SPLIT_FILE = Path(__file__).parents[2] / "benchmarks" / "splits" / "foams_simulated.csv"
BUBBLES = PorousConfig(kind="bubbles", shape=(192, 256), spread=0.2, overlap=0.0)


@pytest.mark.parametrize("kind", ["network", "bubbles"])
@pytest.mark.parametrize("porosity", [0.05, 0.37, 0.5, 0.8])
def test_porosity_is_exact_to_a_pixel(kind, porosity):
    config = PorousConfig(kind=kind, shape=(97, 131), porosity=porosity, anisotropy=1.7)
    assert simulate_porous(config, 2).pores.sum() == round(porosity * 97 * 131)


def test_a_seed_is_one_texture_whatever_it_looks_like():
    config = PorousConfig(shape=(96, 96))
    scene = simulate_porous(config, 5)
    assert np.array_equal(scene.pixels, simulate_porous(config, 5).pixels)
    other = simulate_porous(replace(config, appearance="sem", contrast=0.4, dose=50.0), 5)
    assert np.array_equal(scene.pores, other.pores)
    assert not np.array_equal(scene.pixels, other.pixels)
    assert not np.array_equal(scene.pores, simulate_porous(config, 6).pores)


@pytest.mark.parametrize("appearance", PORE_APPEARANCES)
@pytest.mark.parametrize("kind", ["network", "bubbles"])
def test_pores_are_dark_in_both_appearances(kind, appearance):
    scene = simulate_porous(PorousConfig(kind=kind, appearance=appearance, contrast=0.6), 1)
    assert scene.pixels[scene.pores].mean() < 0.7 * scene.pixels[~scene.pores].mean()


def test_bubbles_are_the_discs_that_are_listed():
    scene = simulate_porous(replace(BUBBLES, porosity=0.4), 4)
    rows, columns = np.indices(scene.pores.shape)
    discs = np.zeros(scene.pores.shape, bool)
    for (row, column), diameter in zip(scene.centres, scene.diameters_px):
        discs |= np.hypot(rows - row, columns - column) <= 0.5 * diameter
    assert (discs != scene.pores).mean() < 1e-3
    assert abs(scene.diameters_px.mean() / BUBBLES.pore_diameter_px - 1) < 0.1
    gaps = np.linalg.norm(scene.centres[:, None] - scene.centres, axis=2)
    touch = 0.5 * (scene.diameters_px[:, None] + scene.diameters_px)
    np.fill_diagonal(gaps, np.inf)
    level = scene.diameters_px.mean() / BUBBLES.pore_diameter_px
    assert (gaps > touch * min(1.0, 1.0 / level) * 0.95).all()


def test_overlap_and_roughness_change_what_they_name():
    apart = label(simulate_porous(replace(BUBBLES, porosity=0.4), 4).pores)[1]
    joined = label(simulate_porous(replace(BUBBLES, porosity=0.4, overlap=1.0), 4).pores)[1]
    assert joined < 0.7 * apart
    smooth = simulate_porous(BUBBLES, 4).pores
    rough = simulate_porous(replace(BUBBLES, roughness=0.1), 4).pores
    assert 0.01 < (smooth != rough).mean() < 0.2


@pytest.mark.parametrize(("porosity", "spread"), [(0.5, 0.1), (0.35, 0.4), (0.7, 0.2)])
def test_a_network_has_the_mean_chord_of_the_disc_asked_for(porosity, spread):
    config = PorousConfig(
        shape=(512, 512), porosity=porosity, spread=spread, pore_diameter_px=24.0
    )
    chord = measure_pores(simulate_porous(config, 8).pores).mean_chord_px
    assert abs(chord / (0.25 * np.pi * 24.0) - 1) < 0.06


@pytest.mark.parametrize("kind", ["network", "bubbles"])
@pytest.mark.parametrize(("ratio", "angle"), [(1.5, 30.0), (2.0, 120.0)])
def test_stretch_and_direction_are_found_again(kind, ratio, angle):
    config = PorousConfig(kind=kind, shape=(400, 400), anisotropy=ratio, angle_deg=angle)
    found = measure_pores(simulate_porous(config, 3).pores)
    assert abs(found.anisotropy / ratio - 1) < 0.1
    assert abs(found.orientation_deg - angle) < 6.0


@pytest.mark.parametrize(
    ("name", "value"),
    [("kind", "sponge"), ("porosity", 1.0), ("anisotropy", 0.5), ("shape", (16, 64)),
     ("appearance", "tem"), ("dose", 0.0), ("spread", "wide"), ("roughness", 0.2),
     ("pore_diameter_px", 130.0), ("pore_diameter_px", float("nan"))],
)  # fmt: skip
def test_a_bad_setting_is_named(name, value):
    with pytest.raises(UserError, match=f"`{name}`"):
        PorousConfig(**{name: value})


def test_patches_are_parts_of_the_micrograph_of_their_group():
    source = FoamSource(seed=11, side=64)
    by_group = {}
    for index in range(2 * len(FAMILIES) * PATCHES):
        image, label_ = source.example(index)
        assert image.shape == (64, 64, 1) and image.dtype == np.float32
        assert label_ == index % 3 and source.group(index).startswith(FAMILIES[label_])
        by_group.setdefault(source.group(index), []).append(index)
    assert len(by_group) == 6 and {len(own) for own in by_group.values()} == {PATCHES}
    own = by_group["cuni2_11_1"]
    scene = source.micrograph(own[0])
    start = (len(scene.pores) - 128) // 2
    assert abs(start / len(scene.pores) - 0.15) < 0.01
    patches = [source.patch(index) for index in own]
    for number, whole in enumerate((scene.pixels, scene.pores)):
        upper, lower = (np.hstack([patches[i][number] for i in two]) for two in ((0, 1), (2, 3)))
        middle = whole[start : start + 128, start : start + 128]
        assert np.array_equal(np.vstack([upper, lower]), middle)


def test_all_families_have_the_smallest_patches_and_smaller_ones_are_refused():
    source = FoamSource(seed=0, side=SMALLEST_SIDE)
    assert {source.example(index)[0].shape for index in range(120)} == {(40, 40, 1)}
    with pytest.raises(UserError, match="`side` to be a whole number of at least 40"):
        FoamSource(seed=0, side=SMALLEST_SIDE - 1)


def test_a_patch_does_not_depend_on_what_was_drawn_before():
    first, second = FoamSource(seed=3, side=48), FoamSource(seed=3, side=48)
    late = [first.example(index)[0] for index in (40, 2, 17)]
    early = [second.example(index)[0] for index in (17, 40, 2)]
    assert np.array_equal(late[0], early[1]) and np.array_equal(late[2], early[0])
    assert not np.array_equal(late[0], FoamSource(seed=4, side=48).example(40)[0])


def test_light_and_porosity_are_drawn_alike_for_all_families():
    free = ("porosity", "spread", "contrast", "brightness", "grain", "dose", "blur_px")
    drawn = [foam_config(family, np.random.default_rng(9)) for family in FAMILIES]
    for name in free:
        assert len({getattr(config, name) for config in drawn}) == 1
    sizes = [config.pore_diameter_px for config in drawn]
    assert sizes[0] > sizes[1] > sizes[2]


def test_pore_sizes_of_neighbouring_families_overlap():
    source, sizes = FoamSource(seed=21), []
    for number in range(len(FAMILIES)):
        found = [
            measure_pores(source.micrograph(index).pores).pores
            for index in (number, number + 12, number + 24)
        ]
        sizes.append(np.concatenate([one["diameter_px"][~one["touches_border"]] for one in found]))
    near = [overlap_coefficient(sizes[0], sizes[1]), overlap_coefficient(sizes[1], sizes[2])]
    assert min(near) >= 0.6 and overlap_coefficient(sizes[0], sizes[2]) < min(near)


def test_the_committed_list_is_what_the_code_makes():
    with open(SPLIT_FILE, newline="", encoding="utf-8") as stream:
        rows = {row["name"]: row for row in csv.DictReader(stream)}
    assert set(rows) == {part.name for part in foam_parts()}
    seeds = [part.seed for part in foam_parts()]
    assert len(set(seeds)) == len(seeds)
    for name, row in rows.items():
        part = foam_part(name)
        source = part.source()
        assert (row["seed"], row["count"]) == (str(part.seed), str(part.count))
        assert (row["split"], row["appearance"]) == (part.split, source.appearance)
        assert int(row["side"]) == SIDE == source.side
        assert row["last_group"] == source.group(part.count - 1)
        assert row["last_group"] != source.group(part.count)
    with pytest.raises(UserError, match="confocal_tests"):
        foam_part("confocal_tests")
