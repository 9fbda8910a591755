"""Bilinear upsampling agrees with Keras' own, and takes any size in a compiled prediction."""

import keras
import numpy as np
import pytest

from nanozoo.layers.upsampling import BilinearUpsampling


@pytest.mark.parametrize("factor", [2, 3, 4])
@pytest.mark.parametrize("shape", [(5, 4), (1, 3), (1, 1)])
def test_agrees_with_keras(factor, shape):
    x = np.random.default_rng(0).normal(size=(2, *shape, 3)).astype(np.float32)
    wanted = keras.layers.UpSampling2D(factor, interpolation="bilinear")(x)
    np.testing.assert_allclose(BilinearUpsampling(factor)(x), wanted, atol=1e-6)


def test_a_compiled_model_takes_any_size_and_is_saved(tmp_path):
    inputs = keras.Input((None, None, 1))
    model = keras.Model(inputs, BilinearUpsampling(4)(inputs))
    assert model.output_shape == (None, None, None, 1)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    for shape in ((3, 5), (2, 8)):
        x = np.random.default_rng(1).normal(size=(1, *shape, 1)).astype(np.float32)
        found = again.predict_on_batch(x)
        assert found.shape == (1, 4 * shape[0], 4 * shape[1], 1)
        np.testing.assert_allclose(found, model(x), atol=1e-6)
