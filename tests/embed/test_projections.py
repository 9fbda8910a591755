"""The plane of most variance and that of best separation are found where they are."""

import importlib.util

import numpy as np
import pytest

from nanozoo.core.errors import UserError
from nanozoo.embed.projections import project_features, project_pca, project_umap


def separation(points: np.ndarray, labels: np.ndarray) -> float:
    """Variance between the classes over that within them."""
    means = np.stack([points[labels == one].mean(axis=0) for one in np.unique(labels)])
    return float(means.var(axis=0).sum() / (points - means[labels]).var(axis=0).sum())


def made(count: int, seed: int, spread: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Three classes apart in two quiet features beside two loud ones that say nothing."""
    rng = np.random.default_rng(seed)
    labels = np.arange(count) % 3
    quiet = spread * np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])[labels]
    quiet = quiet + 0.1 * rng.standard_normal((count, 2))
    return np.hstack([[10.0, 6.0] * rng.standard_normal((count, 2)), quiet]), labels


def test_variance_goes_by_loudness_and_separation_by_class():
    known, labels = made(300, 0)
    shown, true = made(150, 1)
    pca, lda = project_features(known, labels, shown)
    np.testing.assert_allclose(
        np.abs(np.corrcoef(pca.points.T, shown[:, :2].T)[:2, 2:]), np.eye(2), atol=0.2
    )
    assert separation(pca.points, true) < 0.1 and separation(lda.points, true) > 5
    assert pca.shares[0] > pca.shares[1] and sum(pca.shares) > 0.98


def test_two_of_three_equal_discriminants_hold_two_thirds():
    corners = np.array([[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]])
    labels = np.arange(400) % 4
    known = corners[labels] + 0.3 * np.random.default_rng(5).standard_normal((400, 3))
    known = np.hstack([known, 5 * np.random.default_rng(6).standard_normal((400, 2))])
    _, lda = project_features(known, labels, known)
    assert sum(lda.shares) == pytest.approx(2 / 3, abs=0.05)
    assert lda.title == f"LDA: {100 * sum(lda.shares):.0f}% of what sets classes apart"


def test_classes_that_do_not_differ_are_not_set_apart():
    """More features than examples: discriminants of the shown examples would part them."""
    rng = np.random.default_rng(2)
    known, shown = rng.standard_normal((2, 90, 120))
    labels = np.arange(90) % 3
    fresh, seen = (project_features(known, labels, one)[1].points for one in (shown, known))
    assert separation(fresh, labels) < 0.2 < separation(seen, labels)


def test_constant_features_do_no_harm():
    known, labels = made(60, 3)
    known = np.hstack([known, np.ones((60, 3))])
    for found in project_features(known, labels, known):
        assert np.isfinite(found.points).all()


def test_two_examples_of_a_class_and_dead_features_do():
    known = np.maximum(np.random.default_rng(7).standard_normal((16, 256)), 0)
    known[:, ::3] = 0
    for found in project_features(known, np.arange(16) % 8, known):
        assert found.points.shape == (16, 2) and np.isfinite(found.points).all()
    with pytest.raises(UserError, match="train the network"):
        project_features(np.ones((16, 4)), np.arange(16) % 8, known[:, :4])


@pytest.mark.parametrize(
    ("known", "labels", "shown"),
    [
        (np.zeros((6, 1)), [0, 1, 2] * 2, np.zeros((2, 1))),
        (np.zeros((6, 4)), [0, 1] * 3, np.zeros((2, 4))),
        (np.zeros((6, 4)), [0, 1, 2], np.zeros((2, 4))),
        (np.zeros((6, 4)), [0, 1, 2] * 2, np.zeros((2, 3))),
    ],
)
def test_too_few_features_or_classes_are_refused(known, labels, shown):
    with pytest.raises(UserError, match="classes"):
        project_features(known, labels, shown)


def test_repeated_examples_have_no_discriminants():
    known = np.repeat(np.eye(3)[:, :2], 4, axis=0)
    with pytest.raises(UserError, match="examples of a class to differ"):
        project_features(known, np.repeat([0, 1, 2], 4), known)


def test_umap_keeps_clusters_or_says_how_to_install_it():
    known, labels = made(90, 8, spread=40.0)
    shown, true = made(30, 9, spread=40.0)
    with pytest.raises(UserError, match="neighbours=90"):
        project_umap(known, shown, neighbours=90)
    if importlib.util.find_spec("umap") is None:
        with pytest.raises(UserError, match=r'pip install "nanozoo\[umap\]"'):
            project_umap(known, shown)
    else:
        found = project_umap(known, shown)
        assert found.title == "UMAP" and separation(found.points, true) > 5


def test_the_plane_alone_needs_no_classes_and_three_examples():
    known, labels = made(60, 4)
    alone = project_pca(known, known)
    products = alone.points.T @ alone.points / 60
    np.testing.assert_allclose(products, np.diag(alone.points.var(axis=0)), atol=1e-9)
    np.testing.assert_allclose(
        np.abs(alone.points), np.abs(project_features(known, labels, known)[0].points)
    )
    for few in (known[:2], known[:, :1], np.tile(known[0], (5, 1))):
        with pytest.raises(UserError):
            project_pca(few, few)
