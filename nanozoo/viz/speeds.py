"""How fast networks are: a bar for each implementation."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from nanozoo.viz.style import COLOURS, figure, legend_below


def draw_speeds(path: str | Path, rows: Sequence[dict[str, Any]]) -> None:
    """Draw images per second as horizontal bars, a panel a task and a group of bars a network.

    Args:
        path: PNG to write.
        rows: With `network`, `side_px`, `task`, `implementation` and `images_per_s`.
    """
    from matplotlib.patches import Patch

    tasks = list(dict.fromkeys(row["task"] for row in rows))
    names = list(dict.fromkeys(row["implementation"] for row in rows))
    colour = {name: COLOURS[number % len(COLOURS)] for number, name in enumerate(names)}
    hatch = {name: "//" if number >= len(COLOURS) else "" for number, name in enumerate(names)}
    height = 2.0 + 0.35 * max((len(_of(rows, task)) for task in tasks), default=1)
    width = 2.0 + 6.5 * max(1, len(tasks))
    with figure(path, 1, max(1, len(tasks)), width, height + 0.3 * len(names)) as (
        drawing,
        (panels,),
    ):
        for task, panel in zip(tasks, panels):
            own, place, ticks, before = _of(rows, task), 0.0, {}, None
            for row in own:
                network = f"{row['network']}\n{row['side_px']} px"
                place += 1.0 if network == before else 1.8
                before = network
                ticks.setdefault(network, []).append(place)
                name, speed = row["implementation"], row["images_per_s"]
                panel.barh(place, speed, 0.9, color=colour[name], hatch=hatch[name])
                panel.text(speed, place, f" {speed:.3g}", va="center", fontsize=11)
            middles = [sum(places) / len(places) for places in ticks.values()]
            panel.set_yticks(middles, list(ticks))
            panel.invert_yaxis()
            panel.margins(x=0.12)
            panel.set_title(task)
            panel.set_xlabel("images per second")
        handles = [Patch(facecolor=colour[name], hatch=hatch[name]) for name in names]
        legend_below(drawing, handles, names, columns=2)


def _of(rows: Sequence[dict[str, Any]], task: str) -> list[dict[str, Any]]:
    """Rows of one task."""
    return [row for row in rows if row["task"] == task]
