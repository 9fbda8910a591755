"""`nanozoo embed`: micrographs in, a map of what they are like out."""

from __future__ import annotations

import argparse
from pathlib import Path

from nanozoo.cli.outcome import Outcome
from nanozoo.cli.report import import_keras
from nanozoo.core.words import count_of

HELP = "place micrographs in the latent space of an autoencoder and compare their classes"


def add_parser(commands: argparse._SubParsersAction) -> None:
    """Add the subcommand."""
    parser = commands.add_parser(
        "embed",
        help=HELP,
        description="Describe each micrograph by a few numbers with a trained autoencoder. Writes "
        "the numbers (embeddings.csv), a map with thumbnails, the nearest neighbours, and for "
        "several classes distances between them and scores of classifiers; report.html says "
        "what each number is worth.",
    )
    add = parser.add_argument
    add(
        "paths",
        nargs="+",
        type=Path,
        metavar="PATH",
        help="image file, or a folder of images; each frame of a stack is an image. Of several "
        "folders each is a class",
    )
    add(
        "--checkpoint",
        required=True,
        metavar="NAME",
        help="autoencoder: a name of `nanozoo models`, or a folder",
    )
    add("--out", type=Path, required=True, metavar="DIR", help="results go here")
    add(
        "--labels",
        type=Path,
        metavar="CSV",
        help="columns file, class and, if known, group (micrograph, specimen or series)",
    )
    add(
        "--vector",
        choices=("mean", "sigma"),
        help="by which maps and neighbours go (default: sigma, where the checkpoint has it)",
    )
    add(
        "--neighbours",
        type=int,
        default=5,
        metavar="N",
        help="most neighbours of an image (default: 5)",
    )
    add(
        "--walk",
        action="store_true",
        help="draw images along the dimensions and from class to class, and what the dimensions "
        "look at",
    )
    add("--seed", type=int, default=0, help="seed of folds, probes and intervals (default: 0)")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> Outcome:
    """Embed and say what was found."""
    import_keras()
    from nanozoo.workflows.embed import embed_images

    result = embed_images(
        options.paths,
        options.checkpoint,
        options.out,
        labels=options.labels,
        vector=options.vector,
        neighbours=options.neighbours,
        walk=options.walk,
        seed=options.seed,
        progress=options.progress,
    )
    count, dimensions = result.embeddings.mean.shape
    lines = [f"{count_of(count, 'image')} embedded as {dimensions} numbers each"]
    if result.use is not None:
        lines.append(result.use.sentence)
    probes = []
    for (vector, probe), scores in result.compared.probes.items():
        one = scores.balanced_accuracy
        probes.append({"vector": vector, "probe": probe, "balanced_accuracy": one})
        lines.append(
            f"{vector:6} {probe:14} balanced accuracy {one.mean:.3f} [{one.low:.3f}, "
            f"{one.high:.3f}]"
        )
    facts = {
        "images": count,
        "dimensions": dimensions,
        "probes": probes,
        "written": result.written,
    }
    lines.append(f"start with {options.out / 'report.html'}")
    return Outcome(lines, facts, result.errors)
