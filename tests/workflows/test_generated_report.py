"""The report on generated images says so where a generator collapsed."""

import shutil

import cv2
import numpy as np
import pytest

from nanozoo.core.errors import UserError
from nanozoo.engines.image_features import ImageFeatures
from nanozoo.engines.sampler import Sampler
from nanozoo.models.checkpoint import load, save_checkpoint
from nanozoo.models.gan import build_gan
from nanozoo.workflows.generated_report import report_checkpoint, report_generated

SMALL = {"latent_dim": 4, "filters": (4, 8, 8)}


@pytest.fixture(scope="module")
def real():
    coarse = np.random.default_rng(0).random((24, 4, 4))
    return np.kron(coarse, np.ones((1, 16, 16))).astype(np.float32)


@pytest.fixture(scope="module")
def gan(tmp_path_factory):
    folder = tmp_path_factory.mktemp("gan")
    model = build_gan((64, 64, 1), **SMALL)
    options = {"builder": "gan", "arguments": SMALL, "inference": {"size": 64}}
    save_checkpoint(model, folder, name="untrained", **options)
    return folder


def test_a_collapsed_set_is_called_so_and_a_varied_one_is_not(real, tmp_path, tiny_checkpoint):
    rng = np.random.default_rng(1)
    grain = rng.normal(scale=0.02, size=(12, 64, 64)).astype(np.float32)
    sets = {"collapsed": real[rng.integers(2, size=12)] + grain, "varied": real[:12] + grain}
    found = {
        name: report_generated(
            samples, real[12:], tmp_path / name, train=real[:12], features=tiny_checkpoint
        )
        for name, samples in sets.items()
    }
    assert found["collapsed"].diversity.collapsed and "\nCOLLAPSED: " in found["collapsed"].text
    assert not found["varied"].diversity.collapsed and "\nNot collapsed" in found["varied"].text
    assert found["collapsed"].distance.mean > found["varied"].distance.mean
    assert list(found["varied"].nearest.indices) == list(range(12))
    assert found["varied"].nearest.distances.max() < 0.03 < found["varied"].held.distances.min()
    for name in sets:
        files = {path.name for path in (tmp_path / name).iterdir()}
        assert files == {"report.md", "samples.png", "beside.png", "nearest.png"}
        assert (tmp_path / name / "report.md").read_text("utf-8") == found[name].text


def test_a_checkpoint_is_compared_with_a_folder(real, gan, tmp_path, tiny_checkpoint):
    for number, image in enumerate(real[:6]):
        path = tmp_path / "real" / f"{number}.png"
        path.parent.mkdir(exist_ok=True)
        cv2.imwrite(str(path), (255 * image).astype(np.uint8))
    options = {"features": tiny_checkpoint, "seed": 3}
    found = report_checkpoint(gan, tmp_path / "real", tmp_path / "out", **options)
    assert found.diversity.samples.clusters == found.diversity.real.clusters == 6
    again = report_generated(Sampler(gan).sample(6, 3), real[:6], tmp_path / "again", **options)
    assert again.diversity.samples == found.diversity.samples
    assert again.diversity.real.mean == pytest.approx(found.diversity.real.mean, abs=0.01)
    assert found.nearest is None and "nearest" not in found.text


def test_features_are_those_of_one_network_and_need_a_backbone(
    real, gan, tmp_path, tiny_checkpoint
):
    folder = shutil.copytree(tiny_checkpoint, tmp_path / "short-lived")
    features = ImageFeatures(folder, (64, 64), batch_size=2)
    shutil.rmtree(folder)
    found = features.of(real[:3])
    assert found.shape[0] == 3 and np.isfinite(found).all()
    np.testing.assert_allclose(features.of(real[1:2])[0], found[1], atol=1e-5)
    with pytest.raises(UserError, match="64, 64"):
        features.of(real[:3, :32])
    with pytest.raises(UserError, match="backbone"):
        ImageFeatures(gan, (64, 64))


def test_a_checkpoint_knows_the_one_size_that_it_draws(gan):
    assert load(gan).input_shape == (None, 64, 64, 1)


def test_what_cannot_be_drawn_is_named(gan, tiny_checkpoint, tmp_path):
    with pytest.raises(UserError, match="a GAN"):
        Sampler(tiny_checkpoint)
    options = {"builder": "gan", "arguments": SMALL}
    save_checkpoint(build_gan((64, 64, 1), **SMALL), tmp_path, name="sizeless", **options)
    with pytest.raises(UserError, match="size"):
        Sampler(tmp_path)
