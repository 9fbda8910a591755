"""ResNets against torchvision's topology in PyTorch, on seeded weights."""

import numpy as np
import pytest
from make_resnet_reference import GOLDEN, seeded_image, seeded_state

from nanozoo.backbones import build_backbone
from nanozoo.backbones.resnet import load_torchvision_resnet
from nanozoo.core.errors import UserError


@pytest.mark.parametrize(
    "depth",
    [18, pytest.param(34, marks=pytest.mark.slow), 50, pytest.param(101, marks=pytest.mark.slow)],
)
def test_equals_torchvision_topology(depth):
    model = build_backbone(f"resnet{depth}", (None, None, 3))
    state = seeded_state(depth)
    report = load_torchvision_resnet(model, state)
    assert len(report.loaded) == len(model.weights) == len(state)
    levels = model(seeded_image(depth)[None], training=False)
    with np.load(GOLDEN, allow_pickle=False) as golden:
        for level, value in levels.items():
            flat = np.asarray(value).ravel()
            wanted = golden[f"{depth}/{level}"]
            places = np.linspace(0, flat.size - 1, wanted.size).astype(int)
            np.testing.assert_allclose(flat[places], wanted, rtol=0, atol=1e-4)
            moments = golden[f"{depth}/{level}/moments"]
            np.testing.assert_allclose([flat.mean(), flat.std()], moments, rtol=0, atol=1e-5)


def test_classifier_is_skipped_and_a_missing_tensor_is_named():
    model = build_backbone("resnet18")
    state = seeded_state(18)
    state["fc.weight"] = np.zeros((1000, 512), np.float32)
    state["bn1.num_batches_tracked"] = np.array(7)
    report = load_torchvision_resnet(model, state)
    assert set(report.skipped) == {"fc/kernel", "bn1/num_batches_tracked"}
    del state["layer3.1.conv2.weight"]
    with pytest.raises(UserError, match="layer3_1_conv2/kernel"):
        load_torchvision_resnet(model, state)
