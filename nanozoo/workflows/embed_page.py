"""Report in HTML on embedded images: numbers, figures, and what each number is worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from nanozoo.core.words import count_of
from nanozoo.embed.latent_use import ACTIVE_VARIANCE, LatentUse
from nanozoo.evaluate.bootstrap import Interval
from nanozoo.workflows.embed_numbers import Comparison
from nanozoo.workflows.embed_read import ReadImages
from nanozoo.workflows.embed_tables import dimension_rows
from nanozoo.workflows.pages import (
    Html,
    heading,
    link,
    notes,
    number,
    page,
    paragraph,
    picture,
    setting_rows,
    table,
)

_WIDTH = 1000

_SEEN = (
    "All numbers hold for other images of the kind only if the network was not trained on these, "
    "nor on others of their groups."
)
_CAPTIONS = {
    "map.png": "All images in the plane in which they vary most (PCA), found without their "
    "classes. Images whose thumbnails would cover others are points. What lies outside of the "
    "plane does not show: classes that overlap here may still be apart.",
    "map_lda.png": "Half of the groups in the plane in which the classes of the other half are "
    "furthest apart (LDA): it shows what carries over to new groups.",
    "distances.png": "Distances between images of one class (WSS) and of two classes (BSS).",
    "walk.png": "Images drawn along the dimensions whose means vary most, around the most typical "
    "image, in standard deviations of the means; all other dimensions are at rest.",
    "interpolation.png": "Images drawn on the way, around the origin, from the most typical image "
    "of one class to that of another. Both ends are reconstructions of images.",
    "latent_maps.png": "What raises the mean of a dimension (latent Grad-CAM), brightest where it "
    "counts most, and the mean map of all dimensions. The maps are as coarse as the deepest "
    "layer.",
}  # fmt: skip


def embed_page(
    read: ReadImages,
    use: LatentUse | None,
    compared: Comparison,
    files: Mapping[str, bytes],
    said: Sequence[str],
    parameters: Mapping[str, Any],
) -> str:
    """Report on embedded images.

    Args:
        read: The images.
        use: Which dimensions are used; None of a single image.
        compared: Distances, probes and neighbours.
        files: Tables and figures by name.
        said: What the numbers are worth, and what went wrong.
        parameters: Everything that they were made with, as JSON values.
    """
    tables = [name for name in files if name.endswith(".csv")]
    named = [name for name in read.class_names if name]
    about = f"{count_of(len(read.names), 'image')} from {count_of(len(set(read.groups)), 'group')}"
    if named:
        counts = (f"{read.classes.count(name)} {name}" for name in named)
        about += f" of {len(named)} classes ({', '.join(counts)})"
    parts = [
        paragraph(f"{about}, embedded with {parameters['checkpoint']}. {_SEEN}"),
        notes(said),
        "<p>Tables: " + ", ".join(link(name, name) for name in tables) + "</p>",
        *_figures(files, "Map", ("map.png", "map_lda.png")),
        *_dimensions(use),
        *_distances(compared, parameters["vector"], files),
        *_probes(compared),
        *_neighbours(read, compared),
        *_figures(files, "Walks", ("walk.png", "interpolation.png")),
        *_figures(files, "What the dimensions look at", ("latent_maps.png",)),
        heading("How it was made"),
        table(("parameter", "value"), setting_rows(parameters)),
    ]
    return page("Embedded images", parts)


def _figures(files: Mapping[str, bytes], title: str, names: Sequence[str]) -> list[str]:
    shown = [picture(files[n], escape(_CAPTIONS[n]), _WIDTH) for n in names if n in files]
    return [heading(title), *shown] if shown else []


def _dimensions(use: LatentUse | None) -> list[str]:
    if use is None:
        return []
    rows = [tuple(row.values()) for row in dimension_rows(use)]
    columns = ("dimension", "KL, nats", "variance of mean", "SD of ln(sigma)", "collapsed")
    total = "" if use.kl_nats is None else f" All together hold {use.kl_nats.sum():.1f} nats."
    return [
        heading("Latent dimensions"),
        paragraph(
            f"{use.sentence}{total} A dimension counts as collapsed where its mean varies by "
            f"{ACTIVE_VARIANCE} or less (variance) over these images (Burda et al. 2016): few "
            "or alike images make more of them look collapsed."
        ),
        "<details><summary>All dimensions</summary>" + table(columns, rows) + "</details>",
    ]


def _distances(compared: Comparison, vector: str, files: Mapping[str, bytes]) -> list[str]:
    if not compared.separations:
        return []
    rows = [
        (name, one.first, one.second, one.wss, one.bss, _interval(one.rate))
        for name, separations in compared.separations.items()
        for one in separations
    ]
    shown = "distances.png" in files
    figured = f"The figure is of {vector}." if shown else ""
    return [
        heading("Distances"),
        paragraph(
            "WSS is the mean distance between images of the first class, BSS that of images of "
            "the first from images of the second, and R = BSS / (BSS + WSS), with its 95% "
            "interval over groups. R is 0.5 where two classes are one cloud. They lie apart where "
            "the whole interval is above 0.5 in both orders; in one order alone it says that one "
            f"class is wider than the other. Compare R within one vector alone. {figured}"
        ),
        *([picture(files["distances.png"], escape(_CAPTIONS["distances.png"]), _WIDTH)] * shown),
        table(("vector", "first", "second", "WSS", "BSS", "R"), rows),
    ]


def _probes(compared: Comparison) -> list[str]:
    if not compared.probes:
        return []
    rows = [
        (
            vector,
            probe.replace("_", " "),
            _interval(one.balanced_accuracy),
            _interval(one.accuracy),
        )
        for (vector, probe), one in compared.probes.items()
    ]
    scores = next(iter(compared.probes.values()))
    return [
        heading("Probes"),
        paragraph(
            "Classifiers that learn the classes of most groups and name those of the others, in "
            f"{compared.folds} folds of {scores.accuracy.clusters} groups. Guessing has a "
            f"balanced accuracy of {1 / len(scores.by_class):.2f}: a probe found "
            "something only where the whole 95% interval is above that. The best of several "
            "probes looks better than it is: choose one before you look."
        ),
        table(("vector", "probe", "balanced accuracy", "accuracy"), rows),
    ]


def _neighbours(read: ReadImages, compared: Comparison) -> list[str]:
    found = compared.neighbours
    if found is None or len(read.class_names) < 2:
        return []
    same = sum(read.classes[n] == own for n, own in zip(found.indices[:, 0], read.classes))
    return [
        heading("Neighbours"),
        paragraph(
            f"The nearest other image is of the same class for {same} of {len(read.names)} "
            "images. Where groups are given, images of the same group are no neighbours."
        ),
    ]


def _interval(one: Interval) -> Html:
    return Html(f"{number(one.mean)} ({number(one.low)} to {number(one.high)})")
