"""Networks of `keras.applications` as backbones: native one-channel stem, levels on the path."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import keras
from keras import layers

from nanozoo.backbones.imagenet import MEAN, STD
from nanozoo.core.checks import check_choice, check_input_shape
from nanozoo.core.errors import UserError
from nanozoo.core.fold import fold_stem
from nanozoo.core.registry import BACKBONES
from nanozoo.layers.stem import micrograph_input

CENTRE = (0.5, 0.5, 0.5)
"""Mean and standard deviation of networks that expect images in [-1, 1]."""


@dataclass(frozen=True)
class Application:
    """A network of `keras.applications`, and what makes it a backbone.

    Args:
        title: As its paper writes it.
        network: Such as `keras.applications.InceptionV3`.
        channels: Channels of the levels "C1" to "C5".
        levels: Layer that ends each level, by the level's name. Without "C1" a convolution of
            our own gives it, beside the path.
        mean: Mean of each colour that its weights of ImageNet expect to be subtracted, in [0, 1].
        std: What they then expect each colour to be divided by.
        options: Further arguments of `network`.
        substitutes: By the name of a class, what makes a layer of our own from the configuration
            of one of that class, to take its place.
        tags: Words of its entry beside those of all; "adam" if plain gradient
            descent overshoots and Adam wants a rate of about 1e-4.
        pad: Whether to pad where the network does not, so that level n has stride 2**n at any
            size; kernels keep their shapes.
    """

    title: str
    network: Callable[..., keras.Model]
    channels: tuple[int, int, int, int, int]
    levels: Mapping[str, str]
    mean: tuple[float, float, float] = MEAN
    std: tuple[float, float, float] = STD
    options: Mapping[str, Any] = field(default_factory=dict)
    substitutes: Mapping[str, Callable[[dict], keras.Layer]] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    pad: bool = False

    def build(self, channels: int, weights: str | Path | None) -> keras.Model:
        """The whole network without its classifier, reading what `micrograph_input` makes."""
        options = {"include_top": False, **self.options}
        network = self.network(
            weights=None, input_tensor=micrograph_input((None, None, channels))[1], **options
        )
        if weights is not None:
            try:
                donor = self.network(weights=weights, input_shape=(None, None, 3), **options)
            except Exception as error:  # Keras raises just this where a download fails
                found = str(error).split("\n")[0]
                raise UserError(
                    f"The weights of {self.title} could not be read: download them once with an "
                    f"internet connection, or build with weights=None. "
                    f"Received: weights={str(weights)!r} ({found})"
                ) from error
            stem, *others = donor.get_weights()
            network.set_weights([fold_stem(stem, self.mean, self.std, channels), *others])
        return network


DOCSTRING = """Build {title} of `keras.applications` without its classifier.

    Args:
        input_shape: `(height, width, channels)`; height and width may be None.
        weights: "imagenet" for those that Keras downloads once, its colours folded into a stem
            of `channels`; None for random ones.{note}
        name: Name of the model.

    Returns:
        Flat functional model from `(B, H, W, C)` in [0, 1] to levels `{{"C1".."C5"}}`, level n
        `(B, H'/2**n, W'/2**n, F)` with {channels} channels, where `H', W'` are
        the next multiples of 32.

    Raises:
        UserError: If an argument is out of range, or the weights cannot be downloaded.

    Example:
        >>> from nanozoo.backbones import build_backbone
        >>> model = build_backbone("{name}", (64, 64, 1))
        >>> tuple(model.output["C5"].shape)
        (None, 2, 2, {last})

    References:
        {reference}
    """


NOTE = """ The
            network has no level C1; a convolution beside it gives one, random at first."""


def register_applications(family: Mapping[str, Application], reference: str) -> None:
    """Register networks of `keras.applications` as backbones.

    Args:
        family: The networks by their names in `nanozoo.core.registry.BACKBONES`, the smallest
            first; models are tested with that one.
        reference: Authors, year and DOI of their paper.
    """
    for number, (name, application) in enumerate(family.items()):
        BACKBONES.register(
            name,
            tags=("variant", "downloads imagenet", *application.tags) + ("larger",) * (number > 0),
            test_kwargs={"input_shape": (64, 64, 1)},
            reference=reference,
        )(_builder(name, application, reference))


def _builder(name: str, application: Application, reference: str) -> Callable[..., keras.Model]:
    def builder(
        input_shape: tuple[int | None, int | None, int] = (None, None, 1),
        *,
        weights: str | None = None,
        name: str = name,
    ) -> keras.Model:
        check_choice("weights", weights, (None, "imagenet"))
        return application_backbone(application, input_shape, name, weights=weights)

    *first, last = application.channels
    builder.__name__ = builder.__qualname__ = name
    builder.__doc__ = DOCSTRING.format(
        title=application.title,
        channels=f"{', '.join(map(str, first))} and {last}",
        name=name,
        last=last,
        note="" if "C1" in application.levels else NOTE,
        reference=reference,
    )
    return builder


def application_backbone(
    application: Application,
    input_shape: tuple[int | None, int | None, int],
    name: str,
    *,
    weights: str | Path | None = None,
) -> keras.Model:
    """Build a network of `keras.applications` without its classifier and its preprocessing.

    Layers without a name of their own get one that is the same in every process, such as
    "conv2d_3", and what is nested is made flat.

    Args:
        application: The network and its levels.
        input_shape: `(height, width, channels)`; height and width may be None.
        name: Name of the model.
        weights: "imagenet", downloaded by Keras, a file of Keras for the network without its
            classifier, or None for random ones.

    Returns:
        Flat functional model from `(B, H, W, C)` in [0, 1] to levels `{"C1".."C5"}`.

    Raises:
        UserError: If the weights cannot be read.
    """
    image = keras.Input(check_input_shape(input_shape), name="image")
    network = application.build(input_shape[-1], weights)
    level_of = {layer: level for level, layer in application.levels.items()}
    numbers: Counter[str] = Counter()
    copies: list[tuple[keras.Layer, keras.Layer]] = []
    names: dict[keras.Operation, str] = {}
    outputs = {}

    def copy(layer: keras.Layer | keras.Operation) -> keras.Layer | keras.Operation:
        if isinstance(layer, keras.Sequential):
            return layer
        kind = re.sub(r"_\d+$", "", layer.name)
        unnamed = kind.replace("_", "") == type(layer).__name__.lower()
        if unnamed and type(layer).__module__.startswith("keras."):
            numbers[kind] += 1
            names[layer] = f"{kind}_{numbers[kind]}"
        if not isinstance(layer, keras.Layer):
            return layer
        config = {**layer.get_config(), "name": names.get(layer, layer.name)}
        if application.pad and config.get("padding") == "valid":
            config["padding"] = "same"
        make = application.substitutes.get(type(layer).__name__, type(layer).from_config)
        copies.append((layer, make(config)))
        return copies[-1][1]

    def call(layer: keras.Layer, *args, **kwargs):
        if isinstance(layer, keras.Sequential):
            (result,) = args
            for part in layer.layers:
                result = copy(part)(result)
        else:
            result = layer(*args, **kwargs)
        level = level_of.get(names.get(layer, layer.name))
        if level is not None:
            outputs[level] = result = layers.Identity(name=level)(result)
        elif layer.name == "pad" and "C1" not in application.levels:
            outputs["C1"] = _first_level(result)
        return result

    inputs = keras.tree.map_structure(lambda _: image, network.input)
    keras.models.clone_model(
        network, input_tensors=inputs, clone_function=copy, call_function=call
    )
    for layer, own in copies if weights is not None else ():
        if own.built:
            own.set_weights(layer.get_weights())
    return keras.Model(image, dict(sorted(outputs.items())), name=name)


def _first_level(x):
    """Level C1 of a network whose first stride is 4: a convolution, normalised."""
    x = layers.Conv2D(64, 3, strides=2, padding="same", use_bias=False, name="first_conv")(x)
    x = layers.BatchNormalization(name="first_norm")(x)
    return layers.Identity(name="C1")(layers.Activation("gelu", name="first_gelu")(x))
