"""Score the reading of scale bars on real micrographs; print a Markdown table.

python benchmarks/bench_scale_bar.py --data $NANOZOO_DATA --part test --out out/scale_bars

Right is a bar whose length is that of the list within 2% or 2 px, whichever is larger, with the
same number and unit. The rest is wrong, or abstained where no pixel size is given. Asked for: at
least 90% right and at most 2% wrong. Images of the same micrographs without their info bar have
no scale bar; there a pixel size is wrong and none is right. The parts stand in
splits/scale_bars.csv. `--part simulated` needs no data: small scenes of dark particles with a thin
bar and small letters, which may lie on particles.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
from bench_cli import add_data, data_folder, write_report

from nanozoo.core.files import write_bytes, write_text
from nanozoo.evaluate.bootstrap import bootstrap_mean
from nanozoo.io.micrograph import read_micrograph
from nanozoo.measure.scale_bar import Calibration
from nanozoo.measure.text_reader import TextReader
from nanozoo.synth import SceneConfig, simulate
from nanozoo.workflows.calibrate import calibrate_micrograph, record

SPLIT = Path(__file__).parent / "splits" / "scale_bars.csv"
IMAGES = {"nanocomposite-sem": "with_infobar"}
SIDES, SEEDS = (96, 128, 192, 256, 384), range(2000, 2030)
OUTCOMES = ("right", "wrong", "abstained")


@dataclass(frozen=True)
class Case:
    """An image and what is known of its scale bar.

    Args:
        group: Row of the table that it counts in.
        path: The image.
        label_nm: Length of the bar, nm; None where there is no bar.
        bar_px: Length of the bar, px.
    """

    group: str
    path: Path
    label_nm: float | None = None
    bar_px: float | None = None


def rows_of(path: Path) -> list[dict[str, str]]:
    """Rows of a CSV file with a header."""
    with open(path, encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def with_bar(data: Path, part: str) -> list[Case]:
    """Images of a part whose scale bar is known."""
    listed = [row for row in rows_of(SPLIT) if row["split"] == part]
    cases = []
    for dataset in dict.fromkeys(row["dataset"] for row in listed):
        known = {row["file"]: row for row in rows_of(data / dataset / "scalebars.csv")}
        folder = data / dataset / IMAGES.get(dataset, "images")
        for file in (row["file"] for row in listed if row["dataset"] == dataset):
            size = float(known[file]["label_nm"]), float(known[file]["bar_px"])
            cases.append(Case(dataset, folder / file, *size))
    return cases


def without_bar(data: Path, part: str) -> list[Case]:
    """Images of a part whose info bar was cut off."""
    wanted = {(row["dataset"], row["file"]) for row in rows_of(SPLIT) if row["split"] == part}
    cases = []
    folder = data / "nffa-sem-scalebar"
    for row in rows_of(folder / "cropped.csv"):
        if ("nffa-sem-scalebar", row["file"]) in wanted:
            cases.append(Case("no bar: nffa-sem-scalebar", folder / "cropped" / row["file"]))
    folder = data / "nanocomposite-sem"
    for row in rows_of(folder / "images.csv"):
        original = row["original_with_infobar"].replace("wt%", "wtpct").replace("/", "__")
        if ("nanocomposite-sem", original) in wanted:
            path = folder / "images" / f"{row['stem']}.jpg"
            cases.append(Case("no bar: nanocomposite-sem", path))
    return cases


def simulated(folder: Path) -> list[Case]:
    """Small scenes with a bar, which are written into a folder."""
    cases = []
    for side in SIDES:
        for seed in SEEDS:
            scene = simulate(SceneConfig((side, side), mean_diameter=18), seed)
            path = folder / f"{side}_{seed}.png"
            write_bytes(path, cv2.imencode(".png", scene.pixels)[1].tobytes())
            bar = scene.scale_bar
            cases.append(Case(f"simulated, {side} px", path, bar.length_nm, bar.bar_px))
    return cases


def outcome(case: Case, found: Calibration) -> str:
    """Whether a calibration is right, wrong or abstained."""
    if case.label_nm is None:
        return "right" if found.nm_per_px is None else "wrong"
    if found.nm_per_px is None:
        return "abstained"
    slack = max(2.0, 0.02 * case.bar_px)
    length = abs(round(found.bar.length_px, 2) - case.bar_px) <= slack
    number = math.isclose(found.label.nm, case.label_nm, rel_tol=1e-9)
    return "right" if length and number else "wrong"


def score(cases: Iterable[Case], threads: int) -> Iterator[tuple[Case, Calibration, str, float]]:
    """Read every image; also the seconds of processor time it took."""
    reader = TextReader(threads)
    for case in cases:
        micrograph = read_micrograph(case.path)
        start = time.process_time()
        found = calibrate_micrograph(micrograph, reader)
        yield case, found, outcome(case, found), time.process_time() - start


def bench(cases: Iterable[Case], out: Path, threads: int = 1) -> str:
    """The report on cases; what was read of each goes to `calibration.jsonl` in `out`."""
    results, lines = [], []
    for case, found, kind, seconds in score(cases, threads):
        results.append((case, kind, seconds))
        lines.append(json.dumps(record(case.path.name, found)))
        print(f"{kind} {seconds:.2f} s {case.label_nm} {case.bar_px} {lines[-1]}", flush=True)
    write_text(out / "calibration.jsonl", "\n".join(lines) + "\n")
    return report(results)


def report(results: Sequence[tuple[Case, str, float]]) -> str:
    """A row a dataset, and one for all images with a bar, with 95% bootstrap intervals."""
    head = ("dataset", "images", *OUTCOMES, "right, share", "wrong, share", "processor s / image")
    lines = [f"| {' | '.join(head)} |", "|" + " --- |" * len(head)]
    groups = {case.group: [] for case, _, _ in results}
    for item in results:
        groups[item[0].group].append(item)
    groups["all with a bar"] = [item for item in results if item[0].label_nm is not None]
    for name, items in groups.items():
        outcomes = [item[1] for item in items]
        counts = [str(outcomes.count(kind)) for kind in OUTCOMES]
        shares = [share(outcomes, kind) for kind in OUTCOMES[:2]]
        seconds = sum(item[2] for item in items) / max(len(items), 1)
        row = (name, str(len(items)), *counts, *shares, f"{seconds:.2f}")
        lines.append(f"| {' | '.join(row)} |")
    return "\n".join(lines) + "\n"


def share(outcomes: Sequence[str], kind: str) -> str:
    """Share of an outcome with its interval."""
    interval = bootstrap_mean([float(item == kind) for item in outcomes])
    return f"{interval.mean:.3f} [{interval.low:.3f}, {interval.high:.3f}]"


def main(arguments: Sequence[str] | None = None) -> int:
    """Score every image of the part; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_data(parser)
    parser.add_argument("--part", default="test", choices=("val", "test", "simulated"))
    parser.add_argument("--out", type=Path, default=Path("out/scale_bars"))
    parser.add_argument("--threads", type=int, default=1, help="threads that read texts")
    options = parser.parse_args(arguments)

    def work() -> str:
        if options.part == "simulated":
            cases = simulated(options.out / "images")
        else:
            data = data_folder(options)
            cases = with_bar(data, options.part) + without_bar(data, options.part)
        return f"### Scale bars, {options.part}\n\n{bench(cases, options.out, options.threads)}"

    return write_report(options.out, work)


if __name__ == "__main__":
    sys.exit(main())
