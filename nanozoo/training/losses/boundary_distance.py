"""The boundary loss of Kervadec: how far wrong pixels lie from the true outline."""

from __future__ import annotations

import keras
from keras import ops

from nanozoo.core.checks import check_positive
from nanozoo.core.errors import UserError
from nanozoo.core.registry import LOSSES
from nanozoo.training.losses.base import Pixels
from nanozoo.training.losses.cross_entropy_dice import CrossEntropyDice


@LOSSES.register(
    "boundary_distance",
    reference="Kervadec et al. 2021, doi:10.1016/j.media.2020.101851",
    known_failures="Particles that were missed whole count as little as their radius.",
)
@keras.saving.register_keras_serializable(package="nanozoo")
class BoundaryDistance(CrossEntropyDice):
    """Boundary loss of Kervadec et al. beside cross-entropy and Dice, an image at a time.

    The boundary loss is the mean over pixels, and over classes but background, of
    (probability - truth) * signed distance from the true outline. Subtracting the truth, which
    the paper does not, makes the perfect prediction 0 and leaves the gradient as it is. The
    paper too adds it to a loss of regions, because alone it takes an empty mask for a good one.

    The signed distances belong to the target: they are those of the truth and need no gradient.
    Where crops are drawn, `ExampleSource(distances=...)`, they are exact and take a millisecond;
    in tensor functions alone they would take memory that grows with the cube of the side.

    Args:
        distance_weight: Weight of the boundary loss, 1/px, above 0.
        dice_weight: As in `CrossEntropyDice`.
        smooth: As in `CrossEntropyDice`.
        **kwargs: As in `SegmentationLoss`.

    Raises:
        UserError: If `distance_weight` is not above 0, or the target has no distances.

    Example:
        >>> import numpy as np
        >>> truth, weights = np.zeros((1, 8, 8)), np.ones((1, 8, 8))
        >>> target = np.stack([truth, weights, 5 * weights], axis=-1)
        >>> perfect = np.stack([weights, truth], axis=-1)
        >>> round(float(BoundaryDistance()(target, perfect)), 3)
        0.0

    References:
        Kervadec, Bouchtiba, Desrosiers, Granger, Dolz, Ben Ayed 2021,
        doi:10.1016/j.media.2020.101851.
    """

    needs_distances = True

    def __init__(
        self,
        distance_weight: float = 0.1,
        dice_weight: float = 1.0,
        smooth: float = 32.0,
        *,
        class_weights=None,
        **kwargs,
    ):
        super().__init__(dice_weight, smooth, class_weights=class_weights, **kwargs)
        self.distance_weight = check_positive("distance_weight", distance_weight)

    def image_loss(self, pixels: Pixels):
        return super().image_loss(pixels) + self.distance_weight * distance_loss(pixels)

    def get_config(self):
        return {**super().get_config(), "distance_weight": self.distance_weight}


def distance_loss(pixels: Pixels):
    """Mean distance of wrong pixels from the true outline, px, `(B,)`; right ones have 0.

    Raises:
        UserError: If the target does not hold a signed distance for every class but background.
    """
    truth, predicted, weights, distances = pixels
    found = 0 if distances is None else distances.shape[-1]
    if found != truth.shape[-1] - 1:
        raise UserError(
            "Expected targets with the signed distances of all classes but background, as "
            f"`ExampleSource(distances={truth.shape[-1] - 1})` makes them. "
            f"Received: signed distances of {found} classes"
        )
    errors = (predicted[..., 1:] - truth[..., 1:]) * distances
    return ops.mean(weights * errors, axis=(1, 2, 3))
