"""A network with all that a `Predictor` does before it, and most of what it does after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nanozoo.engines.runtimes.keras_engine import build_with, with_named_outputs

if TYPE_CHECKING:
    import keras

    from nanozoo.checkpoints.config import Checkpoint

POLICIES = {"float32": "float32", "bfloat16": "mixed_bfloat16"}


def build_whole(
    checkpoint: Checkpoint, scales: tuple[float, ...] = (1.0,), precision: str = "float32"
) -> keras.Model:
    """Put pre-processing, padding and the average over magnifications around a network.

    What is inside: the percentile stretch of `nanozoo.io.micrograph.normalise` for grey images,
    each magnification, mirrored padding to a multiple of 64 px, the network, cropping, resizing
    back and the mean. What is not: colours, tiles, flips, and how particles are got.

    Args:
        checkpoint: Of a network that classifies pixels.
        scales: Magnifications whose probabilities are averaged.
        precision: "float32", or "bfloat16" for a network that computes in it.

    Returns:
        Model from "image" `(B, H, W, 1)` float32, any range, to a dict of "classes"
        `(B, H, W, K)` and, where the network predicts it, "boundary" `(B, H, W, 1)`.
    """
    import keras
    from keras import layers

    from nanozoo.layers.grey import MirrorToMultiple, StretchGrey
    from nanozoo.layers.resize import Magnify, ResizeLike
    from nanozoo.layers.stem import CropLike

    network = with_named_outputs(build_with(POLICIES[precision], checkpoint))
    image = keras.Input((None, None, 1), name="image")
    grey = StretchGrey(name="stretch_grey")(image)
    found: dict[str, list] = {}
    for number, scale in enumerate(scales):
        scaled = grey if scale == 1 else Magnify(scale, name=f"magnify_{number}")(grey)
        x = MirrorToMultiple(name=f"mirror_{number}")(scaled)
        channels = network.input.shape[-1]
        if channels > 1:
            x = layers.Concatenate(name=f"channels_{number}")([x] * channels)
        for name, maps in network(x).items():
            maps = CropLike(name=f"{name}_crop_{number}")(maps, scaled)
            if scale != 1:
                maps = ResizeLike(name=f"{name}_resize_{number}")(maps, image)
            found.setdefault(name, []).append(maps)
    means = {
        name: maps[0] if len(maps) == 1 else layers.Average(name=f"{name}_mean")(maps)
        for name, maps in found.items()
    }
    outputs = {name: layers.Identity(name=f"{name}_out")(maps) for name, maps in means.items()}
    return keras.Model(image, outputs, name="whole")


def build_whole_detector(
    checkpoint: Checkpoint, scale: float = 1.0, precision: str = "float32"
) -> keras.Model:
    """Put pre-processing and a magnification around a detector.

    Args:
        checkpoint: Of a network that detects particles.
        scale: Magnification, above 0.
        precision: "float32", or "bfloat16" for a network that computes in it.

    Returns:
        Model from "image" `(B, H, W, 1)` float32, any range, to what
        `nanozoo.models.maskrcnn.build_maskrcnn` gives, boxes in px of the image.
    """
    import keras
    from keras import layers

    from nanozoo.layers.grey import StretchGrey
    from nanozoo.layers.resize import BoxesLike, Magnify

    network = build_with(POLICIES[precision], checkpoint)
    image = keras.Input((None, None, 1), name="image")
    x = scaled = StretchGrey(name="stretch_grey")(image)
    if scale != 1:
        x = scaled = Magnify(scale, name="magnify")(x)
    channels = network.input.shape[-1]
    if channels > 1:
        x = layers.Concatenate(name="channels")([x] * channels)
    outputs = dict(network(x))
    if scale != 1:
        outputs["boxes"] = BoxesLike(name="boxes_resize")(outputs["boxes"], scaled, image)
    outputs = {name: layers.Identity(name=f"{name}_out")(it) for name, it in outputs.items()}
    return keras.Model(image, outputs, name="whole")
