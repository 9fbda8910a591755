"""Whether generated images are as varied as real ones, like them, and no copies of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sklearn.metrics.pairwise import euclidean_distances

from nanozoo.core.checks import check_int
from nanozoo.core.errors import UserError
from nanozoo.evaluate.bootstrap import Interval
from nanozoo.evaluate.similarity import PAIRS, similarity_among

LEAST_SPREAD = 1e-3
"""Standard deviation of a feature that counts, as a share of the largest one."""

MARGIN = 0.05
"""By how much samples may be more alike among themselves than real images are."""


@dataclass(frozen=True)
class Diversity:
    """How alike samples are among themselves, and real images among themselves.

    Args:
        samples: Mean multi-scale structural similarity of pairs of samples.
        real: That of pairs of real images.
    """

    samples: Interval
    real: Interval

    @property
    def excess(self) -> float:
        """By how much samples are more alike than real images."""
        return self.samples.mean - self.real.mean

    @property
    def collapsed(self) -> bool:
        """Whether the generator draws fewer kinds of images than there are, see `MARGIN`."""
        return self.excess > MARGIN


def compare_diversity(
    samples: np.ndarray, real: np.ndarray, pairs: int = PAIRS, seed: int = 0
) -> Diversity:
    """Compare how alike samples and real images are among themselves.

    Args:
        samples: `(N, H, W)` generated images in [0, 1].
        real: `(M, H, W)` real images of the same size.
        pairs: Pairs of each.
        seed: Seed of the pairs and of the bootstrap.

    Returns:
        Both similarities.

    Raises:
        UserError: If the sizes differ, or there are fewer than two images of a kind.
    """
    if np.shape(samples)[1:] != np.shape(real)[1:]:
        raise UserError(
            "Expected `samples` and `real` to be images of one size. "
            f"Received: shapes {np.shape(samples)} and {np.shape(real)}"
        )
    return Diversity(*(similarity_among(images, pairs, seed) for images in (samples, real)))


@dataclass(frozen=True)
class KernelDistance:
    """A kernel inception distance and its spread over subsets.

    Args:
        mean: Mean squared discrepancy; about 0 (or a little below) for alike sets.
        deviation: Standard deviation over the subsets.
        size: Images of each set in a subset.
    """

    mean: float
    deviation: float
    size: int


def kernel_distance(
    first: np.ndarray, second: np.ndarray, subsets: int = 100, size: int = 100, seed: int = 0
) -> KernelDistance:
    """Kernel inception distance: unbiased squared MMD of the kernel `(x y / F + 1) ** 3`.

    Args:
        first: `(N, F)` features of a set of images, N at least 2.
        second: `(M, F)` features of another.
        subsets: Number of random subsets, over which the mean is taken.
        size: Images of each set in a subset; all of the smaller set if it has fewer.
        seed: Seed of the subsets.

    Returns:
        Mean and standard deviation over the subsets.

    Raises:
        UserError: If the features do not fit, or there are fewer than two.

    Example:
        >>> import numpy as np
        >>> rng = np.random.default_rng(0)
        >>> near, far = rng.normal(size=(2, 200, 8))
        >>> abs(kernel_distance(near, far).mean) < 0.1 < kernel_distance(near, far + 1).mean
        True

    References:
        Binkowski et al. 2018, doi:10.48550/arXiv.1801.01401.
    """
    check_int("subsets", subsets, 1)
    check_int("size", size, 2)
    first, second = (np.asarray(features, np.float64) for features in (first, second))
    if first.ndim != 2 or first.shape[1:] != second.shape[1:] or min(len(first), len(second)) < 2:
        raise UserError(
            "Expected features (images, features) of two sets, at least two images each. "
            f"Received: shapes {first.shape} and {second.shape}"
        )
    size = min(size, len(first), len(second))
    rng = np.random.default_rng(seed)
    found = [
        _discrepancy(*(one[rng.choice(len(one), size, replace=False)] for one in (first, second)))
        for _ in range(subsets)
    ]
    return KernelDistance(float(np.mean(found)), float(np.std(found)), size)


def scaled_like(real: np.ndarray, *sets: np.ndarray) -> tuple[np.ndarray, ...]:
    """Scale features to mean 0 and standard deviation 1 of those of real images.

    Args:
        real: `(M, F)` features of real images; those that hardly vary, see `LEAST_SPREAD`, are
            left out.
        *sets: `(N, F)` features to scale.

    Returns:
        `(N, G)` of each set, G at most F.

    Raises:
        UserError: If no feature of the real images varies.

    Example:
        >>> import numpy as np
        >>> scaled_like(np.array([[1.0, 5.0], [3.0, 5.0]]), np.array([[4.0, 5.0]]))
        (array([[2.]]),)
    """
    centre, spread = np.mean(real, axis=0), np.std(real, axis=0)
    counted = spread > LEAST_SPREAD * spread.max()
    if not counted.any():
        raise UserError(
            "Expected features of `real` that vary: give images that differ. "
            f"Received: {len(real)} equal rows"
        )
    return tuple((np.asarray(one) - centre)[:, counted] / spread[counted] for one in sets)


def _discrepancy(first: np.ndarray, second: np.ndarray) -> float:
    """Unbiased squared maximum mean discrepancy of two sets of one size."""

    def kernel(one: np.ndarray, other: np.ndarray) -> np.ndarray:
        return (one @ other.T / one.shape[1] + 1) ** 3

    count = len(first)
    within = sum(
        (values.sum() - np.trace(values)) / (count * (count - 1))
        for values in (kernel(first, first), kernel(second, second))
    )
    return float(within - 2 * kernel(first, second).mean())


@dataclass(frozen=True)
class Nearest:
    """The training image that is nearest to each of some images.

    Args:
        indices: `(N,)` numbers of the training images.
        distances: `(N,)` root mean square differences of grey values, in [0, 1].
        images: `(N, H, W)` the training images, mirrored and turned to fit best.
    """

    indices: np.ndarray
    distances: np.ndarray
    images: np.ndarray


def nearest_training(images: np.ndarray, train: np.ndarray) -> Nearest:
    """Find the nearest training image in grey values, mirrored and turned in all eight ways.

    A generator that copies its training images gives distances far below those of real images
    that were not trained on.

    Args:
        images: `(N, S, S)` in [0, 1].
        train: `(M, S, S)` training images.

    Returns:
        The nearest image of each.

    Raises:
        UserError: If the images are not square or differ in size.

    Example:
        >>> import numpy as np
        >>> train = np.random.default_rng(0).random((3, 8, 8))
        >>> nearest_training(np.rot90(train[1:2], axes=(1, 2)), train).indices
        array([1])
    """
    images, train = np.asarray(images, np.float32), np.asarray(train, np.float32)
    square = images.ndim == train.ndim == 3 and images.shape[1] == images.shape[2]
    if not square or images.shape[1:] != train.shape[1:] or not len(train):
        raise UserError(
            "Expected square images of one size, and at least one to search. "
            f"Received: shapes {images.shape} and {train.shape}"
        )
    ways = [
        turned[:, :, ::step]
        for turns in range(4)
        for turned in [np.rot90(train, turns, axes=(1, 2))]
        for step in (1, -1)
    ]
    flat = images.reshape(len(images), -1)
    distances = np.stack([euclidean_distances(flat, way.reshape(len(way), -1)) for way in ways])
    best = distances.min(axis=0).argmin(axis=1)
    rows = np.arange(len(images))
    way = distances[:, rows, best].argmin(axis=0)
    found = np.stack([ways[one][index] for one, index in zip(way, best)])
    return Nearest(best, distances[way, rows, best] / images.shape[1], found)
