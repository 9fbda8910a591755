"""Options that say what finds the particles, of several commands."""

from __future__ import annotations

import argparse

import nanozoo.baselines  # noqa: F401  (fills the registry)
from nanozoo.core.registry import BASELINES


def add_finder(parser: argparse.ArgumentParser) -> None:
    """Add `--checkpoint` or `--method`, and `--flips`."""
    how = parser.add_mutually_exclusive_group(required=True)
    how.add_argument(
        "--checkpoint",
        metavar="NAME",
        help="trained network: a name of `nanozoo models`, the folder that `nanozoo train` wrote, "
        "or several names joined by +, whose answers are averaged",
    )
    how.add_argument("--method", choices=BASELINES.names(), help="a method without a network")
    add_flips(parser)


def add_flips(parser: argparse.ArgumentParser) -> None:
    """Add `--flips`, None unless given."""
    parser.add_argument(
        "--flips",
        action="store_true",
        default=None,
        help="average what a network says over all turns and mirror images, which takes eight "
        "times as long",
    )


def add_scheduler(parser: argparse.ArgumentParser) -> None:
    """Add `--scheduler` and `--restart`."""
    parser.add_argument(
        "--scheduler",
        metavar="local|tcp://HOST:PORT",
        help="share the images out over the processor cores of this machine (local), or over the "
        "workers of a Dask scheduler, which must see the same folders",
    )
    parser.add_argument("--restart", action="store_true", help="do again what DIR holds already")
