"""The benchmark of generated images keeps micrographs apart, and its arms differ in one half."""

import bench_augmentation as bench
import numpy as np
import pytest

from nanozoo.core.errors import UserError
from nanozoo.data.labelled_images import LabelledImages
from nanozoo.data.pipeline import batch_of
from nanozoo.data.textures import LabelledTextures
from nanozoo.workflows.benchmark_store import write_table


@pytest.fixture(scope="module")
def patches():
    """Stripes and noise, 9 patches of each of 5 micrographs; one more has a single patch."""
    rng = np.random.default_rng(0)
    groups = np.array([f"{one}_{number}" for one in "ab" for number in range(5) for _ in range(9)])
    groups = np.append(groups, "a_small")
    labels = np.array([int(group[0] == "b") for group in groups])
    images = rng.random((len(groups), 32, 32), np.float32)
    images[labels == 1, ::4] = 1.0
    files = tuple(f"{number}.png" for number in range(len(groups)))
    return LabelledImages(images, labels, ("noise", "stripes"), groups, files)


def test_few_patches_of_few_micrographs_are_drawn_and_all_others_scored(patches):
    drawn = set()
    for seed in range(20):
        train, test = bench.draw_few(patches, seed)
        assert len(set(train)) == len(train)
        groups, counts = np.unique(patches.groups[train], return_counts=True)
        assert set(counts) == {bench.EACH} and len(groups) == 2 * bench.MICROGRAPHS
        assert set(patches.labels[train]) == {0, 1}
        assert set(groups) | set(patches.groups[test]) == set(patches.groups)
        assert not set(groups) & set(patches.groups[test])
        drawn |= set(groups)
    assert drawn == set(patches.groups) - {"a_small"}


def test_every_second_example_is_the_same_real_patch_in_each_arm(patches):
    train, _ = bench.draw_few(patches, 3)
    images, labels = patches.images[train], patches.labels[train]
    lengths = bench.Lengths(added=30)
    real = LabelledTextures(images, 3, labels=labels)
    found = {}
    for arm in ("real", "changed"):
        more, classes = bench.added_images(arm, images, labels, 3, lengths)
        source = bench.InTurn(real, LabelledTextures(more, 4, labels=classes))
        found[arm] = batch_of(source, 2, 16)
        assert source.names(6).startswith("real") and source.names(7).startswith("added")
    (plain, names), (strong, others) = found["real"], found["changed"]
    np.testing.assert_array_equal(plain[::2], strong[::2])
    np.testing.assert_array_equal(names[::2], others[::2])
    assert not np.array_equal(plain[1::2], strong[1::2])
    both = zip(images, bench.changed(images, len(images), 3))
    assert min(np.abs(before - after).max() for before, after in both) > 0.05
    assert more.shape == (60, 32, 32) and list(np.bincount(classes)) == [30, 30]
    assert 0 <= more.min() < more.max() <= 1 and more.std(axis=(1, 2)).min() > 0


def test_the_report_has_accuracies_and_paired_differences():
    right = {"real": (1, 0, 1, 0), "changed": (1, 0, 1, 1), "generated": (1, 1, 1, 1)}
    rows = [
        {"seed": seed, "arm": arm, "micrograph": f"m{place}", "right": answer,
         "material": ("noise", "stripes")[place % 2]}
        for seed in (0, 1) for arm, answers in right.items()
        for place, answer in enumerate(answers)
    ]  # fmt: skip
    gan = dict.fromkeys(bench.GAN_COLUMNS, 0.25) | {"seed": 0, "material": "noise", "collapsed": 1}
    lines = bench.report(rows, [gan]).splitlines()
    cells = {line.split(" | ")[0]: line.split(" | ")[1:] for line in lines if line}
    assert cells["| real"][0].startswith("0.500 [") and cells["| real"][1:3] == ["1.000", "0.000"]
    assert cells["| changed"][0].startswith("0.750 [") and cells["| generated"][2] == "1.000"
    assert cells["| generated - real"][0].startswith("+0.500 [")
    assert cells["| generated - changed"][1].startswith("+0.250")
    assert cells["| noise"][:5] == ["0", "0.250", "0.250", "+0.250", "yes"]


@pytest.mark.slow
def test_all_arms_are_trained_and_scored_on_the_same_patches(patches, tmp_path):
    lengths = bench.Lengths(gan=1, classifier=2, backbone="plain", start=None, added=4)
    rows, drawn = bench.score(patches, 1, lengths)
    _, test = bench.draw_few(patches, 1)
    for arm in bench.ARMS:
        own = [row["file"] for row in rows if row["arm"] == arm]
        assert own == [patches.files[place] for place in test]
    assert [(row["material"], row["seed"]) for row in drawn] == [("noise", 1), ("stripes", 1)]
    assert all(0 <= row["samples_to_training"] <= 1 for row in drawn)
    for columns, table in ((bench.COLUMNS, rows), (bench.GAN_COLUMNS, drawn)):
        write_table(tmp_path / "table.csv", columns, table)
        again = bench.kept(tmp_path / "table.csv")
        assert [list(row) for row in again] == [list(columns)] * len(table)
        for row, found in zip(table, again):
            assert found == pytest.approx(row, abs=1e-4)


def test_a_missing_material_is_named(patches):
    with pytest.raises(UserError, match="none of fibres"):
        bench.of_materials(patches, ("noise", "fibres"))


def test_a_table_of_gans_of_another_length_does_not_go_on(patches, tmp_path, monkeypatch, capsys):
    gan = dict.fromkeys(bench.GAN_COLUMNS, 0) | {"material": "noise", "steps": 400}
    write_table(tmp_path / "gans.csv", bench.GAN_COLUMNS, [gan])
    monkeypatch.setattr(bench, "MATERIALS", ("noise", "stripes"))
    monkeypatch.setattr(bench, "read_labelled_images", lambda folder: patches)
    asked = ["--data", str(tmp_path), "--out", str(tmp_path), "--gan-steps", "7"]
    assert bench.main(asked) == 2
    assert "gans.csv is of GANs of other lengths" in capsys.readouterr().err
