"""Variational and plain autoencoders: a few numbers an image, from which it can be drawn again."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers

from nanozoo.core.checks import check_choice, check_input_shape, check_int, check_not_negative
from nanozoo.core.errors import UserError
from nanozoo.core.registry import MODELS
from nanozoo.layers.blocks import conv_bn_relu
from nanozoo.layers.sampling import Sampling
from nanozoo.models.encoder import build_encoder
from nanozoo.models.finish import start_from
from nanozoo.models.reconstruction import RECONSTRUCTIONS, Reconstruction

FILTERS = (512, 256, 128, 64)
"""Channels of the four convolutions of Romero Serrano 2023, section 5.2."""


def latent_decoder(z, shape: tuple[int, int, int], filters: tuple[int, ...], kernel_size: int):
    """Draw an image from a point of the latent space.

    Args:
        z: `(B, D)`.
        shape: `(H, W, C)` of the image.
        filters: Channels at strides 1, 2, 4, ..., as of the encoder.
        kernel_size: Side of the kernels, px.

    Returns:
        `(B, H, W, C)` float32 in [0, 1].
    """
    stride = 2 ** (len(filters) - 1)
    height, width = (-(-side // stride) for side in shape[:2])
    x = layers.Dense(height * width * filters[-1], name="decoder_dense")(z)
    x = layers.Reshape((height, width, filters[-1]), name="decoder_reshape")(x)
    for level in reversed(range(len(filters))):
        x = conv_bn_relu(x, filters[level], kernel_size, f"decoder{level}")
        if level:
            x = layers.UpSampling2D(name=f"decoder{level}_upsample")(x)
    x = layers.Conv2D(shape[-1], kernel_size, padding="same", name="reconstruction_logits")(x)
    surplus = stride * height - shape[0], stride * width - shape[1]
    x = layers.Cropping2D([(0, side) for side in surplus], name="reconstruction_crop")(x)
    return layers.Activation("sigmoid", dtype="float32", name="reconstruction")(x)


@MODELS.register(
    "vae",
    tags=("autoencoder",),
    test_kwargs={"latent_dim": 6, "filters": (8, 8, 8), "reconstruction": "squared_error"},
    reference="Kingma, Welling 2014, doi:10.48550/arXiv.1312.6114",
)
def build_vae(
    input_shape: tuple[int, int, int] = (128, 128, 1),
    latent_dim: int = 128,
    backbone: str = "plain",
    *,
    filters: tuple[int, ...] = FILTERS,
    kernel_size: int = 3,
    pooled_levels: int = 0,
    texture_scale: float = 0.0,
    frozen_encoder: bool = False,
    beta: float = 1.0,
    warmup_steps: int = 0,
    reconstruction: str = "binary_crossentropy",
    weights: str | None = None,
    weights_backbone: str | None = None,
    name: str | None = None,
) -> keras.Model:
    """Build a variational autoencoder on any backbone.

    The noise is `z = mean + exp(log_variance / 2) * eps`; equation 13 of the thesis that the
    default follows has log(sigma) in its place, which is a slip.

    Args:
        input_shape: `(height, width, channels)`, all known.
        latent_dim: Numbers an image, at least 1.
        backbone: Name in `nanozoo.core.registry.BACKBONES`.
        filters: Channels at strides 1, 2, 4, ...: of the decoder, and of an encoder "plain",
            which has one convolution for each. Their number, from 2 to 6, says at which level
            the encoder ends: four end at C3, of stride 8.
        kernel_size: Side of the kernels, px, of the decoder and of an encoder "plain".
        pooled_levels: Number of the encoder's last levels whose features, averaged over the
            image, give the variances, which then follow what a texture is like and not how it
            is arranged, as the means do; 0 for variances from the features at every place, at
            most one less than there are filters.
        texture_scale: Scale of the first weights between averaged features and variances, 0 or
            more (of `VarianceScaling`). Started at 0, the variances come to follow the few
            directions that help to draw; above, they mix all features. Only with pooled levels.
        frozen_encoder: Whether the encoder keeps the weights that it starts from, so that it
            does not forget what it knows of textures: give weights, else it stays as random as
            it began. A normalisation of its features, which follows the training images, is added.
        beta: Weight of the divergence from the standard normal distribution, 0 or more.
        warmup_steps: Training steps within which that weight grows from 0.
        reconstruction: "binary_crossentropy" or "squared_error", summed over the pixels.
        weights: Checkpoint name or folder to start from; the other arguments must agree.
        weights_backbone: "imagenet" or "micronet" where the backbone has such weights, or the
            name or folder of a checkpoint of any model on this backbone: for the encoder.
        name: Name of the model.

    Returns:
        Model from `(B, H, W, C)` in [0, 1] to a dict of "mean", "log_variance" and "z"
        `(B, latent_dim)` float32, and "reconstruction" `(B, H, W, C)` float32 in [0, 1]. In
        training z is drawn at random, else it is the mean. Fit it to the images themselves.

    Raises:
        UserError: If an argument is out of range, or the weights do not fit.

    Example:
        >>> from nanozoo import build_vae
        >>> model = build_vae((64, 64, 1), latent_dim=16, filters=(8, 16, 32))
        >>> tuple(model.output["z"].shape), tuple(model.output["reconstruction"].shape)
        ((None, 16), (None, 64, 64, 1))

    References:
        Kingma, Welling 2014, doi:10.48550/arXiv.1312.6114; Higgins et al. 2017 (beta); Romero
        Serrano, thesis, Universidad Industrial de Santander 2023 (the default layers).
    """
    arguments = {
        "input_shape": input_shape,
        "latent_dim": latent_dim,
        "backbone": backbone,
        "filters": filters,
        "kernel_size": kernel_size,
        "pooled_levels": pooled_levels,
        "texture_scale": texture_scale,
        "frozen_encoder": frozen_encoder,
        "beta": beta,
        "warmup_steps": warmup_steps,
        "reconstruction": reconstruction,
    }
    check_int("warmup_steps", warmup_steps, 0)
    check_int("pooled_levels", pooled_levels, 0)
    for argument in ("beta", "texture_scale"):
        check_not_negative(argument, arguments[argument])
    if texture_scale and not pooled_levels:
        raise UserError(
            "Expected `pooled_levels` with `texture_scale`: it scales what reads averaged levels. "
            f"Received: texture_scale={texture_scale!r}, pooled_levels={pooled_levels!r}"
        )
    encoder, levels = _encoded(arguments, weights_backbone)
    x = layers.Flatten(name="encoder_flatten")(levels[0])
    mean = layers.Dense(
        latent_dim,
        kernel_initializer=_scaled(0.01),  # pyright: ignore[reportArgumentType]
        dtype="float32",
        name="mean",
    )(x)
    if pooled_levels:
        pooled = [
            layers.GlobalAveragePooling2D(name=f"texture{number}")(level)
            for number, level in enumerate(levels)
        ]
        x = layers.Concatenate(name="texture")(pooled) if len(pooled) > 1 else pooled[0]
    start = _scaled(texture_scale) if texture_scale else "zeros"
    spread = layers.Dense(
        latent_dim,
        kernel_initializer=start,  # pyright: ignore[reportArgumentType]
        dtype="float32",
        name="log_variance",
    )(x)
    z = Sampling(name="z", dtype="float32")(mean, spread)
    heads = {"mean": mean, "log_variance": spread, "z": z}
    return _finish("vae", encoder, heads, arguments, weights, name)


@MODELS.register(
    "autoencoder",
    tags=("autoencoder",),
    test_kwargs={"latent_dim": 6, "filters": (8, 8, 8), "reconstruction": "squared_error"},
    reference="Hinton, Salakhutdinov 2006, doi:10.1126/science.1127647",
)
def build_autoencoder(
    input_shape: tuple[int, int, int] = (128, 128, 1),
    latent_dim: int = 128,
    backbone: str = "plain",
    *,
    filters: tuple[int, ...] = FILTERS,
    kernel_size: int = 3,
    frozen_encoder: bool = False,
    reconstruction: str = "binary_crossentropy",
    weights: str | None = None,
    weights_backbone: str | None = None,
    name: str | None = None,
) -> keras.Model:
    """Build an autoencoder of the same layers as `build_vae`, without noise and divergence.

    Args:
        input_shape: `(height, width, channels)`, all known.
        latent_dim: Numbers an image, at least 1.
        backbone: Name in `nanozoo.core.registry.BACKBONES`.
        filters: Channels at strides 1, 2, 4, ..., as in `build_vae`.
        kernel_size: Side of the kernels, px, of the decoder and of an encoder "plain".
        frozen_encoder: As in `build_vae`.
        reconstruction: "binary_crossentropy" or "squared_error".
        weights: Checkpoint name or folder to start from; the other arguments must agree.
        weights_backbone: As in `build_vae`.
        name: Name of the model.

    Returns:
        Model from `(B, H, W, C)` in [0, 1] to a dict of "z" `(B, latent_dim)` float32 and
        "reconstruction" `(B, H, W, C)` float32 in [0, 1]. Fit it to the images themselves.

    Raises:
        UserError: If an argument is out of range, or the weights do not fit.

    Example:
        >>> from nanozoo import build_autoencoder
        >>> model = build_autoencoder((64, 64, 1), latent_dim=16, filters=(8, 16, 32))
        >>> sorted(model.output)
        ['reconstruction', 'z']

    References:
        Hinton, Salakhutdinov 2006, doi:10.1126/science.1127647.
    """
    arguments = {
        "input_shape": input_shape,
        "latent_dim": latent_dim,
        "backbone": backbone,
        "filters": filters,
        "kernel_size": kernel_size,
        "frozen_encoder": frozen_encoder,
        "reconstruction": reconstruction,
    }
    encoder, levels = _encoded(arguments, weights_backbone)
    x = layers.Flatten(name="encoder_flatten")(levels[0])
    z = layers.Dense(latent_dim, dtype="float32", name="z")(x)
    return _finish("autoencoder", encoder, {"z": z}, arguments, weights, name)


def _encoded(arguments: dict[str, Any], weights: str | None):
    """Check the arguments that both builders share; the encoder, and features from the last level.

    They are those of as many levels as are pooled, at least one.
    """
    shape, filters = arguments["input_shape"], arguments["filters"]
    check_int("latent_dim", arguments["latent_dim"], 1)
    check_choice("reconstruction", arguments["reconstruction"], RECONSTRUCTIONS)
    if None in check_input_shape(shape):
        raise UserError(
            "Expected `input_shape` to be known: an autoencoder draws images of one size. "
            f"Received: input_shape={shape!r}"
        )
    if not 2 <= len(filters) <= 6:
        raise UserError(
            "Expected `filters` to have 2 to 6 entries, one a stride. "
            f"Received: filters={filters!r}"
        )
    encoder = build_encoder(
        arguments["backbone"],
        shape,
        kernel_size=arguments["kernel_size"],
        filters=filters,
        convolutions=1,
        weights=weights,
    )
    count = max(1, arguments.get("pooled_levels", 0))
    if count >= len(filters):
        raise UserError(
            f"Expected `pooled_levels` to be at most {len(filters) - 1}, the levels of the "
            f"encoder. Received: pooled_levels={count!r}"
        )
    maps: Any = encoder.output
    found = [maps[f"C{len(filters) - 1 - number}"] for number in range(count)]
    if not arguments["frozen_encoder"]:
        return encoder, found
    for layer in encoder.layers:
        layer.trainable = False
    normalised = [
        layers.BatchNormalization(center=False, scale=False, name=f"encoder_norm{number}")(level)
        for number, level in enumerate(found)
    ]
    return encoder, normalised


def _scaled(scale: float) -> keras.initializers.Initializer:
    return keras.initializers.VarianceScaling(scale)


def _finish(
    builder: str,
    encoder: keras.Model,
    heads: dict,
    arguments: dict[str, Any],
    weights: str | None,
    name: str | None,
) -> Reconstruction:
    image: Any = encoder.input
    shape = image.shape[1:]
    drawn = latent_decoder(heads["z"], shape, arguments["filters"], arguments["kernel_size"])
    model = Reconstruction(
        image,
        {**heads, "reconstruction": drawn},
        arguments["reconstruction"],
        arguments.get("beta", 0.0),
        arguments.get("warmup_steps", 0),
        {**arguments, "builder": builder},
        name or f"{builder}_{arguments['backbone']}",
    )
    return start_from(model, weights)
