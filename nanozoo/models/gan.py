"""GAN: a network that draws micrographs, and one that tells them from real ones."""

from __future__ import annotations

import keras
from keras import layers

from nanozoo.core.checks import (
    check_fraction,
    check_input_shape,
    check_int,
    check_not_negative,
)
from nanozoo.core.errors import UserError
from nanozoo.core.registry import MODELS
from nanozoo.layers.diff_augment import DiffAugment
from nanozoo.layers.spectral import SpectralNormalization
from nanozoo.models.adversarial import GAN
from nanozoo.models.finish import start_from

FILTERS = (8, 16, 16, 32, 64, 64, 128)
"""Channels at strides 1, 2, 4, ... of images of 256 px; smaller ones use the last of them."""

COARSEST = 4
"""Least side of the coarsest grid, px."""

LAYOUT = 128
"""Units that see all places of a discriminator's last grid at once."""


def fitting_filters(shape: tuple[int, int, int]) -> tuple[int, ...]:
    """As many of the last `FILTERS` as leave the coarsest grid a side of at least `COARSEST`."""
    levels = (min(shape[:2]) // COARSEST).bit_length()
    return FILTERS[-levels:]


def image_generator(
    shape: tuple[int, int, int], latent_dim: int, filters: tuple[int, ...], name: str
) -> keras.Model:
    """Build a residual generator in which the latent vector scales and shifts every level.

    Args:
        shape: `(H, W, C)` of the images.
        latent_dim: Numbers an image.
        filters: Channels at strides 1, 2, 4, ...
        name: Name of the model, and the beginning of its layers' names.

    Returns:
        Model from `(z, noise)`, `(B, latent_dim)` and `(B, H', W', 1)` of normal distributions,
        to images `(B, H, W, C)` float32 in [0, 1]. Grain comes from the noise, of which the
        coarser levels see every second, fourth, ... pixel; `H'`, `W'` are `H`, `W` or the next
        multiples of the largest stride.

    References:
        Gulrajani et al. 2017, doi:10.48550/arXiv.1704.00028 (the blocks); Chen et al. 2019,
        doi:10.48550/arXiv.1810.01365 (scale and shift by the latent vector); Karras et al. 2018
        (normalisation of pixels) and 2019 (noise), doi:10.48550/arXiv.1812.04948.
    """
    last = len(filters) - 1
    grid = [-(-side // 2**last) for side in shape[:2]]
    z = keras.Input((latent_dim,), name=f"{name}_z")
    noise = keras.Input((grid[0] * 2**last, grid[1] * 2**last, 1), name=f"{name}_noise")

    def styled(x, stage: str):
        """Normalise each pixel, scale and shift by the latent vector, rectify."""
        x = layers.RMSNormalization(epsilon=1e-6, name=f"{stage}_norm")(x)
        scale, shift = (
            layers.Reshape((1, 1, x.shape[-1]), name=f"{stage}_{part}")(
                layers.Dense(
                    x.shape[-1],
                    kernel_initializer=keras.initializers.RandomNormal(stddev=0.05),  # pyright: ignore[reportArgumentType]
                    bias_initializer="ones" if part == "scale" else "zeros",
                    name=f"{stage}_{part}_dense",
                )(z)
            )
            for part in ("scale", "shift")
        )
        x = layers.Multiply(name=f"{stage}_scaled")([x, scale])
        x = layers.Add(name=f"{stage}_shifted")([x, shift])
        return layers.LeakyReLU(0.2, name=f"{stage}_relu")(x)

    def doubled(x, stage: str):
        return layers.UpSampling2D(interpolation="bilinear", name=f"{stage}_upsample")(x)

    def convolved(x, kernel_size: int, stage: str):
        return layers.Conv2D(
            filters[level], kernel_size, padding="same", use_bias=False, name=f"{stage}_conv"
        )(x)

    x = layers.Dense(grid[0] * grid[1] * filters[-1], name=f"{name}_dense")(z)
    x = layers.Reshape((*grid, filters[-1]), name=f"{name}_reshape")(x)
    for level in reversed(range(last)):
        stage = f"{name}{level}"
        residue = doubled(styled(x, f"{stage}_first"), stage)
        residue = convolved(residue, 3, f"{stage}_first")
        grain = layers.MaxPooling2D(1, 2**level, name=f"{stage}_noise")(noise)
        grain = layers.Conv2D(
            filters[level],
            1,
            use_bias=False,
            kernel_initializer=keras.initializers.RandomNormal(stddev=0.1),  # pyright: ignore[reportArgumentType]
            name=f"{stage}_noise_conv",
        )(grain)
        residue = layers.Add(name=f"{stage}_noisy")([residue, grain])
        residue = convolved(styled(residue, f"{stage}_second"), 3, f"{stage}_second")
        shortcut = doubled(convolved(x, 1, f"{stage}_shortcut"), f"{stage}_shortcut")
        x = layers.Add(name=f"{stage}_add")([shortcut, residue])
    x = layers.Conv2D(shape[-1], 3, padding="same", name=f"{name}_logits")(
        styled(x, f"{name}_last")
    )
    surplus = [(0, 2**last * small - side) for small, side in zip(grid, shape)]
    x = layers.Cropping2D(surplus, name=f"{name}_crop")(x)
    image = layers.Activation("sigmoid", dtype="float32", name=f"{name}_image")(x)
    return keras.Model([z, noise], image, name=name)


def image_discriminator(image, filters: tuple[int, ...]):
    """Score images by residual blocks whose kernels are all spectrally normalised.

    A layer of `LAYOUT` units sees all places of the last grid at once.

    Args:
        image: Tensor `(B, H, W, C)` in [0, 1].
        filters: Channels at strides 1, 2, 4, ...

    Returns:
        `(B, 1)` float32, high for real images. Levels are named C1, C2, ...

    References:
        Miyato et al. 2018, doi:10.48550/arXiv.1802.05957.
    """

    def convolved(x, channels: int, kernel_size: int, name: str):
        convolution = layers.Conv2D(channels, kernel_size, padding="same", name=name)
        return SpectralNormalization(convolution, name=f"{name}_normalised")(x)

    def halved(x, name: str):
        return layers.AveragePooling2D(2, padding="same", name=name)(x)

    x = layers.Rescaling(2.0, -1.0, name="centre")(image)
    x = convolved(x, filters[0], 3, "stem_conv")
    for level in range(1, len(filters)):
        name = f"block{level}"
        residue = layers.LeakyReLU(0.2, name=f"{name}_relu1")(x)
        residue = convolved(residue, filters[level - 1], 3, f"{name}_conv1")
        residue = layers.LeakyReLU(0.2, name=f"{name}_relu2")(residue)
        residue = halved(convolved(residue, filters[level], 3, f"{name}_conv2"), f"{name}_pool")
        shortcut = convolved(halved(x, f"{name}_shortcut_pool"), filters[level], 1, f"{name}_conv")
        x = layers.Add(name=f"{name}_add")([residue, shortcut])
        x = layers.Identity(name=f"C{level}")(x)
    x = layers.LeakyReLU(0.2, name="features_relu")(x)
    x = layers.Flatten(name="places")(x)
    x = SpectralNormalization(layers.Dense(LAYOUT, name="layout_dense"), name="layout")(x)
    x = layers.LeakyReLU(0.2, name="layout_relu")(x)
    score = layers.Dense(1, use_bias=False, dtype="float32", name="score_dense")
    return SpectralNormalization(score, dtype="float32", name="score")(x)


@MODELS.register(
    "gan",
    tags=("gan",),
    test_kwargs={"latent_dim": 6, "filters": (8, 8, 8)},
    reference="Goodfellow et al. 2014, doi:10.48550/arXiv.1406.2661",
)
def build_gan(
    input_shape: tuple[int, int, int] = (256, 256, 1),
    latent_dim: int = 128,
    *,
    filters: tuple[int, ...] | None = None,
    ema_momentum: float = 0.999,
    diversity: float = 4.0,
    weights: str | None = None,
    name: str | None = None,
) -> keras.Model:
    """Build a generator and a discriminator that train together on few images.

    Hinge losses, spectral normalisation of the discriminator, differentiable augmentation of
    what it sees, a penalty for images that are more alike than real ones, and a generator of
    averaged weights to draw with.

    Args:
        input_shape: `(height, width, channels)`, all known, the sides at least 16 px.
        latent_dim: Numbers that say what an image shows, at least 1.
        filters: Channels at strides 1, 2, 4, ... of both networks, 2 to 8 entries; None for as
            many of the last `FILTERS` as leave a grid of at least 4 px: five at 64, seven at 256.
        ema_momentum: Share that the averaged weights keep in a step, in [0, 1].
        diversity: Weight of the penalty for alike images, at least 0.
        weights: Checkpoint name or folder to start from; the other arguments must agree.
        name: Name of the model.

    Returns:
        Model from images `(B, H, W, C)` in [0, 1] to a dict of "score" `(B, 1)` float32, high
        for real images. Fit it to images alone, with Adam of beta_1=0 and beta_2=0.9; its
        `sample(count, seed)` draws images.

    Raises:
        UserError: If an argument is out of range, or the weights do not fit.

    Example:
        >>> from nanozoo import build_gan
        >>> model = build_gan((32, 32, 1), latent_dim=8, filters=(8, 8, 16))
        >>> model.sample(2, seed=1).shape
        (2, 32, 32, 1)

    References:
        Goodfellow et al. 2014, doi:10.48550/arXiv.1406.2661; Miyato et al. 2018,
        doi:10.48550/arXiv.1802.05957; Zhao et al. 2020, doi:10.48550/arXiv.2006.10738; Mao et al.
        2019, doi:10.1109/CVPR.2019.00152.
    """
    height, width, channels = check_input_shape(input_shape)
    if height is None or width is None or min(height, width) < 16:
        raise UserError(
            "Expected `input_shape` to be known, with sides of at least 16: a GAN draws images "
            f"of one size. Received: input_shape={input_shape!r}"
        )
    shape = height, width, channels
    check_int("latent_dim", latent_dim, 1)
    check_fraction("ema_momentum", ema_momentum)
    check_not_negative("diversity", diversity)
    chosen = fitting_filters(shape) if filters is None else tuple(filters)
    if not 2 <= len(chosen) <= 8:
        raise UserError(
            "Expected `filters` to have 2 to 8 entries, one a stride. "
            f"Received: filters={filters!r}"
        )
    image = keras.Input(shape, name="image")
    model = GAN(
        image,
        {"score": image_discriminator(image, chosen)},
        image_generator(shape, latent_dim, chosen, "generator"),
        image_generator(shape, latent_dim, chosen, "average"),
        DiffAugment(dtype="float32", name="augment"),
        ema_momentum,
        diversity,
        {
            "input_shape": shape,
            "latent_dim": latent_dim,
            "filters": filters,
            "ema_momentum": ema_momentum,
            "diversity": diversity,
        },
        name or "gan",
    )
    return start_from(model, weights)
