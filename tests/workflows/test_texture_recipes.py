"""Recipes that learn textures without labels: an autoencoder of micrographs, and a GAN."""

import cv2
import numpy as np
import pytest
from bench_detection import SPLITS

from nanozoo.core.errors import UserError
from nanozoo.data.splits import read_split
from nanozoo.io.micrograph import read_micrograph
from nanozoo.models.checkpoint import open_checkpoint
from nanozoo.training.history import read_history

DATASETS = ("emps", "nanoshapes-tem")
GREYS = {"train": 60, "val": 180, "test": 0}
GRAINS = {"train": 0.5, "val": 12.0, "test": 0.5}


@pytest.fixture
def data(tmp_path):
    """Two micrographs a part of each dataset, light and coarse by part, and one too small."""
    rng, folder = np.random.default_rng(0), tmp_path / "data"
    for dataset in DATASETS:
        split = read_split(SPLITS / f"{dataset}.csv")
        for kind in ("images", "masks"):
            (folder / dataset / kind).mkdir(parents=True)
        for part, grey in GREYS.items():
            names = [name for name in split if split[name] == part]
            for place, name in enumerate(names[:3]):
                shape = (100, 300) if place == 2 else (260, 300)
                noise = cv2.GaussianBlur(rng.normal(0, 1, shape), None, GRAINS[part])
                pixels = np.clip(grey + 20 * noise / noise.std(), 0, 255).astype(np.uint8)
                cv2.imwrite(str(folder / dataset / "images" / f"{name}.png"), pixels)
                labels = np.zeros(shape, np.uint16)
                cv2.imwrite(str(folder / dataset / "masks" / f"{name}.png"), labels)
    return folder


def roughness(patches):
    """Change from pixel to pixel over the contrast: 1.4 for noise, little for what is coarse."""
    return np.diff(patches, axis=-1).std() / patches.std()


def test_patches_are_of_their_part_and_held_ones_of_large_micrographs(script, data):
    recipe = script("vae_sem_textures")
    seen = recipe.micrograph_patches(data, 32, 5, 0)
    assert seen.shape == (5, 32, 32) and roughness(seen) > 1
    assert np.array_equal(seen, recipe.micrograph_patches(data, 32, 5, 0))
    held, numbers = recipe.held_patches(data, 32, 0)
    assert held.shape == (4 * recipe.NAMED, 32, 32) and roughness(held) < 0.8
    assert np.unique(numbers).tolist() == [0, 1, 3, 4]


def test_patches_for_a_gan_are_of_their_part(script, data):
    recipe = script("gan_sem")
    train, reference = (np.stack(recipe.patches(data, part, 4)) for part in recipe.PARTS)
    assert train.shape[:3] == reference.shape[:3] == (4, recipe.SIDE, recipe.SIDE)
    assert train.mean() < 90 and reference.mean() > 150
    with pytest.raises(UserError, match="NANOZOO_DATA"):
        recipe.patches(None, "train")
    scene, other = (recipe.scenes(part, 1)[0] for part in recipe.SEEDS)
    assert scene.shape == other.shape == (recipe.SIDE, recipe.SIDE)
    assert np.array_equal(scene, recipe.scenes("train", 1)[0]) and not np.array_equal(scene, other)


@pytest.mark.slow
def test_an_autoencoder_of_micrographs_trains_and_is_probed(script, data, tmp_path, capsys):
    recipe, out = script("vae_sem_textures"), tmp_path / "run"
    small = "--backbone plain --weights-backbone none --filters 4,8,8 --pooled-levels 1"
    words = f"{small} --size 32 --latent-dim 6 --batch-size 2 --patches 6".split()
    options = [*words, "--data", str(data), "--out", str(out)]
    recipe.main([*options, "--steps", "2"])
    text = (out / "textures.md").read_text()
    assert text in capsys.readouterr().out
    assert read_history(out)["val_loss"][-1] > 0
    assert open_checkpoint(out).notes["patches"] == 6
    recipe.main([*options, "--steps", "0"])
    assert (out / "textures.md").read_text() == text


@pytest.mark.slow
def test_a_gan_trains_and_is_reported(script, monkeypatch, tmp_path, capsys):
    recipe, out = script("gan_sem"), tmp_path / "run"
    monkeypatch.setattr(recipe, "WATCHED", 4)
    recipe.main(["--out", str(out), "--steps", "1", "--batch-size", "2"])
    text = (out / "report" / "report.md").read_text()
    assert text in capsys.readouterr().out and "| real images |" in text
    assert 0 <= read_history(out)["sample_similarity"][-1] <= 1
    assert open_checkpoint(out).notes["images"] == recipe.COUNT
    for name in ("nearest", "samples", "beside"):
        assert read_micrograph(out / "report" / f"{name}.png").pixels.std() > 0
