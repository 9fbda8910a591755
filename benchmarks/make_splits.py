"""Assign train, val or test to every micrograph, by article, specimen or series.

    python benchmarks/make_splits.py --data $NANOZOO_DATA --out benchmarks/splits

Groups are never divided. Where a dataset has families (kinds of specimen), every
family keeps its largest group for training; of its other groups, in seeded random
order, the first goes to test, the second to val, the rest to training. EMPS, with
hundreds of articles, is divided 70 / 10 / 20 in random order of articles. A dataset
that may not be trained on has no train part. Images with a known scale bar go half to
val, half to test, by the same groups, into scale_bars.csv.
"""

from __future__ import annotations

import argparse
import csv
import re
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np

SEED = 20261121


def specimen(pattern: str):
    """Return a function from an image's name to the group that `pattern` finds in it."""

    def group(name: str) -> str:
        return re.match(pattern, name).group(1)

    return group


def nanoshapes_family(group: str) -> str:
    """Kind of synthesis that a nanoshapes-tem series belongs to."""
    return re.match(r"Cu-s|LZCu|Picture_|Picture", group).group(0)


def nanocomposite_family(group: str) -> str:
    """High (5 and 10 wt%) or low filler content."""
    return "high" if group.startswith(("10", "5")) else "low"


def nanoshapes_group(name: str) -> str:
    """Series of a nanoshapes-tem image; neighbouring numbered pictures belong together."""
    numbered = re.match(r"Picture(\d+)$", name)
    if numbered:
        return f"Picture{int(numbered.group(1)) // 10}x"
    return name if name.startswith("Picture_") else name.rsplit("_", 1)[0]


def by_family(groups: dict[str, list[str]], family, rng) -> dict[str, str]:
    """Assign groups to parts, family by family."""
    families = defaultdict(list)
    for group in sorted(groups):
        families[family(group)].append(group)
    parts = {}
    for members in families.values():
        largest = max(members, key=lambda group: len(groups[group]))
        parts[largest] = "train"
        rest = [group for group in members if group != largest]
        for rank, index in enumerate(rng.permutation(len(rest))):
            parts[rest[index]] = ("test", "val")[rank] if rank < 2 else "train"
    return parts


def by_share(groups: dict[str, list[str]], shares: dict[str, float], rng) -> dict[str, str]:
    """Assign groups in random order until each part has its share of the images."""
    order = [sorted(groups)[i] for i in rng.permutation(len(groups))]
    total = sum(map(len, groups.values()))
    bounds = np.cumsum([share * total for share in shares.values()])
    parts, seen = {}, 0
    for group in order:
        seen += len(groups[group])
        index = min(int(np.searchsorted(bounds, seen)), len(shares) - 1)
        parts[group] = list(shares)[index]
    return parts


COMMON = {"test": 0.2, "val": 0.1, "train": 0.7}
RULES = {
    "emps": (None, COMMON),
    "nanoshapes-tem": (nanoshapes_group, nanoshapes_family),
    "nanocomposite-sem": (specimen(r"(.*)_\d+$"), nanocomposite_family),
    "nasa-superalloy": (specimen(r"(spot\d+|[^_]+)"), {"test": 0.3, "val": 0.2, "train": 0.5}),
    "nasa-ebc": (specimen(r"([^_]+_\d+)"), {"test": 0.3, "val": 0.2, "train": 0.5}),
    "dsb2018-nuclei": (specimen(r"(.*)"), COMMON),
    "sage-soot-tem": (specimen(r"(.*)"), {"val": 0.3, "test": 0.7}),
}


SCALE_BAR_GROUPS = {
    "emps": None,
    "nanocomposite-sem": specimen(r"(.*)__\d+$"),
    "nanoshapes-tem": nanoshapes_group,
    "nffa-sem-scalebar": specimen(r"(.*)"),
    "sage-soot-tem": specimen(r"(.*)"),
}


def emps_articles(data: Path) -> dict[str, str]:
    """DOI of each EMPS image."""
    with open(data / "emps/images.csv", encoding="utf-8") as stream:
        return {row["stem"]: row["source_doi"] for row in csv.DictReader(stream)}


def grouped(names: list[str], group_of) -> dict[str, list[str]]:
    """Names by group."""
    groups = defaultdict(list)
    for name in names:
        groups[group_of(name)].append(name)
    return groups


def write_scale_bars(data: Path, out: Path) -> None:
    """Write val or test for every image of which the scale bar is known."""
    rows = []
    for dataset, group_of in SCALE_BAR_GROUPS.items():
        group_of = group_of or emps_articles(data).__getitem__
        with open(data / dataset / "scalebars.csv", encoding="utf-8") as stream:
            files = sorted(row["file"] for row in csv.DictReader(stream))
        groups = grouped([Path(file).stem for file in files], group_of)
        halves = by_share(groups, {"val": 0.5, "test": 0.5}, np.random.default_rng(SEED))
        for file in files:
            group = group_of(Path(file).stem)
            rows.append([dataset, file, halves[group], group])
    with open(out / "scale_bars.csv", "w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["dataset", "file", "split", "group"])
        writer.writerows(rows)


def main(arguments: Sequence[str] | None = None) -> None:
    """Write one CSV a dataset: name, split, group; and scale_bars.csv."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args(arguments)
    for dataset, (group_of, rule) in RULES.items():
        names = sorted(path.stem for path in (options.data / dataset / "images").iterdir())
        if group_of is None:
            group_of = emps_articles(options.data).__getitem__
        groups = grouped(names, group_of)
        rng = np.random.default_rng(SEED)
        split = by_family if callable(rule) else by_share
        parts = split(groups, rule, rng)
        with open(options.out / f"{dataset}.csv", "w", newline="", encoding="utf-8") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow(["name", "split", "group"])
            for name in names:
                writer.writerow([name, parts[group_of(name)], group_of(name)])
    write_scale_bars(options.data, options.out)


if __name__ == "__main__":
    main()
