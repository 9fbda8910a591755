"""Mask R-CNN as a whole: it learns overlapping particles, saves, and runs on JAX."""

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import keras
import numpy as np
import pytest

from nanozoo.core.errors import UserError
from nanozoo.core.instances import Instances
from nanozoo.core.registry import MODELS
from nanozoo.data.truth import encode_truth, stack_truth
from nanozoo.engines.masks import to_instances
from nanozoo.heads.box import BoxHead
from nanozoo.heads.mask import MaskHead
from nanozoo.heads.rpn import RPNHead
from nanozoo.layers.detections import Detections
from nanozoo.layers.proposals import Proposals
from nanozoo.layers.pyramid import PyramidRoIAlign
from nanozoo.models.detector import LOSSES
from nanozoo.models.maskrcnn import build_maskrcnn

SMALL = MODELS.entry("maskrcnn").test_kwargs


def scenes():
    """Two images `(2, 64, 64, 1)` of two particles that overlap, their masks and targets."""
    y, x = np.mgrid[:64, :64]
    first = np.stack([(y - 22) ** 2 + (x - 24) ** 2 < 14**2, (y - 36) ** 2 + (x - 38) ** 2 < 150])
    second = np.stack([(abs(y - 40) < 12) & (abs(x - 20) < 9), (y - 30) ** 2 + (x - 44) ** 2 < 99])
    images = 0.1 * np.random.default_rng(0).random((2, 64, 64, 1), np.float32)
    stacks = first, second
    for image, stack in zip(images, stacks):
        image[..., 0] += 0.4 * stack.sum(axis=0)
    truth = stack_truth(
        encode_truth(Instances.from_stack(stack, (1, 2)), limit=3, num_classes=3)
        for stack in stacks
    )
    return images, stacks, truth


def build(**changes):
    keras.utils.set_random_seed(3)
    arguments = {**SMALL, "backbone": "plain", "seed": 5, **changes}
    return build_maskrcnn((64, 64, 1), 3, **arguments)


def test_two_overlapping_particles_are_learnt_and_found():
    images, stacks, truth = scenes()
    model = build(
        pyramid_filters=16,
        rpn_pre_nms_top_n=100,
        rpn_post_nms_top_n=60,
        rpn_batch_size_per_image=64,
        box_batch_size_per_image=32,
        box_head_units=32,
        mask_head_filters=(16,),
    )
    rate = keras.optimizers.schedules.CosineDecay(3e-3, 160)
    model.compile(keras.optimizers.Adam(rate), jit_compile=False)
    before = [variable.numpy() for variable in model.trainable_variables]
    first = model.train_on_batch(images, truth, return_dict=True)
    assert set(first) == {"loss", *LOSSES}
    assert first["loss"] == pytest.approx(sum(first[name] for name in LOSSES), rel=1e-4)
    for _ in range(160):
        last = model.train_on_batch(images, truth, return_dict=True)
    for variable, old in zip(model.trainable_variables, before):
        assert not np.array_equal(variable.numpy(), old), f"{variable.path} did not move"
    assert last["loss"] < 0.2 * first["loss"]

    found = {name: keras.ops.convert_to_numpy(value) for name, value in model(images).items()}
    for number, stack in enumerate(stacks):
        mine = to_instances({name: value[number] for name, value in found.items()}, (64, 64))
        sure = Instances(mine.shape, [item for item in mine if item.score > 0.7])
        assert sorted(item.class_id for item in sure) == [1, 2]
        for item, mask in zip(sure, sure.to_stack()):
            wanted = stack[item.class_id - 1]
            assert (mask & wanted).sum() / (mask | wanted).sum() > 0.7


def test_an_image_without_particles_trains():
    images, _, truth = scenes()
    empty = {name: np.zeros_like(value) for name, value in truth.items()}
    model = build()
    model.compile(keras.optimizers.SGD(0.01), run_eagerly=True)
    losses = model.train_on_batch(images, empty, return_dict=True)
    assert np.isfinite(list(losses.values())).all()
    assert losses["rpn_box_loss"] == losses["box_loss"] == losses["mask_loss"] == 0


def test_a_saved_model_is_rebuilt_with_its_arguments_and_heads(tmp_path):
    model = build(anchor_sizes=(4, 8, 16, 32, 64), box_head=BoxHead(3, 12, name="box_head"))
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert json.loads(json.dumps(model.get_config())) == loaded.get_config()
    assert loaded.get_layer("box_head").units == 12
    images, _, _ = scenes()
    wanted, got = model(images), loaded(images)
    for name in wanted:
        np.testing.assert_array_equal(got[name], wanted[name])


class Mean(keras.layers.Layer):
    """A neck: the mean of a level's channels, four times."""

    def call(self, levels):
        pyramid = {
            f"P{n}": keras.ops.repeat(keras.ops.mean(levels[f"C{n}"], -1, keepdims=True), 4, -1)
            for n in (2, 3, 4, 5)
        }
        return pyramid | {"P6": pyramid["P5"][:, ::2, ::2]}


def test_every_part_can_be_replaced_by_a_layer_of_any_name():
    parts = {
        "neck": Mean(),
        "rpn_head": RPNHead(3),
        "rpn_proposals": Proposals(20, 12),
        "box_roi_pool": PyramidRoIAlign(5),
        "box_head": BoxHead(3, 12),
        "box_detections": Detections(max_detections=4),
        "mask_roi_pool": PyramidRoIAlign(6),
        "mask_head": MaskHead(3, (4,)),
    }
    model = build(**parts)
    assert model.output["masks"].shape[1:] == (4, 12, 12)
    masks = model.get_layer("masks")
    for part in (masks.align, masks.head, *model.layers):
        parts = {name: other for name, other in parts.items() if other is not part}
    assert not parts, "not in the model"
    images, _, truth = scenes()
    model.compile(keras.optimizers.SGD(0.01), run_eagerly=True)
    losses = model.train_on_batch(images, truth, return_dict=True)
    assert np.isfinite(list(losses.values())).all()


def test_finer_masks_take_the_weights_of_coarse_ones_and_dice_adds_to_their_loss():
    images, _, truth = scenes()
    plain, fine, dice = build(), build(mask_pool_size=20), build(mask_dice_weight=0.5)
    assert fine.output["masks"].shape[2:] == (40, 40)
    losses = []
    for model in (plain, fine, dice):
        model.set_weights(plain.get_weights())
        model.compile(keras.optimizers.SGD(0.0), run_eagerly=True)
        losses.append(model.train_on_batch(images, truth, return_dict=True))
    coarse, finer, with_dice = (loss["mask_loss"] for loss in losses)
    assert finer == pytest.approx(coarse, rel=0.2)
    assert coarse < with_dice < coarse + 0.5


def test_levels_are_reached_by_name():
    model = build()
    cut = keras.Model(model.input, [model.get_layer(f"P{n}").output for n in (2, 3, 4, 5, 6)])
    assert [tuple(shape[1:3]) for shape in cut.output_shape] == [
        (16, 16), (8, 8), (4, 4), (2, 2), (1, 1)
    ]  # fmt: skip


@pytest.mark.slow
def test_graphs_for_several_sizes_come_from_one_model():
    """The second size makes TensorFlow trace a graph that knows no sizes."""
    model = build_maskrcnn((None, None, 1), 3, **{**SMALL, "backbone": "plain"})
    model.compile(jit_compile=False)
    for side in (64, 40):
        image = np.random.default_rng(side).random((1, side, side, 1), np.float32)
        wanted, got = model(image), model.predict_on_batch(image)
        for name, value in got.items():
            np.testing.assert_allclose(
                np.float32(value), np.float32(wanted[name]), atol=1e-3, err_msg=name
            )


@pytest.mark.parametrize(
    "bad, message",
    [
        ({"rpn_nms_thresh": 1.2}, "`rpn_nms_thresh` to be from 0 to 1"),
        ({"box_positive_fraction": -0.1}, "`box_positive_fraction` to be from 0 to 1"),
        ({"box_batch_size_per_image": 0}, "`box_batch_size_per_image` to be a whole number"),
        ({"mask_pool_size": 0}, "`mask_pool_size` to be a whole number"),
        ({"mask_dice_weight": 2.0}, "`mask_dice_weight` to be from 0 to 1"),
        ({"box_fg_iou_thresh": 0.4}, "`box_fg_iou_thresh` to be at least `box_bg_iou_thresh`"),
    ],
)
def test_numbers_out_of_range_are_refused(bad, message):
    with pytest.raises(UserError, match=message):
        build(**bad)


@pytest.mark.parametrize(
    "bad", [{"anchor_sizes": (8, 16)}, {"anchor_sizes": (8, 16, (3, 4), 64, 128)}]
)
def test_bad_anchors_are_refused(bad):
    with pytest.raises(UserError, match="anchor_sizes"):
        build(**bad)


def test_truth_in_another_form_is_refused():
    model = build()
    with pytest.raises(UserError, match="boxes, labels, masks, valid"):
        model.compute_loss(y={"boxes": np.zeros((1, 2, 4))}, y_pred={})


ON_JAX = """
import sys, keras, numpy as np
import nanozoo.models
folder = sys.argv[1]
model = keras.saving.load_model(folder + "/model.keras")
with np.load(folder + "/scenes.npz") as stored:
    images = stored["images"]
    truth = {name: stored[name] for name in ("boxes", "labels", "masks", "valid")}
model.compile(keras.optimizers.SGD(0.02, momentum=0.9), jit_compile=True)
found = model.predict_on_batch(images)
losses = [model.train_on_batch(images, truth)[0] for _ in range(6)]
np.savez(folder + "/jax.npz", losses=np.float32(losses), **found)
"""


@pytest.mark.slow
@pytest.mark.skipif(find_spec("jax") is None, reason="needs the extra `jax`")
def test_compiled_on_jax_it_detects_the_same_and_trains(tmp_path):
    images, _, truth = scenes()
    model = build()
    model.save(tmp_path / "model.keras")
    np.savez(tmp_path / "scenes.npz", images=images, **truth)
    wanted = model(images)
    quick = "--xla_backend_optimization_level=0"
    done = subprocess.run(
        [sys.executable, "-c", ON_JAX, tmp_path],
        env={**os.environ, "KERAS_BACKEND": "jax", "XLA_FLAGS": quick},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    with np.load(tmp_path / "jax.npz") as got:
        for name, value in wanted.items():
            value = np.float32(value)
            np.testing.assert_allclose(np.float32(got[name]), value, atol=1e-3, err_msg=name)
        assert np.isfinite(got["losses"]).all() and got["losses"][-1] < 0.9 * got["losses"][0]
