"""Features of a network as points of a plane: principal components and discriminants."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from nanozoo.core.errors import UserError


@dataclass(frozen=True)
class Projection:
    """Examples in a plane.

    Args:
        method: "PCA" or "LDA".
        points: `(N, 2)` float64.
        shares: What both axes hold: of all variance (PCA), or of that between the means of
            the classes (LDA), each in [0, 1].
    """

    method: str
    points: np.ndarray
    shares: tuple[float, float]

    @property
    def title(self) -> str:
        """Method and share of both axes in words."""
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
        UserError: If there are too few features or classes, the arrays do not fit, or the
            known examples do not differ.

    Example:
        >>> import numpy as np
        >>> known = np.repeat(np.eye(3), 5, axis=0)
        >>> pca, lda = project_features(known, np.repeat([0, 1, 2], 5), np.eye(3))
        >>> pca.points.shape, round(sum(pca.shares), 3)
        ((3, 2), 1.0)

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
    pca = PCA(min(known.shape[1], max(2, len(known) // 4)), svd_solver="full")
    with np.errstate(invalid="ignore"):  # shares of no variance
        pca.fit(known)
    used = int(np.sum(pca.explained_variance_ > 1e-9 * pca.explained_variance_[0]))
    if used < 2:
        raise UserError(
            "Expected features that differ between the examples: train the network first. "
            f"Received: {used} components that vary"
        )
    components, shown = (pca.transform(features)[:, :used] for features in (known, shown))
    lda = LinearDiscriminantAnalysis(n_components=2).fit(components, labels)
    return (
        Projection("PCA", shown[:, :2], _shares(pca)),
        Projection("LDA", lda.transform(shown), _shares(lda)),
    )


def _shares(found: PCA | LinearDiscriminantAnalysis) -> tuple[float, float]:
    first, second = found.explained_variance_ratio_[:2]
    return float(first), float(second)
