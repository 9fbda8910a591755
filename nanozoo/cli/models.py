"""`nanozoo models`: what there is to choose from."""

from __future__ import annotations

import argparse

from nanozoo.cli.outcome import Outcome
from nanozoo.cli.report import import_keras

HELP = "list models, backbones, checkpoints, thresholding methods and losses"


def add_parser(commands: argparse._SubParsersAction) -> None:
    """Add the subcommand."""
    parser = commands.add_parser("models", help=HELP, description=HELP.capitalize() + ".")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> Outcome:
    """List the registries."""
    import_keras()
    import nanozoo.backbones
    import nanozoo.baselines
    import nanozoo.checkpoints
    import nanozoo.models
    import nanozoo.training.losses  # noqa: F401
    from nanozoo.core.registry import BACKBONES, BASELINES, CHECKPOINTS, LOSSES, MODELS

    registries = {
        "models": MODELS,
        "backbones": BACKBONES,
        "checkpoints": CHECKPOINTS,
        "methods": BASELINES,
        "losses": LOSSES,
    }
    listing = {
        title: [
            {
                "name": entry.name,
                "summary": entry.summary,
                "tags": list(entry.tags),
                "reference": entry.reference,
                "known_failures": entry.known_failures,
            }
            for entry in registry
        ]
        for title, registry in registries.items()
    }
    lines = []
    for title, entries in listing.items():
        lines.append(f"{title}:")
        width = max((len(entry["name"]) for entry in entries), default=0)
        lines += [f"  {entry['name']:{width}}  {entry['summary']}" for entry in entries]
    return Outcome(lines, listing)
