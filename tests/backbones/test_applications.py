"""Networks of keras.applications: names and strides are the same in every process."""

import keras
import pytest

from nanozoo.backbones import build_backbone

CHANNELS = {
    "densenet121": (64, 256, 512, 1024, 1024),
    "inception_v3": (64, 192, 288, 768, 2048),
}


@pytest.mark.parametrize("name", CHANNELS)
def test_levels_and_names(name):
    first = build_backbone(name, (70, 33, 1))
    keras.layers.Conv2D(2, 1)
    second = build_backbone(name, (None, None, 1))
    assert [one.path for one in first.weights] == [one.path for one in second.weights]
    for number, channels in enumerate(CHANNELS[name], 1):
        stride = 2**number
        assert first.output[f"C{number}"].shape == (None, 96 // stride, 64 // stride, channels)
    # A level lies on the way to the next one, so that gradients pass through it.
    assert keras.Model(first.get_layer("C4").output, first.output["C5"]).count_params() > 0
