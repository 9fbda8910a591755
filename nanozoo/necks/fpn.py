"""Feature pyramid network: strong features at every stride, from coarse to fine."""

from __future__ import annotations

from keras import layers


def fpn_neck(
    levels: dict, filters: int = 256, kernel_size: int = 3, *, normalise: bool = False
) -> dict:
    """Turn backbone levels into a pyramid of equal width.

    Args:
        levels: Feature maps with at least "C2" to "C5", level n at stride 2**n.
        filters: Channels of every pyramid level.
        kernel_size: Side of the output convolutions' kernels, px.
        normalise: Whether batch normalisation follows every convolution, for encoders whose
            levels are not of unit scale, such as those that end in linear bottlenecks.

    Returns:
        `{"P2".."P6"}`, level n `(B, H / 2**n, W / 2**n, filters)`; P6 is every second
        point of P5.

    References:
        Lin et al. 2017, https://doi.org/10.1109/CVPR.2017.106
    """
    merged, pyramid = None, {}
    for stage in (5, 4, 3, 2):
        lateral = _convolve(levels[f"C{stage}"], filters, 1, normalise, f"fpn_inner{stage}")
        if merged is None:
            merged = lateral
        else:
            up = layers.UpSampling2D(interpolation="nearest", name=f"fpn_upsample{stage}")(merged)
            merged = layers.Add(name=f"fpn_add{stage}")([lateral, up])
        x = _convolve(merged, filters, kernel_size, normalise, f"fpn_layer{stage}")
        pyramid[f"P{stage}"] = layers.Identity(name=f"P{stage}")(x)
    coarsest = layers.MaxPooling2D(1, strides=2, name="fpn_subsample")(pyramid["P5"])
    pyramid["P6"] = layers.Identity(name="P6")(coarsest)
    return pyramid


def _convolve(x, filters: int, kernel_size: int, normalise: bool, name: str):
    """Convolution without activation, and its normalisation."""
    x = layers.Conv2D(
        filters,
        kernel_size,
        padding="same",
        use_bias=not normalise,
        kernel_initializer="he_uniform",
        name=name,
    )(x)
    return layers.BatchNormalization(name=f"{name}_bn")(x) if normalise else x
