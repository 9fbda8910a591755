"""What the examples of each class are called: a matrix of shares and counts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from nanozoo.core.errors import UserError
from nanozoo.viz.style import figure

_DARK = 0.5


def draw_confusion(path: str | Path, counts: np.ndarray, names: Sequence[str]) -> None:
    """Draw a confusion matrix: colour is the share of the true class, numbers are counts.

    Args:
        path: PNG to write.
        counts: `(K, K)`, or `(K, K + 1)` with a last column of examples without an answer, as
            of `nanozoo.evaluate.classification.confusion_counts`; row, true class.
        names: Names of the K classes.

    Raises:
        UserError: If the counts do not fit the names.
    """
    counts = np.asarray(counts)
    words = [name.replace("_", " ") for name in names]
    answers = [*words, "unsure"][: counts.shape[-1]]
    if counts.ndim != 2 or counts.shape not in ((len(words),) * 2, (len(words), len(words) + 1)):
        raise UserError(
            "Expected a row of counts for each class, and a column for each answer. "
            f"Received: counts of shape {counts.shape}, {len(words)} names"
        )
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    margin = 0.11 * max(map(len, words))
    size = 2.6 + margin + 0.72 * len(answers), 1.4 + margin + 0.62 * len(words)
    with figure(path, 1, 1, *size) as (drawing, ((axes,),)):
        drawn = axes.imshow(shares, cmap="Blues", vmin=0, vmax=1, aspect="auto")
        for (row, column), count in np.ndenumerate(counts):
            if count:
                ink = "white" if shares[row, column] > _DARK else "black"
                axes.text(column, row, str(count), ha="center", va="center", color=ink)
        axes.set_xticks(
            range(len(answers)), answers, rotation=45, ha="right", rotation_mode="anchor"
        )
        axes.set_yticks(range(len(words)), words)
        axes.set(xlabel="answer", ylabel="true class")
        axes.spines[:].set_visible(False)
        axes.tick_params(length=0)
        bar = drawing.colorbar(drawn, ax=axes, label="share of the true class")
        bar.outline.set_visible(False)
