"""Cores in shells: discs, dense and hollow, simulated scenes, and no core at all."""

import numpy as np
import pytest

from nanozoo.core.errors import UserError
from nanozoo.core.instances import Instances
from nanozoo.measure.core_shell import split_core_shell


def disc(row, column, radius, shape=(80, 80)):
    rows, columns = np.indices(shape)
    return np.hypot(rows - row, columns - column) <= radius


def noisy(image, spread=4.0, seed=0):
    return image + np.random.default_rng(seed).normal(0, spread, image.shape)


@pytest.mark.parametrize(("core", "shell"), [(40.0, 110.0), (110.0, 40.0), (250.0, 150.0)])
@pytest.mark.parametrize("centre", [(40, 40), (44, 37)])
def test_discs_dark_or_bright_in_the_middle_or_not(core, shell, centre):
    whole, inner = disc(40, 40, 28), disc(*centre, 15)
    image = noisy(np.where(inner, core, np.where(whole, shell, 200.0)))
    (parts,) = split_core_shell(image, Instances.from_labels(whole.astype(int)))
    assert parts.core.diameter == pytest.approx(30, rel=0.06)
    assert parts.thickness_px == pytest.approx(13, abs=1.0)
    together = np.zeros((80, 80), int)
    for part in (parts.core, parts.shell):
        together[part.window] += part.mask
    np.testing.assert_array_equal(together, whole)
    found = np.zeros((80, 80), bool)
    found[parts.core.window] = parts.core.mask
    assert (found & inner).sum() / (found | inner).sum() > 0.85


def test_grey_scale_and_offset_do_not_matter():
    whole = disc(40, 40, 28)
    image = noisy(np.where(disc(40, 40, 15), 40.0, np.where(whole, 110.0, 200.0)))
    particle = Instances.from_labels(whole.astype(int))
    (first,), (second,) = (split_core_shell(one, particle) for one in (image, 7 * image - 300))
    np.testing.assert_array_equal(first.core.mask, second.core.mask)


@pytest.mark.parametrize("seed", range(3))
def test_what_has_one_material_has_no_core(seed):
    rows, columns = np.indices((80, 80))
    whole = disc(40, 40, 28)
    dome = np.sqrt(np.maximum(28.0**2 - (rows - 40.0) ** 2 - (columns - 40.0) ** 2, 0))
    for image in (np.where(whole, 90.0, 200.0), 200 - 4 * dome, np.full((80, 80), 50.0)):
        particle = Instances.from_labels(whole.astype(int))
        assert split_core_shell(noisy(image, 4.0, seed), particle) == [None]
    constant = np.full((80, 80), 50, np.uint8)
    tiny = Instances.from_labels(disc(40, 40, 4).astype(int))
    assert split_core_shell(constant, particle) == split_core_shell(constant, tiny) == [None]


def test_another_image_is_refused():
    with pytest.raises(UserError, match="grey image of these particles"):
        split_core_shell(np.zeros((5, 5)), Instances((6, 6)))
    assert split_core_shell(np.zeros((6, 6)), Instances((6, 6))) == []


def test_benchmark_on_training_scenes(script, tmp_path, capsys):
    module = script("bench_core_shell")
    assert module.main(["--part", "train", "--limit", "2", "--out", str(tmp_path)]) == 0
    text = capsys.readouterr().out
    assert "| all cores in shells | 2 |" in text and "| spheres, one material | 1 |" in text
    rows = [row for row in module.score("train", 2) if row["preset"] == "core-shell"]
    assert all(row["cores"] >= 0.8 * row["particles"] > 0 for row in rows)
    assert all(row["core_error"] < 0.08 for row in rows)
