"""Micrographs in, their places in a latent space out: tables, maps, distances and a report."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import nanozoo.models  # noqa: F401  (fills the registry)
from nanozoo.core.checks import check_choice, check_int
from nanozoo.core.errors import UserError
from nanozoo.core.files import remove_file
from nanozoo.core.progress import Counter, Watcher
from nanozoo.embed.latent_use import ACTIVE_VARIANCE, SIGMA_SPREAD, LatentUse, latent_use
from nanozoo.embed.probes import NEIGHBOURS, TREES
from nanozoo.embed.separation import distance_panels
from nanozoo.engines.embedder import Embedder, Embeddings
from nanozoo.viz.distances import draw_distances
from nanozoo.workflows.embed_labels import file_labels
from nanozoo.workflows.embed_numbers import MOST_FOLDS, Comparison, compare
from nanozoo.workflows.embed_page import embed_page
from nanozoo.workflows.embed_pictures import figure_bytes, map_figures, walk_figures
from nanozoo.workflows.embed_read import ReadImages, read_images
from nanozoo.workflows.embed_tables import embed_tables
from nanozoo.workflows.images import Images
from nanozoo.workflows.segment import write_together
from nanozoo.workflows.versions import package_versions

FILES = (
    "embeddings.csv", "dimensions.csv", "map.png", "map_lda.png", "distances.csv",
    "distances.png", "probes.csv", "neighbours.csv", "walk.png", "interpolation.png",
    "latent_maps.png", "report.html",
)  # fmt: skip
"""Everything that a run may write."""

PARTS = ("embedding", "tables and figures")
"""The work after the images are read."""


@dataclass(frozen=True)
class EmbedResult:
    """What `embed_images` found.

    Args:
        read: The images with their classes and groups.
        embeddings: Where they lie.
        use: Which dimensions are used; None of a single image.
        compared: Distances, probes and neighbours.
        written: The files.
        notes: What the numbers are worth, and why others are missing.
        errors: A sentence for each image that could not be used.
    """

    read: ReadImages
    embeddings: Embeddings
    use: LatentUse | None
    compared: Comparison
    written: tuple[Path, ...] = ()
    notes: tuple[str, ...] = ()
    errors: tuple[str, ...] = field(default=())


def embed_images(
    paths: str | Path | Iterable[str | Path],
    checkpoint: str | Path,
    out: str | Path,
    *,
    labels: str | Path | None = None,
    vector: str | None = None,
    neighbours: int = 5,
    walk: bool = False,
    seed: int = 0,
    progress: Watcher | None = None,
) -> EmbedResult:
    """Embed images with an autoencoder, and say how far classes of them lie apart.

    Writes `embeddings.csv`, `dimensions.csv`, `map.png`, `neighbours.csv` and `report.html`, which
    needs nothing but itself; with two classes or more `distances.csv`, `distances.png` and
    `probes.csv`, with three `map_lda.png`; with `walk` also `walk.png`, `latent_maps.png` and
    `interpolation.png`. What cannot be said of the images is left out, and the notes say
    why. Files of an earlier run are replaced or removed.

    Args:
        paths: Image files and folders of images.
        checkpoint: Name or folder of the checkpoint of an autoencoder.
        out: Folder for the results; it must not hold the images.
        labels: CSV with the columns file, class and optionally group (micrograph, specimen or
            series). None: where there are several folders, the folder of an image is its class.
        vector: "mean" or "sigma", by which maps, distances in the figure and neighbours go;
            None for sigma, or the only vector of a plain autoencoder. Sigma tells textures
            apart in the thesis.
        neighbours: Most neighbours of each image, at least 1; none is of its own group.
        walk: Whether to draw images along the dimensions that vary most, from class to class,
            and what the dimensions look at.
        seed: Seed of folds, probes and intervals, 0 or more.
        progress: Told of every file, before and after it, and of the parts that follow.

    Returns:
        Embeddings and numbers; each note is a warning, too.

    Raises:
        UserError: If there is no such checkpoint or it is no autoencoder, an argument is out of
            range, the table of labels cannot be used, no image can be embedded, or a file cannot
            be written.

    Example:
        >>> import cv2
        >>> from nanozoo import PorousConfig, embed_images, simulate_porous
        >>> for number in range(2):
        ...     foam = simulate_porous(PorousConfig(), seed=number)
        ...     _ = cv2.imwrite(f"foam{number}.png", foam.pixels)
        >>> found = embed_images(["foam0.png", "foam1.png"], "vae_foams", "out")
        >>> found.embeddings.sigma.shape
        (2, 128)

    References:
        Romero Serrano, thesis, Universidad Industrial de Santander 2023, section 6.
    """
    out = Path(out)
    check_int("neighbours", neighbours, 1)
    check_int("seed", seed, 0)
    images = Images(paths)
    images.check_output(out)
    known = file_labels(images.files, labels)
    embedder = Embedder(checkpoint)
    offered = ("sigma", "mean") if embedder.variational else ("mean",)
    chosen = offered[0] if vector is None else str(check_choice("vector", vector, offered))
    counter = Counter(progress, len(images.files) + len(PARTS))
    read = read_images(images, known, embedder, counter)
    counter.start(PARTS[0])
    found = embedder.embed(read.images)
    counter.finish()
    counter.start(PARTS[1])
    vectors = found.vectors(seed)
    compared = compare(
        vectors,
        chosen,
        read.classes,
        read.groups,
        grouped=known.grouped,
        neighbours=neighbours,
        seed=seed,
    )
    use = latent_use(found.mean, found.sigma) if len(found.mean) > 1 else None
    pictures, missing = map_figures(vectors[chosen], read, chosen, seed)
    notes = [*known.notes, *compared.notes, *missing]
    if chosen in compared.separations:
        panels = distance_panels(compared.separations[chosen])
        pictures["distances.png"] = figure_bytes(draw_distances, panels)
    if walk:
        try:
            pictures |= walk_figures(embedder, read, found, vectors[chosen], use)
        except UserError as error:
            notes.append(f"No walks: {error}")
    parameters = {
        "checkpoint": embedder.checkpoint.name,
        "model": embedder.checkpoint.model,
        "arguments": embedder.checkpoint.arguments,
        "inference": embedder.checkpoint.inference,
        "trained_on": embedder.checkpoint.notes.get("data"),
        "weights": embedder.checkpoint.weights,
        "labels": None if labels is None else str(labels),
        "vector": chosen,
        "neighbours": neighbours,
        "walk": walk,
        "active_variance": ACTIVE_VARIANCE,
        "sigma_spread": SIGMA_SPREAD,
        "probes": {"trees": TREES, "knn": NEIGHBOURS, "most_folds": MOST_FOLDS},
        "seed": seed,
        "versions": package_versions(),
    }
    files = embed_tables(read, found, use, compared) | pictures
    page = embed_page(read, use, compared, files, [*notes, *images.errors], parameters)
    written = write_together(out, files | {"report.html": page.encode()})
    counter.finish()
    for name in set(FILES) - set(files) - {"report.html"}:
        remove_file(out / name)
    for note in notes:
        warnings.warn(note, stacklevel=2)
    return EmbedResult(
        read, found, use, compared, tuple(written), tuple(notes), tuple(images.errors)
    )
