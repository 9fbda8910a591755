"""Compare measured with known cores and shells on simulated scenes; print a Markdown table.

python benchmarks/bench_core_shell.py --part test --out out/core_shell

Cores and shells are parted inside the true masks of whole particles that the border does not cut.
The scenes stand in splits/core_shell_simulated.csv; beside them particles of one material, in
which a core is none ("spheres" and "rods_cubes", seeds of the scenes).
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from bench_cli import write_report

from nanozoo.core.instances import Instances, instance_of
from nanozoo.evaluate.bootstrap import bootstrap_mean
from nanozoo.measure.core_shell import split_core_shell
from nanozoo.measure.edge_correction import touches_border
from nanozoo.synth.pairs import CoreShell, core_shell_pairs
from nanozoo.synth.presets import preset_config
from nanozoo.synth.scene import Scene, simulate
from nanozoo.workflows.benchmark_store import write_table

SPLIT = Path(__file__).parent / "splits" / "core_shell_simulated.csv"
PLAIN = ("spheres", "rods_cubes")
COLUMNS = (
    "preset", "modality", "seed", "shape", "particles", "cores", "core_error", "core_bias",
    "shell_error", "shell_bias",
)  # fmt: skip


def whole_particles(scene: Scene) -> tuple[list[CoreShell], Instances]:
    """What is known of the uncut particles of a scene, and their whole masks."""
    known = [pair for pair in core_shell_pairs(scene) if not pair.touches_border]
    items = []
    for pair in known:
        mask = np.zeros(scene.instances.shape, bool)
        for number in (pair.core, pair.shell):
            part = scene.instances.items[number - 1]
            mask[part.window] |= part.mask
        items.append(instance_of(mask))
    return known, Instances(scene.instances.shape, items)


def core_shell_row(modality: str, seed: int) -> dict[str, Any]:
    """Errors in a scene of cores in shells, means over its particles; diameters relative."""
    scene = simulate(preset_config("core-shell", modality, seed=seed), seed)
    known, particles = whole_particles(scene)
    found = split_core_shell(scene.pixels, particles)
    both = [(one, parts) for one, parts in zip(known, found) if parts is not None]
    cores = np.array([parts.core.diameter / one.core_diameter_px - 1 for one, parts in both])
    shells = np.array([parts.thickness_px - one.shell_px for one, parts in both])
    return {
        "preset": "core-shell",
        "modality": modality,
        "seed": seed,
        "shape": scene.config.shapes[0],
        "particles": len(known),
        "cores": len(both),
        "core_error": np.abs(cores).mean() if both else np.nan,
        "core_bias": cores.mean() if both else np.nan,
        "shell_error": np.abs(shells).mean() if both else np.nan,
        "shell_bias": shells.mean() if both else np.nan,
    }


def plain_row(preset: str, modality: str, seed: int) -> dict[str, Any]:
    """How many cores are found in a scene of particles of one material."""
    scene = simulate(preset_config(preset, modality, seed=seed), seed)
    cut = touches_border(scene.instances)
    items = [item for item, out in zip(scene.instances, cut) if not out]
    found = split_core_shell(scene.pixels, Instances(scene.instances.shape, items))
    return {
        **dict.fromkeys(COLUMNS, np.nan),
        "preset": preset,
        "modality": modality,
        "seed": seed,
        "shape": preset,
        "particles": len(items),
        "cores": sum(parts is not None for parts in found),
    }


def score(part: str, limit: int | None = None) -> list[dict[str, Any]]:
    """A row a scene of a part of the split; every tenth comes with scenes of one material."""
    with open(SPLIT, encoding="utf-8") as stream:
        scenes = [line for line in csv.DictReader(stream) if line["split"] == part]
    rows = []
    for number, line in enumerate(scenes[:limit]):
        modality, seed = line["modality"], int(line["seed"])
        rows.append(core_shell_row(modality, seed))
        if number % 10 == 0:
            rows += [plain_row(preset, modality, seed) for preset in PLAIN]
        print(*rows[-1].values(), file=sys.stderr, flush=True)
    return rows


def report(rows: Sequence[dict[str, Any]]) -> str:
    """Markdown: cores found and errors by shape, and over all scenes."""
    lines = [
        "| particles | scenes | number | with a core found | core diameter, % | shell, px |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    scenes = [row for row in rows if row["preset"] == "core-shell"]
    groups = {"all cores in shells": scenes}
    for row in scenes:
        groups.setdefault(row["shape"], []).append(row)
    for preset in PLAIN:
        groups[f"{preset}, one material"] = [row for row in rows if row["preset"] == preset]
    for name, own in groups.items():
        number, cores = (sum(row[key] for row in own) for key in ("particles", "cores"))
        share = f"{100 * cores / number:.1f}%" if number else ""
        cells = [_cell(own, "core", 100.0), _cell(own, "shell", 1.0)]
        lines.append(f"| {name} | {len(own)} | {number} | {share} | {' | '.join(cells)} |")
    return (
        "Errors without sign, means over the scenes of the means over their particles [95% "
        "interval]; in brackets with sign.\n\n" + "\n".join(lines) + "\n"
    )


def _cell(rows: Sequence[dict[str, Any]], what: str, factor: float) -> str:
    errors = factor * np.array([row[f"{what}_error"] for row in rows])
    bias = factor * np.array([row[f"{what}_bias"] for row in rows])
    known = np.isfinite(errors)
    if not known.any():
        return ""
    size = bootstrap_mean(errors[known])
    return f"{size.mean:.2f} [{size.low:.2f}, {size.high:.2f}] ({bias[known].mean():+.2f})"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure the scenes; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--part", choices=("train", "val", "test"), default="test")
    parser.add_argument("--out", type=Path, default=Path("out/core_shell"))
    parser.add_argument("--limit", type=int, help="only so many scenes")
    options = parser.parse_args(arguments)

    def work() -> str:
        rows = score(options.part, options.limit)
        write_table(options.out / "scenes.csv", COLUMNS, rows)
        return report(rows)

    return write_report(options.out, work)


if __name__ == "__main__":
    sys.exit(main())
