"""What the contract is checked on: every backbone alone, every model on a backbone."""

from __future__ import annotations

from dataclasses import dataclass

import keras
import numpy as np
import pytest

import nanozoo.models  # noqa: F401  (fills the registries)
from nanozoo.core.instances import Instances
from nanozoo.core.registry import BACKBONES, MODELS, Entry
from nanozoo.data.truth import encode_truth, stack_truth

TINY = "plain"
SIDE = 64


@dataclass(frozen=True)
class Case:
    """One network in its smallest form.

    Args:
        entry: Its registry entry.
        backbone: Backbone of a model, None for a backbone alone and for what has none.
    """

    entry: Entry
    backbone: str | None = None

    @property
    def id(self) -> str:
        """Name in test reports and of files."""
        return "-".join(filter(None, (self.entry.name, self.backbone)))

    @property
    def is_model(self) -> bool:
        """Whether it ends in probabilities, not in levels."""
        return self.backbone is not None or self.is_gan

    @property
    def is_detector(self) -> bool:
        """Whether it ends in a list of detections, not in maps."""
        return "detection" in self.entry.tags

    @property
    def is_classifier(self) -> bool:
        """Whether it ends in a class for the whole image."""
        return "classification" in self.entry.tags

    @property
    def is_autoencoder(self) -> bool:
        """Whether it draws the image again."""
        return "autoencoder" in self.entry.tags

    @property
    def is_gan(self) -> bool:
        """Whether it scores images and draws them; it has no backbone."""
        return "gan" in self.entry.tags

    @property
    def has_one_size(self) -> bool:
        """Whether it draws images, which have to be of one size."""
        return self.is_autoencoder or self.is_gan

    @property
    def has_maps(self) -> bool:
        """Whether its outputs are maps of known sizes."""
        return not (self.is_detector or self.is_classifier or self.has_one_size)

    @property
    def loss(self) -> str | None:
        """What to compile it with; detectors and what draws images have losses of their own."""
        own = self.is_detector or self.has_one_size
        return None if own else "sparse_categorical_crossentropy"

    @property
    def wants_adam(self) -> bool:
        """Whether plain gradient descent overshoots: by its entry or that of its backbone."""
        backbone = () if self.backbone is None else BACKBONES.entry(self.backbone).tags
        return "adam" in (*self.entry.tags, *backbone)

    def build(self, input_shape=(SIDE, SIDE, 1)) -> keras.Model:
        """Build the network for images of this shape."""
        kwargs = {**self.entry.test_kwargs, "input_shape": input_shape}
        if self.backbone is not None:
            kwargs["backbone"] = self.backbone
        return self.entry.obj(**kwargs)

    def build_shaken(self, input_shape=(SIDE, SIDE, 1)) -> keras.Model:
        """Build it with every variable moved off its first value.

        Variances grow to what He's initialisation gives, so that activations do not, and
        logits are brought to a spread of 1, so that no saturation hides a difference.
        """
        keras.utils.set_random_seed(11)
        model = self.build(input_shape)
        generator = np.random.default_rng(5)
        for variable in model.weights:
            noise = generator.uniform(-0.2, 0.2, variable.shape).astype(np.float32)
            if variable.path.endswith("moving_variance"):
                noise += 1.0
            scale = 1.0 if len(variable.shape) < 2 else variable.numpy()
            variable.assign(variable + scale * noise)
        images = random_images((2, SIDE, SIDE, model.input.shape[-1]))
        for layer in model.layers:
            if layer.name.endswith("logits"):
                spread = np.std(keras.Model(model.input, layer.output)(images, training=False))
                layer.set_weights([value / spread for value in layer.get_weights()])
        if self.is_detector:
            masks = outputs_of(model(images, training=False))["masks"]
            inside = masks[(masks > 0) & (masks < 1)].astype(np.float64)
            spread = np.std(np.log(inside / (1 - inside)))
            logits = model.get_layer("masks").head.mask_fcn_logits
            logits.set_weights([value / spread for value in logits.get_weights()])
        return model

    def build_trainable(self):
        """Build something with a loss: the model, or the backbone with a classifier.

        Returns:
            The model, two images `(2, 64, 64, 1)` and their labels, or their true instances, or
            for what draws images the images again.
        """
        keras.utils.set_random_seed(11)
        images = 0.1 * np.random.default_rng(3).random((2, SIDE, SIDE, 1), np.float32)
        labels = np.zeros((2, SIDE, SIDE), np.int32)
        labels[0, 8:32, 8:40] = labels[1, 24:56, 16:32] = 1
        if self.is_detector:
            labels &= np.stack([_ellipse((20, 24), (12, 16)), _ellipse((40, 24), (16, 8))])
        images[labels == 1] += 0.6
        model = self.build()
        if self.is_detector:
            instances = (Instances.from_stack(plane[None] == 1) for plane in labels)
            return model, images, stack_truth(encode_truth(item, 3) for item in instances)
        if self.has_one_size:
            return model, images, images
        if self.is_classifier:
            return model, images, np.array([0, 1])
        if self.is_model:
            return model, images, labels
        x = keras.layers.GlobalAveragePooling2D(name="pool")(model.output["C5"])
        x = keras.layers.Dense(2, activation="softmax", dtype="float32", name="classifier")(x)
        return keras.Model(model.input, x), images, np.array([0, 1])


def _ellipse(centre, radii) -> np.ndarray:
    """A plane in which an ellipse is 1; a mask that fills its box would teach nothing."""
    rows, columns = np.indices((SIDE, SIDE)) + 0.5
    away = ((rows - centre[0]) / radii[0]) ** 2 + ((columns - centre[1]) / radii[1]) ** 2
    return (away <= 1).astype(np.int32)


def outputs_of(result) -> dict[str, np.ndarray]:
    """Outputs by name as float32 arrays; a single output is called "output"."""
    named = result if isinstance(result, dict) else {"output": result}
    flat = {
        f"{name}{number or ''}": part
        for name, value in named.items()
        for number, part in enumerate(value if isinstance(value, list) else [value])
    }
    return {
        name: np.asarray(keras.ops.convert_to_numpy(keras.ops.cast(value, "float32")))
        for name, value in flat.items()
    }


def random_images(shape, seed: int = 0) -> np.ndarray:
    """Uniform float32 noise in [0, 1]."""
    return np.random.default_rng(seed).random(shape, np.float32)


def _marked(case: Case, slow: bool):
    return pytest.param(case, id=case.id, marks=[pytest.mark.slow] if slow else [])


def _is_variant(entry: Entry) -> bool:
    return "variant" in entry.tags


BACKBONE_CASES = [_marked(Case(entry), _is_variant(entry)) for entry in BACKBONES]
GAN_CASES = [_marked(Case(entry), _is_variant(entry)) for entry in MODELS if "gan" in entry.tags]
SMALLEST = [entry.name for entry in BACKBONES if "larger" not in entry.tags]
"""One backbone a family, and all that have no family."""

MODEL_CASES = [
    _marked(Case(entry, backbone), _is_variant(entry) or backbone != TINY)
    for entry in MODELS
    if not {"detection", "gan"} & set(entry.tags)
    for backbone in SMALLEST
]
DETECTOR_CASES = [
    _marked(Case(entry, backbone), backbone != TINY)
    for entry in MODELS
    if "detection" in entry.tags
    for backbone in SMALLEST
]
CASES = BACKBONE_CASES + MODEL_CASES + GAN_CASES + DETECTOR_CASES
ENTRIES = [pytest.param(entry, id=entry.name) for entry in (*BACKBONES, *MODELS)]
