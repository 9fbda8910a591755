"""Features of a network as points of a plane: components, discriminants, and UMAP."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from nanozoo.core.checks import check_int
from nanozoo.core.errors import UserError
from nanozoo.embed.examples import check_features


@dataclass(frozen=True)
class Projection:
    """Examples in a plane.

    Args:
        method: "PCA", "LDA" or "UMAP".
        points: `(N, 2)` float64.
        shares: What both axes hold: of all variance (PCA), or of that between the means of
            the classes (LDA), each in [0, 1]; None for UMAP, whose axes have no such meaning.
    """

    method: str
    points: np.ndarray
    shares: tuple[float, float] | None

    @property
    def title(self) -> str:
        """Method and share of both axes in words."""
        if self.shares is None:
            return self.method
        held = "of the variance" if self.method == "PCA" else "of what sets classes apart"
        return f"{self.method}: {100 * sum(self.shares):.0f}% {held}"


def project_features(
    known: np.ndarray, labels: np.ndarray, shown: np.ndarray
) -> tuple[Projection, Projection]:
    """Project features onto the plane of most variance, and onto that of best separation.

    Both planes are found on other examples than those that are shown: discriminants of many
    features set apart the very examples they were found on even where there is nothing to
    tell apart. They are therefore of no more principal components than a quarter of the
    examples, so that there may be more features than examples.

    Args:
        known: `(M, F)` features to find the planes on, F at least 2.
        labels: `(M,)` their classes, at least three different ones.
        shown: `(N, F)` features to project.

    Returns:
        PCA, then LDA.

    Raises:
        UserError: If there are too few features or classes, the arrays do not fit, a value is
            not finite, or the known examples do not differ, or not within their classes.

    Example:
        >>> import numpy as np
        >>> known = np.repeat(np.eye(3)[:, :2], 4, axis=0)
        >>> known += 0.1 * np.tile([[0, 0], [0, 1], [1, 0], [1, 1]], (3, 1))
        >>> pca, lda = project_features(known, np.repeat([0, 1, 2], 4), np.eye(2))
        >>> pca.points.shape, round(sum(pca.shares), 3)
        ((2, 2), 1.0)

    References:
        Belhumeur, Hespanha, Kriegman 1997, doi:10.1109/34.598228 (discriminants of principal
        components).
    """
    known, shown = np.asarray(known, np.float64), np.asarray(shown, np.float64)
    labels = np.asarray(labels)
    fits = known.ndim == shown.ndim == 2 and known.shape[1] == shown.shape[1] > 1
    if not fits or labels.shape != (len(known),) or len(np.unique(labels)) < 3:
        raise UserError(
            "Expected features (examples, features) of at least two features, and a label for "
            "each known example, of at least three classes. Received: shapes "
            f"{known.shape}, {labels.shape} and {shown.shape}, "
            f"{len(np.unique(labels))} classes"
        )
    known, shown = check_features("known", known), check_features("shown", shown)
    pca, used = _components(known, max(2, len(known) // 4))
    components, shown = (pca.transform(features)[:, :used] for features in (known, shown))
    _, place = np.unique(labels, return_inverse=True)
    means = np.stack([components[place == one].mean(axis=0) for one in range(place.max() + 1)])
    if np.linalg.matrix_rank(components - means[place]) < 2:
        raise UserError(
            "Expected the examples of a class to differ in at least two ways: copies of one "
            f"example have no discriminants. Received: {len(known)} known examples"
        )
    lda = LinearDiscriminantAnalysis(n_components=2).fit(components, labels)
    return (
        Projection("PCA", shown[:, :2], _shares(pca)),
        Projection("LDA", lda.transform(shown), _shares(lda)),
    )


def project_pca(known: np.ndarray, shown: np.ndarray) -> Projection:
    """Project features onto the plane of most variance, without classes.

    Args:
        known: `(M, F)` features to find the plane on, M at least 3 and F at least 2.
        shown: `(N, F)` features to project; they may be the same, as no class is known.

    Returns:
        The plane.

    Raises:
        UserError: If there are too few examples or features, the arrays do not fit, a value is
            not finite, or the known examples do not differ in two ways.

    Example:
        >>> known = np.array([[0.0, 0.0], [2.0, 0.0], [0.0, 1.0], [2.0, 1.0]])
        >>> found = project_pca(known, known)
        >>> np.round(found.shares, 3).tolist(), np.ptp(found.points, axis=0).tolist()
        ([0.8, 0.2], [2.0, 1.0])
    """
    known, shown = check_features("known", known), check_features("shown", shown)
    if known.shape[1] != shown.shape[1] or min(known.shape) < 2 or len(known) < 3:
        raise UserError(
            "Expected at least three known examples of at least two features, and as many "
            f"features of those shown. Received: shapes {known.shape} and {shown.shape}"
        )
    pca, _ = _components(known, 2)
    return Projection("PCA", pca.transform(shown), _shares(pca))


def project_umap(
    known: np.ndarray, shown: np.ndarray, *, neighbours: int = 15, seed: int = 0
) -> Projection:
    """Project features onto a plane that keeps neighbours together.

    Distances and the size of gaps between clusters mean little in such a map. It is found on
    the known examples, without their classes, and applied to those that are shown.

    Args:
        known: `(M, F)` features to find the map on, M above `neighbours`.
        shown: `(N, F)` features to project.
        neighbours: Neighbours that make up the surroundings of an example, at least 2.
        seed: Seed of the map, 0 or more.

    Returns:
        The map; its shares are None.

    Raises:
        UserError: If umap-learn is not installed, the arrays do not fit, or there are too few
            known examples.

    Example:
        >>> rng = np.random.default_rng(0)  # doctest: +SKIP
        >>> project_umap(rng.random((60, 8)), rng.random((9, 8))).points.shape  # doctest: +SKIP
        (9, 2)

    References:
        McInnes, Healy, Melville 2018, doi:10.48550/arXiv.1802.03426.
    """
    known, shown = check_features("known", known), check_features("shown", shown)
    check_int("neighbours", neighbours, 2)
    if known.shape[1] != shown.shape[1] or len(known) <= neighbours:
        raise UserError(
            "Expected more known examples than neighbours, and as many features of those shown. "
            f"Received: shapes {known.shape} and {shown.shape}, neighbours={neighbours}"
        )
    try:
        from umap import UMAP
    except ImportError as error:
        raise UserError(
            'UMAP needs the package umap-learn: run `pip install "nanozoo[umap]"`, or use PCA.'
        ) from error
    found = UMAP(n_neighbors=neighbours, random_state=seed, n_jobs=1).fit(known)
    return Projection("UMAP", np.asarray(found.transform(shown), np.float64), None)


def _components(known: np.ndarray, most: int) -> tuple[PCA, int]:
    """At most so many principal components, and how many of them vary: two or more."""
    pca = PCA(min(known.shape[1], most), svd_solver="full")
    with np.errstate(invalid="ignore"):  # shares of no variance
        pca.fit(known)
    used = int(np.sum(pca.explained_variance_ > 1e-9 * pca.explained_variance_[0]))
    if used < 2:
        raise UserError(
            "Expected features that differ between the examples: train the network first. "
            f"Received: {used} components that vary"
        )
    return pca, used


def _shares(found: PCA | LinearDiscriminantAnalysis) -> tuple[float, float]:
    first, second = found.explained_variance_ratio_[:2]
    return float(first), float(second)
