"""What averages gain, and whether a network knows which images it fails on; print Markdown.

    python benchmarks/bench_averages.py --methods A A+flips A+B A+B+flips --data DIR

Scored are the completely labelled images of a part of EMPS, "val" unless said otherwise, with
networks that have not seen it. The expected error, by which `nanozoo propose-labels` sorts, is
compared with the true one, 1 - JSC, by Spearman's rank correlation [95% interval over images].
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from bench_cli import add_data, data_folder, write_report
from bench_detection import f1_50, part_of
from choose_inference import INCOMPLETE
from scipy.stats import bootstrap, spearmanr

from nanozoo.core.errors import UserError
from nanozoo.data.samples import Sample
from nanozoo.evaluate.bootstrap import RESAMPLES, bootstrap_mean, paired_difference
from nanozoo.evaluate.pixels import pixel_scores
from nanozoo.workflows.benchmark_methods import Network, find_methods
from nanozoo.workflows.propose_labels import expected_error
from nanozoo.workflows.shape_report import interval_text, markdown_table

COLUMNS = ("method", "JSC", "F1 at IoU 0.5", "JSC, minus the first", "rank correlation")


def scores(method: Network, samples: Sequence[Sample]) -> np.ndarray:
    """`(N, 3)`: JSC, F1 and expected error of every image."""
    rows = []
    for sample in samples:
        truth, found = sample.truth(), method.predictor.segment(sample.micrograph().pixels)
        jsc = pixel_scores(truth.semantic > 0, found.foreground).jsc
        f1 = f1_50(truth.instances, found.instances)
        rows.append((jsc, f1, expected_error(found.probability)))
        print(f"{method.name} {sample.name}: {jsc:.3f}", file=sys.stderr, flush=True)
    return np.array(rows)


def rank_correlation(expected: np.ndarray, true: np.ndarray, seed: int = 0) -> str:
    """Spearman's, with its 95% interval over images."""
    found = bootstrap(
        (expected, true),
        lambda one, other: spearmanr(one, other)[0],
        n_resamples=RESAMPLES,
        vectorized=False,
        paired=True,
        method="percentile",
        rng=seed,
    ).confidence_interval
    return f"{spearmanr(expected, true)[0]:.2f} [{found.low:.2f}, {found.high:.2f}]"


def main(arguments: Sequence[str] | None = None) -> int:
    """Score every method; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--methods", nargs="+", required=True, help="the first is compared with")
    add_data(parser)
    parser.add_argument("--part", choices=("val", "test"), default="val")
    parser.add_argument("--out", type=Path, default=Path("out/averages"))
    options = parser.parse_args(arguments)

    def work() -> str:
        methods = find_methods(options.methods)
        if not all(isinstance(method, Network) for method in methods):
            raise UserError(f"Expected networks. Received: methods={options.methods}")
        samples = [
            one for one in part_of(data_folder(options), "emps", options.part)
            if one.name not in INCOMPLETE
        ]  # fmt: skip
        rows, first = [], None
        for method in methods:
            found = scores(method, samples)
            first = found[:, 0] if first is None else first
            gain = paired_difference(found[:, 0], first, [one.name for one in samples])
            rows.append((
                method.name,
                *(interval_text(bootstrap_mean(column), 3) for column in found.T[:2]),
                f"{gain.mean:+.4f} [{gain.low:+.4f}, {gain.high:+.4f}]",
                rank_correlation(found[:, 2], 1 - found[:, 0]),
            ))  # fmt: skip
        head = f"EMPS, part {options.part}, {len(samples)} images.\n\n"
        return head + markdown_table(COLUMNS, rows)

    return write_report(options.out, work)


if __name__ == "__main__":
    sys.exit(main())
