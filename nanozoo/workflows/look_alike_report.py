"""What a classifier of morphologies answers where a view could be of another one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from nanozoo.data.shape_crops import ShapeCrops
from nanozoo.evaluate.classification import AnswerShares, answer_shares
from nanozoo.synth.shape_source import ShapeSource
from nanozoo.synth.view_library import AxisSource, nearest_others, view_directions, view_library
from nanozoo.synth.views import Views, look_alikes
from nanozoo.workflows.shape_report import Answers, markdown_table

SILHOUETTE = "silhouette"

ALIKE_IOU = 0.98
"""Intersection over union from which on two silhouettes are alike."""

ALIKE_THICKNESS = 0.1
"""Relative difference below which two maps of thickness are alike."""

_ANSWERS = ("right", "unsure", "wrong")


def look_alike_report(
    tested: Sequence[Answers],
    sources: Sequence[ShapeSource],
    ask: Callable[[np.ndarray], np.ndarray],
    size: int,
    *,
    compared: int = 400,
    along: int = 40,
    library: int = 100,
    seed: int = 7_000_000,
) -> str:
    """Say how often a classifier is unsure of views that look like one of another morphology.

    Silhouettes go by their outline, other pictures by their thickness. A second table is of
    pictures along the axes whose silhouette is that of another morphology.

    Args:
        tested: Answers on the first pictures of each source; titles are appearances.
        sources: Where the pictures come from, as many.
        ask: From crops `(N, size, size, 1)` to classes `(N,)`, `NO_ANSWER` where unsure.
        size: Side of the crops, px.
        compared: Most pictures of each source whose views are compared, about 0.1 s each.
        along: Pictures along each axis.
        library: Views of each morphology to compare with, as in
            `nanozoo.synth.view_library.view_library`.
        seed: Of the library and of the pictures along the axes.

    Returns:
        Two tables in Markdown.
    """
    views = view_library(library, np.random.default_rng(seed))
    return "\n".join(
        [
            f"Of the first {compared} pictures of each appearance, views that look like one of "
            f"another morphology (silhouettes by an IoU of at least {ALIKE_IOU}, of other "
            f"pictures the thickness to {100 * ALIKE_THICKNESS:g}%), and all others.\n",
            _by_view(tested, sources, views, compared),
            f"Along axes whose silhouette is that of another morphology, {along} pictures each; "
            "where the thickness agrees, too, also of pictures that show it.\n",
            _by_axis(ask, size, along, seed),
        ]
    )


def _by_view(
    tested: Sequence[Answers], sources: Sequence[ShapeSource], library: Views, count: int
) -> str:
    rows = []
    for one, source in zip(tested, sources):
        labels, called = one.labels[:count], one.called[:count]
        directions = view_directions([source.rotation(n) for n in range(len(labels))])
        names = [source.classes[label] for label in labels]
        iou, difference = nearest_others(names, directions, library)
        alike = iou >= ALIKE_IOU if one.title == SILHOUETTE else difference < ALIKE_THICKNESS
        for view, chosen in (("looks like another", alike), ("all others", ~alike)):
            shares = answer_shares(labels[chosen], called[chosen])
            rows.append((one.title, view, str(shares.count), *_cells(shares)))
    return markdown_table(("pictures", "view", "number", *_ANSWERS), rows)


def _by_axis(ask: Callable[[np.ndarray], np.ndarray], size: int, count: int, seed: int) -> str:
    pairs = look_alikes(0.999)
    rows = []
    for appearance, most in ((SILHOUETTE, 1.0), ("thickness", ALIKE_THICKNESS)):
        others: dict[tuple, list[str]] = {}
        for pair in pairs:
            if pair.difference <= most:
                views = tuple(zip(pair.names, pair.axes, pair.directions))
                for view, (name, axis, _) in (views, views[::-1]):
                    others.setdefault(view, []).append(f"{name} ({axis})")
        for (name, axis, direction), like in sorted(others.items()):
            source = AxisSource("morphology", seed, 96, (appearance,), direction=direction)
            label, step = source.classes.index(name), len(source.classes)
            crops = ShapeCrops(source, size=size, looseness=0.0)
            asked = np.stack([crops.example(label + step * n)[0] for n in range(count)])
            shares = answer_shares(np.full(count, label), ask(asked))
            rows.append((appearance, name, axis, ", ".join(like), *_cells(shares)))
    return markdown_table(("pictures", "morphology", "along", "looks like", *_ANSWERS), rows)


def _cells(shares: AnswerShares) -> tuple[str, ...]:
    return tuple(f"{share:.3f}" for share in (shares.right, shares.unsure, shares.wrong))
