"""Figures of embeddings: maps, distances, walks, and what dimensions look at."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable
from itertools import combinations, islice
from pathlib import Path

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold

from nanozoo.core.errors import UserError
from nanozoo.embed.latent_use import LatentUse
from nanozoo.embed.projections import Projection, project_features, project_pca
from nanozoo.embed.walks import interpolate, latent_walk, typical_examples
from nanozoo.engines.embedder import Embedder, Embeddings
from nanozoo.explain.latent_grad_cam import latent_grad_cam
from nanozoo.viz.embedding_map import draw_embedding_map
from nanozoo.viz.latent_maps import MappedImage, draw_latent_maps
from nanozoo.viz.latent_walk import draw_latent_walks
from nanozoo.workflows.embed_read import ReadImages

WALKED = 6
"""Dimensions that are walked along, and most ways between classes."""

MAPPED = 4
"""Dimensions and most images in the figure of what they look at."""

STEPS = 7
REACH = 3.0


def figure_bytes(draw: Callable[..., None], *arguments: object, **options: object) -> bytes:
    """The PNG that a function of `nanozoo.viz` writes to the path that it takes first."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "figure.png"
        draw(path, *arguments, **options)
        return path.read_bytes()


def map_figures(
    points: np.ndarray, read: ReadImages, vector: str, seed: int
) -> tuple[dict[str, bytes], list[str]]:
    """Map of all images by PCA, and with three classes or more of half of them by LDA.

    Args:
        points: `(N, D)` vectors of the images.
        read: The images.
        vector: Name of the vectors.
        seed: Seed of the halves.

    Returns:
        PNG files by name, and why a map is missing.
    """
    files: dict[str, bytes] = {}
    if len(points) < 3:
        return files, [f"There is no map of fewer than three images. Received: {len(points)}"]
    everything = np.arange(len(points))
    notes = []
    try:
        found = project_pca(points, points)
        files["map.png"] = _map_figure(found, read, everything, vector)
    except UserError as error:
        return files, [f"No map: {error}"]
    if len(read.class_names) < 3:
        return files, notes
    try:
        known, shown = _halves(read, seed)
        _, found = project_features(points[known], read.class_numbers[known], points[shown])
        files["map_lda.png"] = _map_figure(found, read, shown, vector)
    except UserError as error:
        notes.append(f"No map by LDA: {error}")
    return files, notes


def walk_figures(
    embedder: Embedder,
    read: ReadImages,
    found: Embeddings,
    points: np.ndarray,
    use: LatentUse | None,
) -> dict[str, bytes]:
    """Walks along dimensions, ways between classes, and what the dimensions look at.

    Args:
        embedder: Draws the images.
        read: The images.
        found: Their embeddings.
        points: `(N, D)` vectors by which images are typical of a class, or of all.
        use: Which dimensions are used; None of a single image.

    Returns:
        PNG files by name: `walk.png`, `latent_maps.png`, and with two classes or more
        `interpolation.png`.
    """
    dimensions = list(range(found.mean.shape[1])) if use is None else use.most_used(WALKED)
    spreads = np.ones(found.mean.shape[1]) if use is None else np.sqrt(use.mean_variance)
    dimensions = [n for n in dimensions[:WALKED] if spreads[n] > 0]
    examples = typical_examples(points, read.classes)
    files = {}
    if dimensions:
        start = found.mean[typical_examples(points, ["all"] * len(points))["all"]]
        rows = {
            f"dim. {number}": embedder.decode(
                latent_walk(start, number, spread=spreads[number], reach=REACH, steps=STEPS)
            )
            for number in dimensions
        }
        above = [
            f"{step:+.0f} SD" if step else "image" for step in np.linspace(-REACH, REACH, STEPS)
        ]
        files["walk.png"] = figure_bytes(draw_latent_walks, rows, above)
        maps = []
        for name, number in islice(examples.items(), MAPPED):
            seen = latent_grad_cam(embedder.model, read.images[number])
            own = seen.maps[dimensions[:MAPPED]]
            maps.append(
                MappedImage(name or read.names[number], read.images[number], own, seen.mean)
            )
        files["latent_maps.png"] = figure_bytes(draw_latent_maps, maps, dimensions[:MAPPED])
    ways = {
        f"{a}\nto {b}": embedder.decode(interpolate(found.mean[first], found.mean[second], STEPS))
        for (a, first), (b, second) in islice(combinations(examples.items(), 2), WALKED)
    }
    if ways:
        above = [f"{100 * share:.0f}%" for share in np.linspace(0, 1, STEPS)]
        files["interpolation.png"] = figure_bytes(draw_latent_walks, ways, above)
    return files


def _map_figure(found: Projection, read: ReadImages, shown: np.ndarray, vector: str) -> bytes:
    names = [name or "images" for name in read.class_names]
    return figure_bytes(
        draw_embedding_map,
        found.points,
        read.images[shown],
        read.class_numbers[shown],
        names,
        title=f"{vector}, {found.title}",
    )


def _halves(read: ReadImages, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Images to find a plane on and images to show, no group in both."""
    own = Counter(name for name, _ in set(zip(read.classes, read.groups)))
    least = min(own, key=own.get)
    if own[least] < 2:
        raise UserError(
            "Discriminants set apart the very images that they are found on, so half of the "
            "groups of each class find them and the others are shown. Received: one group of "
            f"the class {least!r}"
        )
    folds = StratifiedGroupKFold(2, shuffle=True, random_state=seed)
    return next(folds.split(read.images, read.class_numbers, read.groups))
