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
    tell apart. The covariance within the classes is shrunk, so that there may be more features
    than examples.

    Args:
        known: `(M, F)` features to find the planes on, F at least 2.
        labels: `(M,)` their classes, at least three different ones.
        shown: `(N, F)` features to project.

    Returns:
        PCA, then LDA.

    Raises:
        UserError: If there are too few features or classes, or the arrays do not fit.

    Example:
        >>> import numpy as np
        >>> known = np.repeat(np.eye(3), 5, axis=0)
        >>> pca, lda = project_features(known, np.repeat([0, 1, 2], 5), np.eye(3))
        >>> pca.points.shape, round(sum(pca.shares), 3)
        ((3, 2), 1.0)

    References:
        Ledoit, Wolf 2004, doi:10.1016/S0047-259X(03)00096-4 (shrinkage).
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
    pca = PCA(2, svd_solver="full").fit(known)
    lda = LinearDiscriminantAnalysis(solver="eigen", shrinkage="auto").fit(known, labels)
    axes = lda.transform(known)  # each of unit variance within the classes
    spread = np.var([axes[labels == one].mean(axis=0) for one in np.unique(labels)], axis=0)
    shares = pca.explained_variance_ratio_, spread / max(spread.sum(), 1e-30)
    return tuple(
        Projection(name, found.transform(shown)[:, :2], tuple(map(float, share[:2])))
        for name, found, share in zip(("PCA", "LDA"), (pca, lda), shares)
    )
