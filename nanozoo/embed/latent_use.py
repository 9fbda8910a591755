"""Which dimensions of a latent space an autoencoder uses, and which have collapsed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nanozoo.core.errors import UserError
from nanozoo.embed.examples import check_features

ACTIVE_VARIANCE = 0.01
"""Variance of its mean over the images above which a dimension is active (Burda et al. 2016)."""

SIGMA_SPREAD = 0.01
"""Standard deviation of ln(sigma) over the images above which sigma tells images apart: 1%."""

_LISTED = 20


@dataclass(frozen=True)
class LatentUse:
    """How much each of D dimensions of a latent space tells about some images.

    Args:
        images: Number of images.
        kl_nats: `(D,)` mean divergence from the standard normal distribution, nats; None of a
            plain autoencoder.
        mean_variance: `(D,)` variance of the means over the images.
        sigma_spread: `(D,)` standard deviation of ln(sigma) over the images; zeros of a plain
            autoencoder.
    """

    images: int
    kl_nats: np.ndarray | None
    mean_variance: np.ndarray
    sigma_spread: np.ndarray

    @property
    def collapsed(self) -> tuple[int, ...]:
        """Dimensions whose mean is the same for all images: no active unit."""
        return tuple(np.flatnonzero(~(self.mean_variance > ACTIVE_VARIANCE)).tolist())

    @property
    def by_sigma_alone(self) -> tuple[int, ...]:
        """Collapsed dimensions whose sigma still differs from image to image."""
        return tuple(n for n in self.collapsed if self.sigma_spread[n] > SIGMA_SPREAD)

    def most_used(self, count: int) -> list[int]:
        """Dimensions whose means vary most, the first `count` of them, in descending order."""
        return np.argsort(-self.mean_variance, kind="stable")[:count].tolist()

    @property
    def sentence(self) -> str:
        """What to say of them in a report."""
        total, lost = len(self.mean_variance), self.collapsed
        said = f"Over {self.images} images {total - len(lost)} of {total} dimensions are used; "
        if not lost:
            return said + "none is collapsed."
        said += f"{len(lost)} {_are(lost)} collapsed: {_listed(lost)}."
        kept = self.by_sigma_alone
        if kept:
            said += (
                f" Of {_listed(kept)} the standard deviation still differs between images, so "
                "sigma tells something there."
            )
        return said


def latent_use(mean: np.ndarray, sigma: np.ndarray | None = None) -> LatentUse:
    """Find the dimensions that an autoencoder uses for some images.

    A dimension is collapsed where the variance of its mean over the images is at most 0.01, by
    the rule of Burda et al. Its sigma may vary all the same and tell images apart. That is
    measured on a logarithmic scale, because a used dimension has a small sigma. Both say something
    of these images alone: many images of the kind trained on are needed to say that a
    dimension is never used.

    Args:
        mean: `(N, D)` means of N images, at least two.
        sigma: `(N, D)` standard deviations, above 0; None of a plain autoencoder.

    Returns:
        What each dimension tells.

    Raises:
        UserError: If there are fewer than two images, the arrays do not fit, a value is not
            finite, or a standard deviation is not above 0.

    Example:
        >>> import numpy as np
        >>> mean = np.array([[-1.0, 0.0], [1.0, 0.0]])
        >>> found = latent_use(mean, np.array([[0.1, 1.0], [0.1, 1.0]]))
        >>> found.sentence
        'Over 2 images 1 of 2 dimensions are used; 1 is collapsed: 1.'
        >>> found.kl_nats.round(2).tolist()
        [2.31, 0.0]

    References:
        Burda, Grosse, Salakhutdinov 2016, doi:10.48550/arXiv.1509.00519 (active units).
    """
    mean = check_features("mean", mean)
    if len(mean) < 2:
        raise UserError(
            "Expected at least two images: what is the same in all images is only seen by "
            f"comparing them. Received: {len(mean)}"
        )
    varied = mean.var(axis=0)
    if sigma is None:
        return LatentUse(len(mean), None, varied, np.zeros(mean.shape[1]))
    sigma = check_features("sigma", sigma)
    if sigma.shape != mean.shape or not (sigma > 0).all():
        raise UserError(
            "Expected `sigma` to be above 0 and of the shape of `mean`. Received: shapes "
            f"{sigma.shape} and {mean.shape}, least sigma {sigma.min():g}"
        )
    logarithm = np.log(sigma)
    kl = 0.5 * (mean**2 + sigma**2 - 1) - logarithm
    return LatentUse(len(mean), kl.mean(axis=0), varied, logarithm.std(axis=0))


def _are(dimensions: tuple[int, ...]) -> str:
    return "is" if len(dimensions) == 1 else "are"


def _listed(dimensions: tuple[int, ...]) -> str:
    shown = ", ".join(map(str, dimensions[:_LISTED]))
    more = len(dimensions) - _LISTED
    return f"{shown} and {more} more" if more > 0 else shown
