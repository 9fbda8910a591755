"""`nanozoo models`: what there is to choose from."""

from __future__ import annotations

import argparse
import json

from nanozoo.cli.report import import_keras

HELP = "list models, backbones, checkpoints, thresholding methods and losses"


def add_parser(commands: argparse._SubParsersAction) -> None:
    """Add the subcommand."""
    parser = commands.add_parser("models", help=HELP, description=HELP.capitalize() + ".")
    parser.add_argument("--json", action="store_true", help="print JSON instead of text")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the registries."""
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
    if options.json:
        print(json.dumps(listing, indent=1))
        return 0
    for title, entries in listing.items():
        print(f"{title}:")
        width = max((len(entry["name"]) for entry in entries), default=0)
        for entry in entries:
            print(f"  {entry['name']:{width}}  {entry['summary']}")
    return 0
