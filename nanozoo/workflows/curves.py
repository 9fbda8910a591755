"""The losses of runs beside each other: a figure and a table."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from nanozoo.core.errors import UserError
from nanozoo.training.history import read_history, run_labels
from nanozoo.viz.training_curves import draw_training_curves


def curves(runs: Sequence[str | Path], out: str | Path) -> dict[str, dict[str, float]]:
    """Draw the losses and scores of runs over each other.

    Args:
        runs: Output folders of trainings, or their `history.csv`.
        out: PNG to write.

    Returns:
        The last value of each column by run, "step" with it; a run may lack columns.

    Raises:
        UserError: If there is no run, one is named twice or has no history, or `out` does not
            end in .png.

    Example:
        >>> from pathlib import Path
        >>> from nanozoo.workflows.curves import curves
        >>> _ = Path("history.csv").write_text("step,loss\\n10,0.5\\n20,0.25\\n")
        >>> list(curves(["history.csv"], "curves.png").values())
        [{'step': 20.0, 'loss': 0.25}]
    """
    if not runs:
        raise UserError("Expected the folder of at least one run. Received: runs=[]")
    if Path(out).suffix.lower() != ".png":
        raise UserError(f"Expected a file that ends in .png. Received: out={str(out)!r}")
    histories = {label: read_history(run) for label, run in zip(run_labels(runs), runs)}
    draw_training_curves(out, histories)
    return {
        label: {
            name: float(values[np.isfinite(values)][-1])
            for name, values in history.items()
            if np.isfinite(values).any()
        }
        for label, history in histories.items()
    }
