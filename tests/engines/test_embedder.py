import numpy as np
import pytest

from nanozoo.core.errors import UserError
from nanozoo.engines.embedder import Embedder
from nanozoo.models.checkpoint import load, save_checkpoint
from nanozoo.models.vae import build_autoencoder, build_vae

ARGUMENTS = {"latent_dim": 5, "filters": (4, 8, 8)}
INFERENCE = {"size": 32, "cropped": 0.0, "stretched": True}


@pytest.fixture(scope="module", params=["vae", "autoencoder"])
def folder(request, tmp_path_factory):
    out = tmp_path_factory.mktemp(request.param)
    build = build_vae if request.param == "vae" else build_autoencoder
    model = build((32, 32, 1), **ARGUMENTS)
    save_checkpoint(
        model,
        out,
        name=out.name,
        builder=request.param,
        arguments=ARGUMENTS,
        classes=(),
        inference=INFERENCE,
    )
    return out


def test_images_become_points_and_points_images(folder):
    embedder = Embedder(folder, batch_size=2)
    rng = np.random.default_rng(0)
    images = embedder.prepare([rng.random((40, 60)), rng.random((32, 32, 3)), np.eye(90)])
    assert images.shape == (3, 32, 32) and images.dtype == np.float32
    found = embedder.embed(images)
    outputs = {
        k: np.asarray(v) for k, v in embedder.model(images[..., None], training=False).items()
    }
    np.testing.assert_allclose(found.mean, outputs["z"], atol=1e-5)
    drawn = embedder.reconstruct(images)
    np.testing.assert_allclose(drawn, outputs["reconstruction"][..., 0], atol=1e-5)
    if embedder.variational:
        np.testing.assert_allclose(found.sigma, np.exp(outputs["log_variance"] / 2), rtol=1e-5)
        many = np.stack([found.drawn(seed) for seed in range(300)])
        np.testing.assert_allclose(many.std(axis=0), found.sigma, rtol=0.25)
        np.testing.assert_array_equal(found.drawn(4), many[4])
    else:
        assert found.sigma is None
        np.testing.assert_array_equal(found.drawn(), found.mean)


def test_a_checkpoint_knows_the_one_size_that_it_takes(folder):
    assert load(folder).input_shape == (None, 32, 32, 1)


def test_wrong_shapes_and_checkpoints_are_named(folder):
    embedder = Embedder(folder)
    with pytest.raises(UserError, match="images"):
        embedder.embed(np.zeros((1, 16, 16)))
    with pytest.raises(UserError, match="points"):
        embedder.decode(np.zeros((1, 4)))
    with pytest.raises(UserError, match="shapecnn_outline"):
        Embedder("shapecnn_outline")
